package binds

import (
	"strings"
	"testing"
	"time"
)

func TestDefaults(t *testing.T) {
	o := Operator{Name: "safari", Binds: []Bind{
		{Set: SetBoth, Host: "smsc", SystemID: "x"},
		{Set: SetSMS, Host: "smsc", SystemID: "x", TLS: &TLS{}},
	}}
	if faults := o.Check(); len(faults) != 0 {
		t.Fatal(faults)
	}
	b := o.Binds[0]
	if b.Port != 2775 || o.Binds[1].Port != 3550 || b.Window != 10 || b.Binds != 1 || b.Mode != "trx" || b.InterfaceVersion != 0x34 ||
		b.EnquireLink != 30*time.Second || b.ResponseTimeout != 10*time.Second || b.PerSecond != 0 {
		t.Errorf("%+v", b)
	}
}

func TestCheckSaysWhatWhereAndHow(t *testing.T) {
	for path, spoil := range map[string]func(*Bind){
		"set":               func(b *Bind) { b.Set = "mms" },
		"host":              func(b *Bind) { b.Host = "" },
		"port":              func(b *Bind) { b.Port = 70000 },
		"system_id":         func(b *Bind) { b.SystemID = strings.Repeat("x", 16) },
		"password_env":      func(b *Bind) { b.Password = strings.Repeat("x", 65) },
		"system_type":       func(b *Bind) { b.SystemType = strings.Repeat("x", 13) },
		"address_range":     func(b *Bind) { b.AddressRange = strings.Repeat("x", 41) },
		"interface_version": func(b *Bind) { b.InterfaceVersion = 34 },
		"mode":              func(b *Bind) { b.Mode = "transceiver" },
		"binds":             func(b *Bind) { b.Binds = 17 },
		"window":            func(b *Bind) { b.Window = -1 },
		"per_second":        func(b *Bind) { b.PerSecond = -1 },
		"enquire_link":      func(b *Bind) { b.EnquireLink = time.Hour },
		"response_timeout":  func(b *Bind) { b.ResponseTimeout = time.Millisecond },
		"inactivity":        func(b *Bind) { b.Inactivity = time.Millisecond },
		"tls":               func(b *Bind) { b.TLS = &TLS{CertFile: "x"} },
	} {
		o := Operator{Binds: []Bind{{Set: SetUSSD, Host: "h", SystemID: "x"}, {Set: SetSMS, Host: "h", SystemID: "x"}}}
		spoil(&o.Binds[1])
		faults := o.Check()
		if len(faults) != 1 || faults[0].Path != "binds[1]."+path || faults[0].What == "" || faults[0].Mend == "" {
			t.Errorf("%s: %+v", path, faults)
		}
		if _, err := New(Config{Operators: []Operator{o}}, nil); err == nil {
			t.Errorf("%s: a pool was made", path)
		}
	}
	o := Operator{Name: "x", Binds: []Bind{{Set: SetUSSD, Host: "h", SystemID: "x", TLS: &TLS{CAFile: "/nowhere"}}}}
	if _, err := New(Config{Operators: []Operator{o}}, nil); err == nil {
		t.Error("a CA file that is not there")
	}
}
