package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mlango/internal/conf"
)

// good is the least file that holds; each case changes one thing of it.
const good = `name: gw1
data: ./data
short_codes: ["334"]
ledger: {node: 127.0.0.1:7401}
store: memory
operators:
  - name: safari
    home: 1
    prefixes: ["25472"]
    sender: M-WALLET
    ussd: {smpp: standard}
    binds:
      - {set: both, host: 127.0.0.1, system_id: mlango}
`

func load(t *testing.T, text string, production bool) (*Config, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "gateway.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := Load(path, production)
	if err == nil {
		return cfg, ""
	}
	var wrong conf.Errors
	if !errors.As(err, &wrong) {
		t.Fatalf("%v has no place", err)
	}
	return nil, strings.ReplaceAll(err.Error(), path, "F")
}

// TestDrainOutlivesEveryDeadline: a stop cuts no hop that may still be answered.
func TestDrainOutlivesEveryDeadline(t *testing.T) {
	cfg, wrong := load(t, strings.Replace(good, "store:", "deadline: 9s\nstore:", 1), false)
	if wrong != "" || cfg.drainHops() <= cfg.Deadline.D() {
		t.Errorf("%s; a stop waits %v", wrong, cfg.drainHops())
	}
}

func TestConfig(t *testing.T) {
	const second = "  - {name: airtel, home: 2, prefixes: [\"25473\"], sender: \"334\", ussd: {smpp: standard}, binds: [{set: both, host: 127.0.0.1, system_id: m}]}\n"
	for _, c := range []struct{ name, old, new, want string }{
		{"it holds", "", "", ""},
		{"two operators", good, good + second, ""},
		{"an unknown key", "name: gw1", "nmae: gw1", `F:1:1: the key "nmae" is not known here – did you mean "name"?`},
		{"a key twice", "store: memory", "store: memory\nstore: memory", `F:6:1: the key "store" is already on line 5 – remove one of the two`},
		{"no store", "store: memory\n", "", "F:1:1: nothing says where sessions live – write `redis:` with its `addrs:`, or `store: memory` for one gateway without Redis"},
		{"two stores", "store: memory", "store: memory\nredis: {addrs: [127.0.0.1:6379]}", "F:5:8: both store: and redis: are set – keep one"},
		{"a strange store", "store: memory", "store: disk", "F:5:8: \"disk\" is no store – write `store: memory`, or `redis:`"},
		{"redis without addrs", "store: memory", "redis: {db: 1}", "F:5:8: redis has no addrs – write addrs: [127.0.0.1:6379]"},
		{"Redis without a name", "name: gw1\n", "redis: {addrs: [127.0.0.1:6379]}\n", "F:1:8: gateways that share a Redis are told apart by their names, and this one has none – write name: gw1, another for each gateway\nF:5:8: both store: and redis: are set – keep one"},
		{"a name with spaces", "name: gw1", "name: gate way", `F:1:7: "gate way" is no name for a gateway – 1 to 16 of a-z, 0-9, - and _`},
		{"a short code with its star", `["334"]`, `["*334#"]`, `F:3:15: "*334#" is no short code – digits without * and # at the ends, as "334"`},
		{"an unquoted alias", `["334"]`, `[*334#]`, ""},
		{"no short code", `["334"]`, `[]`, `F:3:14: no short code is named – write short_codes: ["334"]`},
		{"a ledger far away without TLS", "127.0.0.1:7401", "10.0.0.5:7401", "F:4:16: a ledger on another machine is reached without TLS – add `tls:` with ca_file, cert_file and key_file"},
		{"a ledger without port", "127.0.0.1:7401", "localhost", `F:4:16: "localhost" is no address – write host:port, as 127.0.0.1:8080`},
		{"no dialect", "{smpp: standard}", "{}", "F:11:11: ussd names one dialect, over SMPP or over HTTP – write ussd: {smpp: standard} or ussd: {http: africastalking}"},
		{"an unknown dialect", "{smpp: standard}", "{smpp: morse}", `F:11:18: the dialect "morse" is not known – known: address, data_sm, mica, sixdee, smppplus, standard, tata, umr`},
		{"a dialect's file that is not there", "{smpp: standard}", "{smpp: /nowhere/acme.yaml}", ""},
		{"HTTP open to all", "name: gw1\n", "name: gw1\nlisten: 0.0.0.0:8080\n", ""},
		{"SMPP with allow", "{smpp: standard}", "{smpp: standard, allow: [10.0.0.1]}", "F:11:35: allow is for HTTP here – remove it; with role: smsc each bind has its own"},
		{"an odd network", "{smpp: standard}", "{http: africastalking, allow: [everybody]}", `F:11:42: "everybody" is no address and no network – as 203.0.113.7 or 203.0.113.0/24`},
		{"no SMS", "set: both", "set: ussd", "F:13:7: no bind carries SMS, so nobody would be told – add a bind with set: sms, or set: both, or a route for this home over another operator"},
		{"no USSD", "set: both", "set: sms", "F:13:7: no bind carries USSD – add a bind with set: ussd, or set: both"},
		{"a bind without password", "host: 127.0.0.1", "host: smsc.example", "F:13:9: a bind to another machine has no password – add password_env or password_file"},
		{"a secret that is not set", "system_id: mlango", "system_id: mlango, password_env: MLANGO_NO_SUCH", "F:13:71: the environment variable MLANGO_NO_SUCH is not set – set it before starting, readable by this user only"},
		{"a role that is not served", "    home: 1", "    role: hlr\n    home: 1", `F:8:11: role "hlr" is not served – write role: esme, we bind to the operator, or role: smsc, its USSD centre binds to us`},
		{"a home of nobody", "home: 1", "home: 0", "F:8:11: home is the operator's number, 1 to 1023 – the one its accounts were opened with"},
		{"a slow deadline", "name: gw1\n", "name: gw1\ndeadline: 30s\n", "F:2:11: a hop's deadline is 500ms to 9s – 4s suits most operators"},
		{"a deadline without unit", "name: gw1\n", "name: gw1\ndeadline: 4\n", `F:2:11: "4" is not a span of time – write a number with ms, s, m or h, as 4s or 250ms`},
		{"a zone by name", "name: gw1\n", "name: gw1\nzone: Africa/Nairobi\n", `F:2:7: the zone is written as hours from UTC – write it as "+03:00"`},
		{"a sender too long", "M-WALLET", "MOBILE-WALLET", `F:10:13: "MOBILE-WALLET" is no sender of SMS – up to 11 letters, or a number`},
		{"a version of SMPP", "system_id: mlango", "system_id: mlango, interface_version: 0x34", `F:13:76: "0x34" is no version of SMPP – write 3.3, 3.4 or 5.0`},
		{"the same home", good, good + strings.Replace(second, "home: 2", "home: 1", 1), "F:14:26: home 1 belongs to another operator – give each its own number"},
		{"the same name", good, good + strings.Replace(second, "airtel", "safari", 1), `F:14:12: the operator "safari" is named twice – give each its own name`},
		{"the same prefix", good, good + strings.Replace(second, "25473", "25472", 1), "F:14:40: the prefix 25472 stands twice – keep it at one operator"},
		{"a menu that is not there", "name: gw1\n", "name: gw1\nmenus: nowhere.yaml\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, got := load(t, strings.Replace(good, c.old, c.new, 1), false)
			switch c.name {
			case "an unquoted alias":
				if !strings.HasPrefix(got, "F:3:15: ") || !strings.Contains(got, "quotes") {
					t.Errorf("got %s", got)
				}
			case "a menu that is not there":
				if !strings.HasPrefix(got, "F:2:8: the menu's file cannot be read") {
					t.Errorf("got %s", got)
				}
			case "a dialect's file that is not there":
				if !strings.HasPrefix(got, "F:11:18: the dialect's file cannot be used") {
					t.Errorf("got %s", got)
				}
			default:
				if got != c.want {
					t.Errorf("got  %s\nwant %s", got, c.want)
				}
			}
		})
	}
}

