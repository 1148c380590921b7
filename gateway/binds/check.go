package binds

import (
	"cmp"
	"fmt"
	"slices"
	"time"
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
	ask(b.Host != "", "host", "missing", "give the name or address of the operator's SMPP host")
	within(b.Port, 1, 65535, "port")
	ask(b.SystemID != "", "system_id", "missing", "give the account the operator assigned")
	short(b.SystemID, 15, "system_id")
	short(b.Password, 64, "password_env")
	short(b.SystemType, 12, "system_type")
	short(b.AddressRange, 40, "address_range")
	ask(slices.Contains([]int{0x33, 0x34, 0x50}, b.InterfaceVersion), "interface_version", fmt.Sprintf("%#x is no version of SMPP", b.InterfaceVersion), "give 0x33, 0x34 or 0x50")
	ask(slices.Contains([]string{"trx", "tx", "rx"}, b.Mode), "mode", fmt.Sprintf("%q is no mode", b.Mode), "give trx, tx or rx")
	within(b.Binds, 1, maxBindsEach, "binds")
	within(b.Window, 1, maxWindow, "window")
	within(b.PerSecond, 0, maxPerSecond, "per_second")
	span(b.EnquireLink, "enquire_link")
	span(b.ResponseTimeout, "response_timeout")
	if b.TLS != nil {
		ask((b.TLS.CertFile == "") == (b.TLS.KeyFile == ""), "tls", "a certificate without its key, or a key without its certificate", "give cert_file and key_file, or neither")
	}
	return faults
}
