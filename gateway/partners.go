package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"mlango/gateway/approval"
	"mlango/gateway/dialog"
	"mlango/gateway/edge"
	"mlango/internal/cli"
	"mlango/internal/conf"
)

// maxPartners bounds who may ask.
const maxPartners = 1000

// partPartners is how the partners' door is called among the parts.
const partPartners = "partners"

// tableSign is the number on a till's or paybill's sign.
var tableSign = regexp.MustCompile(`^[0-9]{1,15}$`)

// Partners may ask subscribers to approve payments to them.
type Partners struct {
	Listen string    `yaml:"listen"` // POST /approvals/{name}, GET /approvals/{name}/{request}
	TLS    *TLS      `yaml:"tls"`    // needed off this machine; ca_file: of partners that show a certificate
	Who    []Partner `yaml:"who"`
}

// Partner is one of them: a till or a paybill, the only one that it can ask for.
type Partner struct {
	Name      string `yaml:"name"`
	Till      string `yaml:"till"`
	Paybill   string `yaml:"paybill"`
	SignEnv   string `yaml:"sign_env"`  // its calls are signed with this: see edge.SignatureHeader
	SignFile  string `yaml:"sign_file"` // the same, from a file
	Client    string `yaml:"client"`    // the name in its certificate, by an authority of tls
	PerMinute int    `yaml:"per_minute"`
	Sign      string `yaml:"-" secret:"true"`
}

// partnerPaths are the fields that name files.
func (c *Config) partnerPaths() (out []*string) {
	if c.Partners == nil {
		return nil
	}
	for i := range c.Partners.Who {
		out = append(out, &c.Partners.Who[i].SignFile)
	}
	return out
}

// checkPartners fetches their secrets and says what is wrong.
func (c *Config) checkPartners(doc *conf.Doc) {
	p := c.Partners
	if p == nil {
		return
	}
	if p.Listen == "" {
		p.Listen = "127.0.0.1:8082"
	}
	checkAddr(doc, "partners.listen", p.Listen)
	if p.TLS == nil && !loopback(p.Listen) {
		doc.Fail("partners.listen", "who asks whom for money would cross the network in clear", "add tls: {cert_file: …, key_file: …}, or listen on 127.0.0.1")
	}
	if p.TLS != nil && (p.TLS.CertFile == "" || p.TLS.KeyFile == "") {
		doc.Fail("partners.tls", "the door has no certificate", "name cert_file and key_file")
	} else if _, err := p.TLS.forHTTP(); err != nil {
		doc.Fail("partners.tls", err.Error(), "name readable PEM files")
	}
	if n := len(p.Who); n == 0 || n > maxPartners {
		doc.Fail("partners.who", fmt.Sprintf("1 to %d partners are named", maxPartners), `add {name: mama, till: "500001", sign_env: MAMA_SECRET}, or remove partners`)
	}
	for i := range p.Who {
		one, at := &p.Who[i], fmt.Sprintf("partners.who[%d]", i)
		one.check(doc, at, p.TLS)
		if slices.ContainsFunc(p.Who[:i], func(o Partner) bool { return o.Name == one.Name }) {
			doc.Fail(at+".name", fmt.Sprintf("the partner %q is named twice", one.Name), "give each its own name")
		}
	}
}

func (p *Partner) check(doc *conf.Doc, at string, secure *TLS) {
	b, err := conf.Secret(p.SignEnv, p.SignFile)
	if err != nil {
		doc.Fail(at+".sign_env", strings.TrimPrefix(err.Error(), "conf: "), "set it before starting, readable by this user only")
	}
	p.Sign = string(b)
	switch {
	case !tableName.MatchString(p.Name):
		doc.Fail(at+".name", fmt.Sprintf("%q is no name for a partner", p.Name), "1 to 16 of a-z, 0-9, - and _")
	case (p.Till == "") == (p.Paybill == "") || !tableSign.MatchString(p.Till+p.Paybill):
		doc.Fail(at, "a partner is paid at one till or one paybill", `write till: "500001", or paybill: "400200"`)
	case p.SignEnv == "" && p.SignFile == "" && p.Client == "":
		doc.Fail(at, "anybody who reaches the door could ask in its name", "add sign_env: or sign_file:, or client: with the name in its certificate")
	case p.Sign != "" && len(p.Sign) < minSign:
		doc.Fail(at, fmt.Sprintf("the secret that signs has less than %d bytes", minSign), "make a longer one, as by `openssl rand -hex 32`")
	case p.Client != "" && (secure == nil || secure.CAFile == ""):
		doc.Fail(at+".client", "no certificate is asked for at the door", "add ca_file to partners.tls")
	case p.PerMinute < 0 || p.PerMinute > approval.MaxPerMinute:
		doc.Fail(at+".per_minute", fmt.Sprintf("1 to %d calls a minute", approval.MaxPerMinute), fmt.Sprintf("leave it out for %d", approval.PerMinute))
	}
	if p.PerMinute == 0 {
		p.PerMinute = approval.PerMinute
	}
}

