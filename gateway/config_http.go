package main

import (
	"cmp"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"mlango/gateway/edge"
	"mlango/internal/conf"
	"mlango/internal/dialect"
)

// minSign is how long a secret that signs calls is at least, in bytes.
const minSign = 16

// Proof is how an aggregator shows that a call is its own, beside its address.
// What is set must all hold.
type Proof struct {
	Client   string `yaml:"client"`    // the name in its certificate, by an authority of listen_tls
	Login    string `yaml:"login"`     // the name in the dialect's login fields, with its password
	KeyEnv   string `yaml:"key_env"`   // what it sends in the dialect's key header
	KeyFile  string `yaml:"key_file"`  // the same, from a file
	SignEnv  string `yaml:"sign_env"`  // its calls are signed with this: see edge.SignatureHeader
	SignFile string `yaml:"sign_file"` // the same, from a file
	Key      string `yaml:"-" secret:"true"`
	Sign     string `yaml:"-" secret:"true"`

	PasswordEnv  string `yaml:"password_env"` // of the login
	PasswordFile string `yaml:"password_file"`
	Password     string `yaml:"-" secret:"true"`
}

// Push is where an aggregator takes screens that nobody dialled for.
type Push struct {
	URL     string `yaml:"url"`
	KeyEnv  string `yaml:"key_env"`  // what we send in the dialect's key header
	KeyFile string `yaml:"key_file"` // the same, from a file
	Key     string `yaml:"-" secret:"true"`
}

// opens tells whether a dialogue can be opened over HTTP: at most aggregators nobody is
// reached who did not dial.
func (u *USSD) opens() bool {
	d, err := dialect.OverHTTP(u.HTTP)
	if err != nil || u.Push == nil {
		return false
	}
	open, _ := d.Pushes()
	return open
}

// check holds it to a dialect that can, and to a way on which the key stays ours.
func (p *Push) check(doc *conf.Doc, at string, d *dialect.HTTP) {
	if open, notify := d.Pushes(); !open && !notify {
		doc.Fail(at, fmt.Sprintf("over the dialect %s nothing is opened", d.Name), "remove it")
	}
	switch to, err := url.Parse(p.URL); {
	case err != nil || to.Host == "" || to.Scheme != "https" && to.Scheme != "http" || to.User != nil:
		doc.Fail(at+".url", fmt.Sprintf("%q is not the address of an API", p.URL), "as https://api.mtn.com/v1/messages/ussd/outbound")
	case to.Scheme == "http" && !loopback(to.Host):
		doc.Fail(at+".url", "screens and the key would travel in the clear", "write https://")
	}
	if p.Key != "" && d.Key == "" {
		doc.Fail(at+".key_env", fmt.Sprintf("the dialect %s has no header for a key", d.Name), "remove it")
	}
}

// names tells whether the proof says who calls, whatever the address.
func (p *Proof) names() bool { return p != nil && (p.Client != "" || p.Sign != "") }

// guard is the proof as the door asks for it.
func (p *Proof) guard() edge.Guard {
	if p == nil {
		return edge.Guard{}
	}
	return edge.Guard{Client: p.Client, Key: p.Key, Login: p.Login, Password: p.Password, Secret: []byte(p.Sign)}
}

// checkHTTP says what is wrong with a dialect over HTTP and its proof.
func (c *Config) checkHTTP(doc *conf.Doc, at string, u *USSD) {
	var d *dialect.HTTP
	switch {
	case dialect.IsFile(u.HTTP) || slices.Contains(dialect.Names("http"), u.HTTP):
		var err error
		if d, err = dialect.OverHTTP(u.HTTP); err != nil {
			doc.Fail(at+".ussd.http", "the dialect's file cannot be used: "+err.Error(), "mend it; the built-in ones are "+strings.Join(dialect.Names("http"), ", "))
		}
	default:
		doc.Fail(at+".ussd.http", fmt.Sprintf("the dialect %q is not known", u.HTTP), "known: "+strings.Join(dialect.Names("http"), ", "))
	}
	if d != nil && u.Proof != nil {
		c.checkProof(doc, at+".ussd.proof", u.Proof, d)
	}
	if d != nil && u.Push != nil {
		u.Push.check(doc, at+".ussd.push", d)
	}
	if len(u.Allow) == 0 && !loopback(c.Listen) && !u.Proof.names() {
		doc.Fail(at+".ussd", fmt.Sprintf("anybody who reaches %s could dial for any subscriber", c.Listen), "add `allow:` with the aggregator's addresses, or listen on 127.0.0.1")
	}
}

