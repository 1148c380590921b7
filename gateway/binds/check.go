package binds

import (
	"cmp"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"mlango/smpp"
)

// Check writes the defaults into o and returns what is wrong with it.
func (o *Operator) Check() []Fault {
	var faults []Fault
	if len(o.Binds) > maxEntries {
		faults = append(faults, Fault{"binds", fmt.Sprintf("%d entries", len(o.Binds)), fmt.Sprintf("keep at most %d", maxEntries)})
	}
	for i := range o.Binds {
		b := &o.Binds[i]
		b.defaults()
		for _, f := range b.faults() {
			f.Path = fmt.Sprintf("binds[%d].%s", i, f.Path)
			faults = append(faults, f)
		}
	}
	if api := slices.IndexFunc(o.Binds, func(b Bind) bool { return b.HTTP != "" }); api >= 0 {
		for i, b := range o.Binds {
			if b.HTTP != o.Binds[api].HTTP && b.Set != SetUSSD {
				faults = append(faults, Fault{fmt.Sprintf("binds[%d]", i), "SMS go both over an HTTP API and by another way", "make two operators of it, and a route via both"})
			}
		}
	}
	return faults
}

func (b *Bind) defaults() {
	port := defaultPort
	if b.TLS != nil {
		port = defaultTLSPort
	}
	b.Port = cmp.Or(b.Port, port)
	b.InterfaceVersion = cmp.Or(b.InterfaceVersion, defaultVersion)
	b.Mode = cmp.Or(b.Mode, defaultMode)
	if b.HTTP != "" {
		b.Mode, b.URL = smpp.TX.String(), cmp.Or(b.URL, tableAPIURLs[b.HTTP])
	}
	b.Binds = cmp.Or(b.Binds, 1)
	b.Window = cmp.Or(b.Window, defaultWindow)
	b.EnquireLink = cmp.Or(b.EnquireLink, defaultEnquire)
	b.ResponseTimeout = cmp.Or(b.ResponseTimeout, defaultResponse)
}

// faults asks one question a field; the defaults are in.
func (b *Bind) faults() []Fault {
	var faults []Fault
	ask := func(good bool, path, what, mend string) {
		if !good {
			faults = append(faults, Fault{path, what, mend})
		}
	}
	within := func(n, least, most int, path string) {
		ask(n >= least && n <= most, path, fmt.Sprintf("%d is out of bounds", n), fmt.Sprintf("give a number from %d to %d", least, most))
	}
	short := func(s string, most int, path string) {
		ask(len(s) <= most, path, fmt.Sprintf("%d octets are too long for SMPP", len(s)), fmt.Sprintf("give at most %d", most))
	}
	span := func(d time.Duration, path string) {
		ask(d >= leastTimer && d <= mostTimer, path, fmt.Sprintf("%v is out of bounds", d), fmt.Sprintf("give a time from %v to %v", leastTimer, mostTimer))
	}
	ask(slices.Contains([]Set{SetUSSD, SetSMS, SetBoth}, b.Set), "set", fmt.Sprintf("%q names no set of binds", b.Set), "give ussd, sms or both")
	within(b.Binds, 1, maxBindsEach, "binds")
	within(b.Window, 1, maxWindow, "window")
	within(b.PerSecond, 0, maxPerSecond, "per_second")
	span(b.EnquireLink, "enquire_link")
	span(b.ResponseTimeout, "response_timeout")
	ask(b.Inactivity == 0 || b.Inactivity >= leastInactivity && b.Inactivity <= mostInactivity, "inactivity", fmt.Sprintf("%v is out of bounds", b.Inactivity),
		fmt.Sprintf("give a time from %v to %v, or 0 for never", leastInactivity, mostInactivity))
	if b.TLS != nil {
		ask((b.TLS.CertFile == "") == (b.TLS.KeyFile == ""), "tls", "a certificate without its key, or a key without its certificate", "give cert_file and key_file, or neither")
	}
	if b.HTTP != "" {
		return append(faults, b.apiFaults()...)
	}
	ask(b.URL == "", "url", "a bind over SMPP has no URL", "write host: and port:, or http: with the aggregator's name")
	ask(b.Host != "", "host", "missing", "give the name or address of the operator's SMPP host")
	within(b.Port, 1, 65535, "port")
	ask(b.SystemID != "", "system_id", "missing", "give the account the operator assigned")
	short(b.SystemID, 15, "system_id")
	short(b.Password, 64, "password_env")
	short(b.SystemType, 12, "system_type")
	short(b.AddressRange, 40, "address_range")
	ask(slices.Contains([]int{0x33, 0x34, 0x50}, b.InterfaceVersion), "interface_version", fmt.Sprintf("%#x is no version of SMPP", b.InterfaceVersion), "give 0x33, 0x34 or 0x50")
	ask(slices.Contains([]string{"trx", "tx", "rx"}, b.Mode), "mode", fmt.Sprintf("%q is no mode", b.Mode), "give trx, tx or rx")
	return faults
}

// apiFaults asks about what only an HTTP API has.
func (b *Bind) apiFaults() (faults []Fault) {
	at, err := url.Parse(b.URL)
	switch {
	case tableAPIs[b.HTTP] == nil:
		return []Fault{{"http", fmt.Sprintf("%q is no HTTP SMS API that is spoken here", b.HTTP), "give " + strings.Join(APIs(), " or ")}}
	case b.Set != SetSMS:
		faults = append(faults, Fault{"set", "an HTTP SMS API carries SMS only", "write set: sms"})
	case b.Binds != 1:
		faults = append(faults, Fault{"binds", "an HTTP SMS API has connections as its window needs them", "remove it"})
	}
	if err != nil || at.Host == "" || at.Scheme != "https" && at.Scheme != "http" || at.RawQuery != "" || at.User != nil {
		faults = append(faults, Fault{"url", fmt.Sprintf("%q is not the address of an API", b.URL), "as https://xyz123.api.infobip.com"})
	} else if at.Scheme == "http" && !isLoopback(at.Hostname()) {
		faults = append(faults, Fault{"url", "the key would travel in the clear", "write https://"})
	}
	if b.HTTP == "africastalking" && b.SystemID == "" {
		faults = append(faults, Fault{"system_id", "missing", "give the username of the account"})
	}
	return faults
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