// reached is the operator at which a number is reached by what we open: of the longest
// prefix; empty when there is none.
func (c *Config) reached(msisdn string) (name string) {
	longest := 0
	for i := range c.Operators {
		for _, prefix := range c.Operators[i].Prefixes {
			if len(prefix) <= longest || !strings.HasPrefix(msisdn, prefix) {
				continue
			}
			if name, longest = c.Operators[i].Name, len(prefix); c.Operators[i].USSD.SMPP == "" && !c.Operators[i].USSD.opens() {
				name = ""
			}
		}
	}
	return name
}

// approvals makes the desk of what others ask subscribers to approve.
func (g *gateway) approvals() *approval.Desk {
	return approval.NewDesk(approval.Config{Slips: g.slips, Opener: caller{g.edge}, Ledger: g.ledger, Log: g.log,
		Next:     dialog.NextOrders(g.ledger),
		Operator: func(msisdn string) string { return g.operators.cfg.Load().reached(msisdn) }})
}

// remember notes since when the store of requests remembers, as soon as it can be reached.
func (g *gateway) remember(ctx context.Context) error {
	for g.desk.Remember(ctx, time.Now()) != nil {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Second):
		}
	}
	return nil
}

// caller puts requests on handsets by the doors.
type caller struct{ *edge.Edge }

// Approve is approval.Opener's.
func (o caller) Approve(ctx context.Context, operator, number, name string) error {
	err := o.Edge.Approve(ctx, operator, number, name)
	switch {
	case errors.Is(err, dialog.ErrFull):
		return fmt.Errorf("%w: %w", approval.ErrNoRoom, err)
	case errors.Is(err, dialog.ErrNoScreen), errors.Is(err, dialog.ErrLong), errors.Is(err, dialog.ErrNotOurs), errors.Is(err, dialog.ErrNoOpener):
		return fmt.Errorf("%w: %w", approval.ErrNotNow, err)
	}
	return err
}

// partnersDoor lets partners ask; nil where the file names none.
func (g *gateway) partnersDoor() *approval.Door {
	if g.cfg.Partners == nil {
		return nil
	}
	fleet, _ := g.sessions.(edge.Nonces)
	proofs, by := edge.NewProofs(fleet), map[string]*Partner{}
	door := &approval.Door{Desk: g.desk}
	for i := range g.cfg.Partners.Who {
		p := &g.cfg.Partners.Who[i]
		by[p.Name] = p
		door.Partners = append(door.Partners, approval.Partner{Name: p.Name, Till: p.Till, Paybill: p.Paybill, PerMinute: p.PerMinute})
	}
	door.Proves = func(name string, r *http.Request, body []byte) bool {
		p := by[name]
		if p.Client != "" && !showsName(r.TLS, p.Client) {
			return false
		}
		return p.Sign == "" || proofs.Holds(r.Context(), "partner "+name, []byte(p.Sign), r.Header.Get(edge.SignatureHeader), r.Method, r.RequestURI, body)
	}
	return door
}

// showsName tells whether a certificate that our authority signed has the name.
func showsName(state *tls.ConnectionState, name string) bool {
	if state == nil || len(state.VerifiedChains) == 0 {
		return false
	}
	leaf := state.PeerCertificates[0]
	return leaf.Subject.CommonName == name || slices.Contains(leaf.DNSNames, name)
}

// startPartners opens the partners' door.
func (g *gateway) startPartners(p *parts) error {
	door := g.partnersDoor()
	if door == nil {
		return nil
	}
	secure, err := g.cfg.Partners.TLS.forHTTP()
	if err != nil {
		return cli.Fail(cli.Usage, fmt.Errorf("partners: tls: %w", err))
	}
	ln, err := net.Listen("tcp", g.cfg.Partners.Listen)
	if err != nil {
		return cli.Fail(cli.Usage, fmt.Errorf("partners: %w – stop what holds %s, or set another `listen:` below partners", err, g.cfg.Partners.Listen))
	}
	p.start(partPartners, func(ctx context.Context) error { return door.Serve(ctx, ln, secure) })
	return nil
}
