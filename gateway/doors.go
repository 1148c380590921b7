package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strconv"
	"time"

	"mlango/gateway/edge"
	"mlango/internal/cli"
	"mlango/internal/conf"
	"mlango/smpp"
)

// The two roles: who binds to whom for USSD. SMS always goes by binds of ours.
const (
	roleESME = "esme"
	roleSMSC = "smsc"
)

// doorPart is how the parts that let USSD centres in are called, before their
// address.
const doorPart = "ussd centres at "

// isDoor tells an entry that the operator's USSD centre binds by from one that we
// bind by.
func (o *Operator) isDoor(b *Bind) bool { return o.Role == roleSMSC && b.Set == "ussd" }

// listen is the address of a door.
func (b *Bind) listen() string { return net.JoinHostPort(b.Host, strconv.Itoa(b.Port)) }

// checkDoors asks for what keeps strangers out of the binds that are made to us.
func (o *Operator) checkDoors(doc *conf.Doc, at string) {
	if o.Role == roleSMSC && o.USSD.SMPP == "" {
		doc.Fail(at+".role", "role: smsc is for USSD over SMPP", "write ussd: {smpp: standard}, or role: esme")
	}
	for j := range o.Binds {
		b, here := &o.Binds[j], fmt.Sprintf("%s.binds[%d]", at, j)
		if !o.isDoor(b) {
			if o.Role == roleSMSC && b.Set == "both" {
				doc.Fail(here+".set", "with role: smsc the USSD centre binds to us, and its SMSC does not", "write set: ussd for the one, set: sms for a bind to the other")
			}
			if len(b.Allow) > 0 && b.HTTP == "" {
				doc.Fail(here+".allow", "allow is for who binds to us, or posts delivery reports", "remove it, or write role: smsc")
			}
			if b.Lockout != nil || b.AddrPace != 0 {
				doc.Fail(here, "lockout and addr_pace are for who binds to us", "remove them, or write role: smsc")
			}
			continue
		}
		if b.Password == "" {
			doc.Fail(here, "anybody could bind as the operator's USSD centre: it has no password", "add password_env or password_file")
		}
		if len(b.Allow) == 0 {
			doc.Fail(here, "anybody who reaches us could bind as the operator's USSD centre", "add `allow:` with the addresses it binds from")
		}
		for k, a := range b.Allow {
			if _, err := parseNet(a); err != nil {
				doc.Fail(fmt.Sprintf("%s.allow[%d]", here, k), fmt.Sprintf("%q is no address and no network", a), "as 203.0.113.7 or 203.0.113.0/24")
			}
		}
		b.checkGuard(doc, here)
		if b.TLS != nil && b.TLS.CertFile == "" {
			doc.Fail(here+".tls", "who is bound to shows a certificate, and this has none", "add cert_file and key_file; ca_file asks for the operator's own")
		} else if _, err := b.TLS.forDoor(); err != nil {
			doc.Fail(here+".tls", err.Error(), "name readable PEM files")
		}
	}
}

// Limits of what keeps guessers out, and what they are unless the file says otherwise.
const (
	maxWrong    = 10_000
	maxLockout  = 24 * time.Hour
	maxAddrPace = 100_000

	usualWrong     = 5
	usualWrongAddr = 50
	usualLockout   = time.Minute
	usualAddrPace  = 10
)

// checkGuard completes lock-out and pace and holds them to what they may be.
func (b *Bind) checkGuard(doc *conf.Doc, at string) {
	l := b.Lockout
	if l == nil {
		l = &Lockout{}
	}
	b.AddrPace = cmp.Or(b.AddrPace, usualAddrPace)
	b.Lockout = &Lockout{cmp.Or(l.Wrong, usualWrong), cmp.Or(l.WrongAddr, usualWrongAddr), cmp.Or(l.For, conf.Duration(usualLockout))}
	if l.Wrong < -1 || l.Wrong > maxWrong || l.WrongAddr < 0 || l.WrongAddr > maxWrong {
		doc.Fail(at+".lockout", fmt.Sprintf("wrong is -1 to %d, wrong_addr 0 to %d", maxWrong, maxWrong), "leave them out for 5 and 50")
	}
	if l.For < 0 || l.For.D() > maxLockout {
		doc.Fail(at+".lockout.for", fmt.Sprintf("nobody is locked out longer than %v", maxLockout), "leave it out for 1m")
	}
	if b.AddrPace < -1 || b.AddrPace > maxAddrPace {
		doc.Fail(at+".addr_pace", fmt.Sprintf("-1 to %d connections a second", maxAddrPace), "leave it out for 10")
	}
}

