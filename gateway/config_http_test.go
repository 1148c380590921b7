package main

import (
	"net"
	"os"
	"strings"
	"testing"
)

const overHTTP = "{http: mtn, allow: [203.0.113.7], proof: {key_env: MLANGO_TEST_KEY, sign_env: MLANGO_TEST_SIGN}}"

func TestHTTPProof(t *testing.T) {
	t.Setenv("MLANGO_TEST_KEY", "the key")
	t.Setenv("MLANGO_TEST_SIGN", "sixteen bytes and more")
	t.Setenv("MLANGO_TEST_SHORT", "short")
	base := strings.Replace(good, "{smpp: standard}", overHTTP, 1)
	far := strings.Replace(base, "name: gw1\n", "name: gw1\nlisten: 0.0.0.0:8080\n", 1)
	cfg, wrong := load(t, far, false)
	if wrong != "" {
		t.Fatal(wrong)
	}
	o, err := cfg.Operators[0].edge()
	if err != nil || o.Guard.Key != "the key" || string(o.Guard.Secret) != "sixteen bytes and more" || len(o.Allow) != 1 {
		t.Errorf("%+v, %v", o.Guard, err)
	}
	for _, c := range []struct{ name, file, old, new, want string }{
		{"signed calls need no allow", far, ", allow: [203.0.113.7]", "", ""},
		{"a key alone does not say who calls", far, ", allow: [203.0.113.7], proof: {key_env: MLANGO_TEST_KEY, sign_env: MLANGO_TEST_SIGN}", ", proof: {key_env: MLANGO_TEST_KEY}", "anybody who reaches 0.0.0.0:8080"},
		{"an empty proof", base, "{key_env: MLANGO_TEST_KEY, sign_env: MLANGO_TEST_SIGN}", "{client: ''}", "the proof asks for nothing"},
		{"a short secret", base, "MLANGO_TEST_SIGN", "MLANGO_TEST_SHORT", "less than 16 bytes"},
		{"a secret that is not set", base, "MLANGO_TEST_SIGN", "MLANGO_NO_SUCH", "MLANGO_NO_SUCH is not set"},
		{"a key where the dialect has none", base, "http: mtn", "http: hubtel", "hubtel has no header for a key"},
		{"a certificate nobody asks for", base, "proof: {", "proof: {client: relay.example, ", "no certificate is asked for at the door"},
		{"a login without a password", base, "sign_env: MLANGO_TEST_SIGN", "login: airtel", "a login is a name and a password"},
		{"a login where the dialect has none", base, "sign_env: MLANGO_TEST_SIGN", "login: airtel, password_env: MLANGO_TEST_KEY", "mtn has no fields for a login"},
		{"proof over SMPP", base, "http: mtn, allow: [203.0.113.7]", "smpp: standard", "proof is for HTTP"},
		{"a door without certificate", base, "name: gw1\n", "name: gw1\nlisten_tls: {ca_file: ca.pem}\n", "the door has no certificate"},
		{"a certificate that is not there", base, "name: gw1\n", "name: gw1\nlisten_tls: {cert_file: a.pem, key_file: a.key}\n", "name readable PEM files"},
		{"a push", base, "allow: [203", "push: {url: 'https://api.mtn.example/v1/messages/ussd/outbound', key_env: MLANGO_TEST_KEY}, allow: [203", ""},
		{"a push in the clear", base, "allow: [203", "push: {url: 'http://api.mtn.example/out'}, allow: [203", "screens and the key would travel in the clear"},
		{"a push to nowhere", base, "allow: [203", "push: {url: outbound}, allow: [203", `"outbound" is not the address of an API`},
		{"a push where the dialect has none", base, "http: mtn, allow: [203.0.113.7], proof: {key_env: MLANGO_TEST_KEY, sign_env", "http: hubtel, push: {url: 'https://x.example/'}, allow: [203.0.113.7], proof: {sign_env", "over the dialect hubtel nothing is opened"},
		{"a push over SMPP", base, overHTTP, "{smpp: standard, push: {url: 'https://x.example/'}}", "push is for HTTP"},
		{"an unknown dialect", base, "http: mtn", "http: mtm", `the dialect "mtm" is not known`},
		{"a dialect's file that is not there", base, "http: mtn", "http: ./mtn.yaml", "the dialect's file cannot be used"},
	} {
		if _, got := load(t, strings.Replace(c.file, c.old, c.new, 1), false); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}

// TestHTTPLoginProof: a login reaches the door, and is shown to nobody.
func TestHTTPLoginProof(t *testing.T) {
	t.Setenv("MLANGO_TEST_KEY", "the key")
	cfg, wrong := load(t, strings.Replace(good, "{smpp: standard}", "{http: airtel, proof: {login: flares, password_env: MLANGO_TEST_KEY}}", 1), false)
	if wrong != "" {
		t.Fatal(wrong)
	}
	if o, err := cfg.Operators[0].edge(); err != nil || o.Guard.Login != "flares" || o.Guard.Password != "the key" {
		t.Errorf("%+v, %v", o.Guard, err)
	}
}

// TestHTTPDialectOfAFile: an aggregator nobody knew is a file and nothing else.
func TestHTTPDialectOfAFile(t *testing.T) {
	path := t.TempDir() + "/acme.yaml"
	src := `name: acme
units: {septets: 160, ucs2: 80}
request:
  methods: [POST]
  types: [application/json]
  begin: ['{"s":"$session","m":"$msisdn","c":"$code","new":true}']
  input: ['{"s":"$session","m":"$msisdn","t":"$text","new":false}']
reply: {type: application/json, continue: '{"t":"$text","go":true}', end: '{"t":"$text","go":false}'}
`
	if err := os.WriteFile(path, []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, wrong := load(t, strings.Replace(good, "{smpp: standard}", "{http: "+path+"}", 1), false)
	if wrong != "" {
		t.Fatal(wrong)
	}
	if o, err := cfg.Operators[0].edge(); err != nil || o.HTTP.Name != "acme" {
		t.Errorf("%+v, %v", o, err)
	}
}

func TestSecureListener(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	if same, err := (*TLS)(nil).secure(ln); same != ln || err != nil {
		t.Errorf("without TLS: %v, %v", same, err)
	}
	if _, err := (&TLS{CertFile: "nowhere.pem", KeyFile: "nowhere.key"}).secure(ln); err == nil {
		t.Error("a certificate that is not there")
	}
}