func (c *Config) checkProof(doc *conf.Doc, at string, p *Proof, d *dialect.HTTP) {
	switch {
	case p.Client == "" && p.Key == "" && p.Sign == "" && p.Login == "" && p.Password == "":
		doc.Fail(at, "the proof asks for nothing", "write client:, sign_env:, login: or key_env:, or remove it")
	case (p.Login == "") != (p.Password == ""):
		doc.Fail(at, "a login is a name and a password", "write login: and password_env: or password_file:, or neither")
	case p.Login != "" && len(d.Logins) == 0:
		doc.Fail(at+".login", fmt.Sprintf("the dialect %s has no fields for a login", d.Name), "use client: or sign_env:")
	case p.Client != "" && (c.ListenTLS == nil || c.ListenTLS.CAFile == ""):
		doc.Fail(at+".client", "no certificate is asked for at the door", "add `listen_tls:` with cert_file, key_file and the ca_file of its clients")
	case p.Key != "" && d.Key == "":
		doc.Fail(at, fmt.Sprintf("the dialect %s has no header for a key", d.Name), "use client: or sign_env:")
	case p.Sign != "" && len(p.Sign) < minSign:
		doc.Fail(at, fmt.Sprintf("the secret that signs has less than %d bytes", minSign), "make a longer one, as by `openssl rand -hex 32`")
	}
}

// checkListenTLS holds the door's certificate to what it must be.
func (c *Config) checkListenTLS(doc *conf.Doc) {
	if c.ListenTLS == nil {
		return
	}
	if c.ListenTLS.CertFile == "" || c.ListenTLS.KeyFile == "" {
		doc.Fail("listen_tls", "the door has no certificate", "name cert_file and key_file")
		return
	}
	if _, err := c.ListenTLS.forHTTP(); err != nil {
		doc.Fail("listen_tls", err.Error(), "name readable PEM files")
	}
}

// forHTTP is the configuration of the HTTP door. Who shows a certificate must have
// one of ca_file; who needs one, each operator says.
func (t *TLS) forHTTP() (*tls.Config, error) {
	cfg, err := t.load()
	if cfg == nil || err != nil {
		return nil, err
	}
	cfg.MinVersion = tls.VersionTLS12 // aggregators' clients are old
	if cfg.RootCAs != nil {
		cfg.ClientCAs, cfg.ClientAuth = cfg.RootCAs, tls.VerifyClientCertIfGiven
	}
	return cfg, nil
}

// secure puts TLS on the HTTP door, where the file says so.
func (t *TLS) secure(ln net.Listener) (net.Listener, error) {
	cfg, err := t.forHTTP()
	if cfg == nil || err != nil {
		return ln, err
	}
	return tls.NewListener(ln, cfg), nil
}

// checkReports asks for what keeps strangers from reporting on our SMS.
func (c *Config) checkReports(doc *conf.Doc, at string, b *Bind) {
	if len(b.Allow) == 0 && !loopback(c.Listen) {
		doc.Fail(at, fmt.Sprintf("anybody who reaches %s could report on our SMS", c.Listen), "add `allow:` with the addresses the aggregator posts delivery reports from, or listen on 127.0.0.1")
	}
	for k, a := range b.Allow {
		if _, err := parseNet(a); err != nil {
			doc.Fail(fmt.Sprintf("%s.allow[%d]", at, k), fmt.Sprintf("%q is no address and no network", a), "as 203.0.113.7 or 203.0.113.0/24")
		}
	}
}

// host is the machine that a bind of ours goes to.
func (b *Bind) host() string {
	host, _, _ := net.SplitHostPort(b.addr())
	return host
}

// addr is where a bind of ours goes to.
func (b *Bind) addr() string {
	if b.HTTP == "" {
		return b.listen()
	}
	at, err := url.Parse(b.URL)
	if err != nil {
		return ""
	}
	port := map[string]string{"http": "80", "https": "443"}[at.Scheme]
	return net.JoinHostPort(at.Hostname(), cmp.Or(at.Port(), port))
}

// reportsFrom tells whether an operator's aggregator posts delivery reports, and
// from where.
func (o *Operator) reportsFrom() (from []netip.Prefix, posts bool, err error) {
	for i := range o.Binds {
		if o.Binds[i].HTTP == "" {
			continue
		}
		posts = true
		for _, a := range o.Binds[i].Allow {
			p, err := parseNet(a)
			if err != nil {
				return nil, false, err
			}
			from = append(from, p)
		}
	}
	return from, posts, nil
}
