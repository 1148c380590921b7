package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"mlango/internal/msisdn"
	"mlango/simulator/operator"
)

// target is somebody's own service: where hops go, and how.
type target struct {
	url      *url.URL
	smpp     bool
	systemID string // that our USSD centre binds as
	dialect  string
	http     string // the URL for the HTTP door, its dialect included
}

// defaultSMPPPort is registered for SMPP.
const defaultSMPPPort = "2775"

// readTarget reads smpp://ID@HOST:2775?dialect=tata or https://…?dialect=hubtel.
func readTarget(typed string) (t target, err error) {
	t.url, err = url.Parse(typed)
	if err != nil || t.url.Host == "" || !slices.Contains([]string{"smpp", "http", "https"}, t.url.Scheme) {
		return t, fmt.Errorf("%q is no target: write smpp://ID@HOST:2775?dialect=tata or https://HOST/ussd?dialect=africastalking", typed)
	}
	t.smpp, t.dialect = t.url.Scheme == "smpp", t.url.Query().Get("dialect")
	if err := operator.KnowsDialect(!t.smpp, t.dialect); err != nil {
		return t, fmt.Errorf("%q: %w", typed, err)
	}
	if _, secret := t.url.User.Password(); secret {
		return t, errors.New("a password in a URL is seen by everybody on this machine: put it into a file, --password-file FILE")
	}
	if !t.smpp {
		t.http = typed
		return t, nil
	}
	if t.systemID = t.url.User.Username(); t.systemID == "" || len(t.systemID) > 15 {
		return t, fmt.Errorf("%q names no system_id: write smpp://ID@HOST:2775, an ID of 1 to 15 characters", typed)
	}
	if t.url.Port() == "" {
		t.url.Host = net.JoinHostPort(t.url.Hostname(), defaultSMPPPort)
	}
	return t, nil
}

// mine refuses another machine, unless somebody said twice whose it is.
func (t target) mine(said string) error {
	host := t.url.Hostname()
	if isLoopback(host) || said == host {
		return nil
	}
	return fmt.Errorf("%s is not this machine: dialling there without its owner's word is an attack – if it is yours, add --yes-this-is-my-network %s", host, host)
}

// addr is host:port.
func (t target) addr() string {
	if t.url.Port() != "" {
		return t.url.Host
	}
	return net.JoinHostPort(t.url.Hostname(), map[string]string{"http": "80", "https": "443"}[t.url.Scheme])
}

// numbersIn reads a range of numbers: FROM-TO, both included.
func numbersIn(typed string) (from uint64, count int, err error) {
	a, b, dash := strings.Cut(typed, "-")
	first, err1 := strconv.ParseUint(a, 10, 64)
	last, err2 := strconv.ParseUint(b, 10, 64)
	if !dash || err1 != nil || err2 != nil || !msisdn.Valid(a) || !msisdn.Valid(b) || len(a) != len(b) || last < first {
		return 0, 0, fmt.Errorf("--msisdn-range %q: write two whole numbers of one length, such as 254700000000-254700000999", typed)
	}
	return first, int(last - first + 1), nil
}