func TestHTTPOperatorNeedsAllow(t *testing.T) {
	text := strings.Replace(good, "{smpp: standard}", "{http: africastalking}", 1)
	if _, got := load(t, text, false); got != "" {
		t.Errorf("on loopback: %s", got)
	}
	text = strings.Replace(text, "name: gw1\n", "name: gw1\nlisten: 0.0.0.0:8080\n", 1)
	want := "F:12:11: anybody who reaches 0.0.0.0:8080 could dial for any subscriber – add `allow:` with the aggregator's addresses, or listen on 127.0.0.1"
	if _, got := load(t, text, false); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	text = strings.Replace(text, "{http: africastalking}", "{http: africastalking, allow: [203.0.113.0/24]}", 1)
	if _, got := load(t, text, false); got != "" {
		t.Errorf("with allow: %s", got)
	}
}

func TestProduction(t *testing.T) {
	_, got := load(t, good, true)
	want := "F:1:1: menus are signed with this data folder's own demo keys, so that nobody stands behind them – name two persons or more: gateway menus key PERSON --out FILE prints the line\n" +
		"F:5:8: the memory store forgets every session with the process – write `redis:` with its `addrs:`\n" +
		"F:13:9: the bind has no password, or one that everybody knows – set password_env or password_file"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	t.Setenv("MLANGO_TEST_PASSWORD", "s3cr3t")
	text := strings.NewReplacer("store: memory", "redis: {addrs: [127.0.0.1:6379]}", "system_id: mlango", "system_id: mlango, password_env: MLANGO_TEST_PASSWORD").Replace(good) + approvers
	cfg, got := load(t, text, true)
	if got != "" || cfg.Operators[0].Binds[0].Password != "s3cr3t" {
		t.Errorf("got %s", got)
	}
	var out strings.Builder
	conf.Print(&out, cfg)
	if strings.Contains(out.String(), "s3cr3t") {
		t.Errorf("a secret was printed:\n%s", out.String())
	}
}

func TestDefaults(t *testing.T) {
	cfg, got := load(t, good, false)
	if got != "" {
		t.Fatal(got)
	}
	b := cfg.Operators[0].Binds[0]
	if b.Port != 2775 || b.Window != 10 || b.InterfaceVersion.String() != "3.4" || b.EnquireLink.String() != "30s" || b.Mode != "trx" ||
		cfg.Deadline.String() != "4s" || cfg.Zone.String() != "+03:00" || cfg.Operators[0].Role != "esme" || !filepath.IsAbs(cfg.Data) {
		t.Errorf("%+v", cfg)
	}
}
