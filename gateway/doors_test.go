package main

import (
	"strings"
	"testing"
	"time"

	"mlango/smpp"
)

// theirs is an operator whose USSD centre binds to us.
const theirs = `name: gw1
data: ./data
short_codes: ["334"]
ledger: {node: 127.0.0.1:7401}
store: memory
operators:
  - name: safari
    role: smsc
    home: 1
    prefixes: ["25472"]
    sender: M-WALLET
    ussd: {smpp: tata}
    binds:
      - {set: ussd, host: 127.0.0.1, system_id: ussdc, password_env: MLANGO_TEST_USSDC, allow: [10.1.2.0/24, 127.0.0.1]}
      - {set: sms, host: 127.0.0.1, system_id: mlango}
`

func TestRoleSMSC(t *testing.T) {
	t.Setenv("MLANGO_TEST_USSDC", "s3cret")
	for _, c := range []struct{ name, old, new, want string }{
		{"good", "", "", ""},
		{"no password", "password_env: MLANGO_TEST_USSDC, ", "", "F:14:9: anybody could bind as the operator's USSD centre: it has no password – add password_env or password_file"},
		{"an empty password", "MLANGO_TEST_USSDC", "MLANGO_TEST_EMPTY", ""},
		{"no allow", ", allow: [10.1.2.0/24, 127.0.0.1]", "", "F:14:9: anybody who reaches us could bind as the operator's USSD centre – add `allow:` with the addresses it binds from"},
		{"an odd network", "10.1.2.0/24", "10.1.2.0/99", `F:14:97: "10.1.2.0/99" is no address and no network – as 203.0.113.7 or 203.0.113.0/24`},
		{"both at one", "set: sms", "set: both", "F:15:15: with role: smsc the USSD centre binds to us, and its SMSC does not – write set: ussd for the one, set: sms for a bind to the other"},
		{"allow where we bind", "system_id: mlango", "system_id: mlango, allow: [10.0.0.1]", "F:15:63: allow is for who binds to us, or posts delivery reports – remove it, or write role: smsc"},
		{"over HTTP", "{smpp: tata}", "{http: africastalking}", "F:8:11: role: smsc is for USSD over SMPP – write ussd: {smpp: standard}, or role: esme"},
		{"TLS without a certificate", "system_id: ussdc", "system_id: ussdc, tls: {}", "F:14:61: who is bound to shows a certificate, and this has none – add cert_file and key_file; ca_file asks for the operator's own"},
		{"TLS for one of two", "      - {set: sms", "      - {set: ussd, host: 127.0.0.1, system_id: second, port: 2775, password_env: MLANGO_TEST_USSDC, allow: [127.0.0.1],\n         tls: {}}\n      - {set: sms",
			"F:15:9: another account at 127.0.0.1:2775 has other tls: – write the same, or use another port\n" +
				"F:16:15: who is bound to shows a certificate, and this has none – add cert_file and key_file; ca_file asks for the operator's own"},
		{"a guard where we bind", "system_id: mlango", "system_id: mlango, addr_pace: 5", "F:15:9: lockout and addr_pace are for who binds to us – remove them, or write role: smsc"},
		{"an odd lock-out", "system_id: ussdc", "system_id: ussdc, lockout: {wrong: -2}", "F:14:65: wrong is -1 to 10000, wrong_addr 0 to 10000 – leave them out for 5 and 50"},
		{"an odd pace", "system_id: ussdc", "system_id: ussdc, addr_pace: -2", "F:14:67: -1 to 100000 connections a second – leave it out for 10"},
		{"a guard for one of two", "      - {set: sms", "      - {set: ussd, host: 127.0.0.1, system_id: second, port: 2775, password_env: MLANGO_TEST_USSDC, allow: [127.0.0.1], addr_pace: 7}\n      - {set: sms",
			"F:15:9: another account at 127.0.0.1:2775 has another lockout: or addr_pace: – write the same, or use another port"},
		{"an account twice", "      - {set: sms", "      - {set: ussd, host: 127.0.0.1, system_id: ussdc, password_env: MLANGO_TEST_USSDC, allow: [127.0.0.1]}\n      - {set: sms",
			`F:15:49: "ussdc" binds to 127.0.0.1:2775 twice – give each its own system_id, or another port`},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg, got := load(t, strings.Replace(theirs, c.old, c.new, 1), false)
			if c.name == "an empty password" {
				t.Setenv("MLANGO_TEST_EMPTY", "")
				if got == "" {
					t.Error("an empty password is one")
				}
				return
			}
			if got != c.want {
				t.Fatalf("got  %s\nwant %s", got, c.want)
			}
			if got != "" {
				return
			}
			o := &cfg.Operators[0]
			doors, err := o.doors()
			if err != nil || len(doors) != 1 || doors[0].Listen != "127.0.0.1:2775" || doors[0].Password != "s3cret" || len(doors[0].Allow) != 2 {
				t.Errorf("doors %+v, %v", doors, err)
			}
			if ours := o.bindsConfig().Binds; len(ours) != 1 || ours[0].Set != "sms" {
				t.Errorf("we bind by %+v", ours)
			}
		})
	}
}

// TestDoorGuards: lock-out, pace and the inactivity timer reach the door as they are written.
func TestDoorGuards(t *testing.T) {
	t.Setenv("MLANGO_TEST_USSDC", "s3cret")
	cfg, bad := load(t, strings.Replace(theirs, "system_id: ussdc", "system_id: ussdc, lockout: {wrong: 3, wrong_addr: 20, for: 5m}, addr_pace: 7, inactivity: 20m", 1), false)
	if bad != "" {
		t.Fatal(bad)
	}
	doors, err := cfg.Operators[0].doors()
	if want := (smpp.Lockout{Wrong: 3, WrongAddr: 20, For: 5 * time.Minute}); err != nil || doors[0].Lockout != want || doors[0].AddrPace != 7 || doors[0].Inactivity != 20*time.Minute {
		t.Errorf("doors %+v, %v", doors, err)
	}
}