// lockout is the lock-out as smpp takes it.
func (b *Bind) lockout() smpp.Lockout {
	return smpp.Lockout{Wrong: b.Lockout.Wrong, WrongAddr: b.Lockout.WrongAddr, For: b.Lockout.For.D()}
}

// checkAccounts refuses two accounts of one name at one address, and one address
// that is encrypted, or guarded, for some of its accounts only.
func (c *Config) checkAccounts(doc *conf.Doc) {
	seen, first := map[string]bool{}, map[string]*Bind{}
	for i := range c.Operators {
		for j := range c.Operators[i].Binds {
			b := &c.Operators[i].Binds[j]
			if !c.Operators[i].isDoor(b) {
				continue
			}
			at := fmt.Sprintf("operators[%d].binds[%d]", i, j)
			other, known := first[b.listen()]
			if !known {
				first[b.listen()], other = b, b
			}
			if (other.TLS == nil) != (b.TLS == nil) || b.TLS != nil && *other.TLS != *b.TLS {
				doc.Fail(at, "another account at "+b.listen()+" has other tls:", "write the same, or use another port")
			}
			if other.lockout() != b.lockout() || other.AddrPace != b.AddrPace {
				doc.Fail(at, "another account at "+b.listen()+" has another lockout: or addr_pace:", "write the same, or use another port")
			}
			if id := b.listen() + " " + b.SystemID; !seen[id] {
				seen[id] = true
				continue
			}
			doc.Fail(at+".system_id", fmt.Sprintf("%q binds to %s twice", b.SystemID, b.listen()), "give each its own system_id, or another port")
		}
	}
}

// doors are the accounts by which the operator's USSD centre binds to us.
func (o *Operator) doors() (doors []edge.Door, err error) {
	for i := range o.Binds {
		b := &o.Binds[i]
		if !o.isDoor(b) {
			continue
		}
		d := edge.Door{
			Listen: b.listen(), SystemID: b.SystemID, Password: b.Password, Binds: b.Binds, Window: b.Window,
			EnquireLink: b.EnquireLink.D(), ResponseTimeout: b.ResponseTimeout.D(), Inactivity: b.Inactivity.D(), Lockout: b.lockout(), AddrPace: b.AddrPace,
		}
		if d.TLS, err = b.TLS.forDoor(); err != nil {
			return nil, err
		}
		for _, a := range b.Allow {
			p, err := parseNet(a)
			if err != nil {
				return nil, err
			}
			d.Allow = append(d.Allow, p)
		}
		doors = append(doors, d)
	}
	return doors, nil
}

// forDoor is the configuration of who is bound to: with ca_file the other side
// shows a certificate too. USSD centres are old: TLS 1.2 goes.
func (t *TLS) forDoor() (*tls.Config, error) {
	cfg, err := t.load()
	if cfg == nil || err != nil {
		return nil, err
	}
	cfg.MinVersion = tls.VersionTLS12
	if cfg.RootCAs != nil {
		cfg.ClientCAs, cfg.ClientAuth = cfg.RootCAs, tls.RequireAndVerifyClientCert
	}
	return cfg, nil
}

// startDoors lets USSD centres bind to us.
func (g *gateway) startDoors(p *parts) error {
	for _, addr := range g.edge.DoorAddrs() {
		ln, err := smpp.Listen(addr)
		if err != nil {
			return cli.Fail(cli.Usage, fmt.Errorf("edge: %w – stop what holds %s, or set another port of the bind", err, addr))
		}
		g.serveDoor(p, addr, ln)
	}
	return nil
}

func (g *gateway) serveDoor(p *parts, addr string, ln net.Listener) {
	p.start(doorPart+addr, func(ctx context.Context) error { return g.edge.ServeSMPP(ctx, addr, ln) })
}
