package main

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"mlango/gateway/binds"
	"mlango/internal/conf"
	"mlango/internal/dialect"
)

// Limits of the configuration.
const (
	maxOperators = 32
	maxPrefixes  = 64
	minDeadline  = 500 * time.Millisecond
	maxDeadline  = 9 * time.Second // an aggregator waits 10 s
	maxExpires   = 120 * time.Second
	maxHome      = 1<<10 - 1 // as the ledger takes them
)

var (
	tableName   = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,15}$`)
	tableCode   = regexp.MustCompile(`^[0-9]{1,8}$`)
	tablePrefix = regexp.MustCompile(`^[1-9][0-9]{0,14}$`)
	tableSender = regexp.MustCompile(`^([A-Za-z0-9 _.-]{1,11}|[0-9]{1,15})$`)
	tableRegion = regexp.MustCompile(`^[A-Z]{2}$`)
)

// secrets fetches what environment and files hold.
func (c *Config) secrets(doc *conf.Doc) {
	fetch := func(path, env, file string) string {
		b, err := conf.Secret(env, file)
		if err != nil {
			doc.Fail(path, strings.TrimPrefix(err.Error(), "conf: "), "set it before starting, readable by this user only")
		}
		return string(b)
	}
	if c.Redis != nil {
		c.Redis.Password = fetch("redis.password_env", c.Redis.PasswordEnv, c.Redis.PasswordFile)
	}
	for i := range c.Operators {
		if p := c.Operators[i].USSD.Proof; p != nil {
			p.Key = fetch(fmt.Sprintf("operators[%d].ussd.proof.key_env", i), p.KeyEnv, p.KeyFile)
			p.Sign = fetch(fmt.Sprintf("operators[%d].ussd.proof.sign_env", i), p.SignEnv, p.SignFile)
			p.Password = fetch(fmt.Sprintf("operators[%d].ussd.proof.password_env", i), p.PasswordEnv, p.PasswordFile)
		}
		if p := c.Operators[i].USSD.Push; p != nil {
			p.Key = fetch(fmt.Sprintf("operators[%d].ussd.push.key_env", i), p.KeyEnv, p.KeyFile)
		}
		for j := range c.Operators[i].Binds {
			b := &c.Operators[i].Binds[j]
			b.Password = fetch(fmt.Sprintf("operators[%d].binds[%d].password_env", i, j), b.PasswordEnv, b.PasswordFile)
		}
	}
}

// check says everything that is wrong.
func (c *Config) check(doc *conf.Doc) {
	c.checkSelf(doc)
	c.checkListenTLS(doc)
	c.checkStore(doc)
	c.checkLedger(doc)
	if len(c.Operators) == 0 || len(c.Operators) > maxOperators {
		doc.Fail("operators", fmt.Sprintf("1 to %d operators are named", maxOperators), "add one; `gateway example` shows how")
	}
	names, homes, prefixes := map[string]bool{}, map[int]bool{}, map[string]bool{}
	for i := range c.Operators {
		o, at := &c.Operators[i], fmt.Sprintf("operators[%d]", i)
		c.checkOperator(doc, at, o)
		if names[o.Name] {
			doc.Fail(at+".name", fmt.Sprintf("the operator %q is named twice", o.Name), "give each its own name")
		}
		if homes[o.Home] && o.Home != 0 {
			doc.Fail(at+".home", fmt.Sprintf("home %d belongs to another operator", o.Home), "give each its own number")
		}
		for j, p := range o.Prefixes {
			if prefixes[p] {
				doc.Fail(fmt.Sprintf("%s.prefixes[%d]", at, j), fmt.Sprintf("the prefix %s stands twice", p), "keep it at one operator")
			}
			prefixes[p] = true
		}
		names[o.Name], homes[o.Home] = true, true
	}
	c.checkAccounts(doc)
	c.checkRoutes(doc)
	c.checkApprovers(doc)
	c.checkPartners(doc)
}

func (c *Config) checkSelf(doc *conf.Doc) {
	if !tableName.MatchString(c.Name) {
		doc.Fail("name", fmt.Sprintf("%q is no name for a gateway", c.Name), "1 to 16 of a-z, 0-9, - and _")
	}
	if c.Data == "" {
		doc.Fail("data", "no folder is named for orders and promises", "write data: ./data/gateway")
	}
	if !tableRegion.MatchString(c.Region) {
		doc.Fail("region", fmt.Sprintf("%q is no region", c.Region), "two letters of ISO 3166, as KE")
	}
	checkAddr(doc, "listen", c.Listen)
	checkAddr(doc, "admin", c.Admin)
	if len(c.ShortCodes) == 0 {
		doc.Fail("short_codes", "no short code is named", `write short_codes: ["334"]`)
	}
	for i, code := range c.ShortCodes {
		if !tableCode.MatchString(code) {
			doc.Fail(fmt.Sprintf("short_codes[%d]", i), fmt.Sprintf("%q is no short code", code), `digits without * and # at the ends, as "334"`)
		}
	}
	if d := c.Deadline.D(); d < minDeadline || d > maxDeadline {
		doc.Fail("deadline", fmt.Sprintf("a hop's deadline is %v to %v", minDeadline, maxDeadline), "4s suits most operators")
	}
	if d := c.Expires.D(); d <= c.Deadline.D() || d > maxExpires {
		doc.Fail("expires", fmt.Sprintf("an order lives longer than the deadline and at most %v", maxExpires), "write 120s")
	}
	if c.Menus != "" {
		if _, err := os.Stat(c.Menus); err != nil {
			doc.Fail("menus", "the menu's file cannot be read: "+err.Error(), "name a file, or remove the key for the built-in wallet")
		}
	}
}

func checkAddr(doc *conf.Doc, path, addr string) {
	if _, port, err := net.SplitHostPort(addr); err != nil || port == "" {
		doc.Fail(path, fmt.Sprintf("%q is no address", addr), "write host:port, as 127.0.0.1:8080")
	}
}

func (c *Config) checkStore(doc *conf.Doc) {
	switch {
	case c.Store == "" && c.Redis == nil:
		doc.Fail("", "nothing says where sessions live", "write `redis:` with its `addrs:`, or `store: memory` for one gateway without Redis")
	case c.Store != "" && c.Redis != nil:
		doc.Fail("store", "both store: and redis: are set", "keep one")
	case c.Store != "" && c.Store != "memory":
		doc.Fail("store", fmt.Sprintf("%q is no store", c.Store), "write `store: memory`, or `redis:`")
	case c.Redis != nil && len(c.Redis.Addrs) == 0:
		doc.Fail("redis", "redis has no addrs", "write addrs: [127.0.0.1:6379]")
	}
	if c.Redis != nil {
		if !doc.Has("name") {
			doc.Fail("redis", "gateways that share a Redis are told apart by their names, and this one has none", "write name: gw1, another for each gateway")
		}
		for i, addr := range c.Redis.Addrs {
			checkAddr(doc, fmt.Sprintf("redis.addrs[%d]", i), addr)
		}
	}
}

func (c *Config) checkLedger(doc *conf.Doc) {
	checkAddr(doc, "ledger.node", c.Ledger.Node)
	if c.Ledger.TLS == nil && !loopback(c.Ledger.Node) {
		doc.Fail("ledger.node", "a ledger on another machine is reached without TLS", "add `tls:` with ca_file, cert_file and key_file")
	}
	if c.Ledger.TLS != nil {
		if _, err := c.Ledger.TLS.load(); err != nil {
			doc.Fail("ledger.tls", err.Error(), "name readable PEM files")
		}
	}
}

func (c *Config) checkOperator(doc *conf.Doc, at string, o *Operator) {
	if !tableName.MatchString(o.Name) {
		doc.Fail(at+".name", fmt.Sprintf("%q is no name for an operator", o.Name), "1 to 16 of a-z, 0-9, - and _")
	}
	if o.Role == "" {
		o.Role = roleESME
	}
	if o.Role != roleESME && o.Role != roleSMSC {
		doc.Fail(at+".role", fmt.Sprintf("role %q is not served", o.Role), "write role: esme, we bind to the operator, or role: smsc, its USSD centre binds to us")
	}
	if !o.carrier() {
		c.checkHome(doc, at, o)
		c.checkUSSD(doc, at, o)
	}
	c.checkBinds(doc, at, o)
	o.checkDoors(doc, at)
}

// checkHome is about subscribers that are at home at an operator.
func (c *Config) checkHome(doc *conf.Doc, at string, o *Operator) {
	if o.Home < 1 || o.Home > maxHome {
		doc.Fail(at+".home", fmt.Sprintf("home is the operator's number, 1 to %d", maxHome), "the one its accounts were opened with")
	}
	if len(o.Prefixes) == 0 || len(o.Prefixes) > maxPrefixes {
		doc.Fail(at+".prefixes", fmt.Sprintf("an operator has 1 to %d prefixes", maxPrefixes), `as prefixes: ["25472"]`)
	}
	for j, p := range o.Prefixes {
		if !tablePrefix.MatchString(p) {
			doc.Fail(fmt.Sprintf("%s.prefixes[%d]", at, j), fmt.Sprintf("%q is no prefix", p), "digits with the country code, as 25472")
		}
	}
	if !tableSender.MatchString(o.Sender) {
		doc.Fail(at+".sender", fmt.Sprintf("%q is no sender of SMS", o.Sender), "up to 11 letters, or a number")
	}
}

func (c *Config) checkUSSD(doc *conf.Doc, at string, o *Operator) {
	switch {
	case (o.USSD.SMPP == "") == (o.USSD.HTTP == ""):
		doc.Fail(at+".ussd", "ussd names one dialect, over SMPP or over HTTP", "write ussd: {smpp: standard} or ussd: {http: africastalking}")
	case dialect.IsFile(o.USSD.SMPP):
		if _, err := dialect.OverSMPP(o.USSD.SMPP); err != nil {
			doc.Fail(at+".ussd.smpp", "the dialect's file cannot be used: "+err.Error(), "mend it; the built-in ones are "+strings.Join(dialect.Names("smpp"), ", "))
		}
	case o.USSD.SMPP != "" && !slices.Contains(dialect.Names("smpp"), o.USSD.SMPP):
		doc.Fail(at+".ussd.smpp", fmt.Sprintf("the dialect %q is not known", o.USSD.SMPP), "known: "+strings.Join(dialect.Names("smpp"), ", "))
	case o.USSD.HTTP != "":
		c.checkHTTP(doc, at, &o.USSD)
	case o.USSD.Proof != nil:
		doc.Fail(at+".ussd.proof", "proof is for HTTP", "remove it; with role: smsc each bind has its password")
	case o.USSD.Push != nil:
		doc.Fail(at+".ussd.push", "push is for HTTP", "remove it; over SMPP we open dialogues by the binds")
	case len(o.USSD.Allow) > 0:
		doc.Fail(at+".ussd.allow", "allow is for HTTP here", "remove it; with role: smsc each bind has its own")
	}
	for j, a := range o.USSD.Allow {
		if _, err := parseNet(a); err != nil {
			doc.Fail(fmt.Sprintf("%s.ussd.allow[%d]", at, j), fmt.Sprintf("%q is no address and no network", a), "as 203.0.113.7 or 203.0.113.0/24")
		}
	}
}

// parseNet reads an address or a network.
func parseNet(s string) (netip.Prefix, error) {
	if ip, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(ip, ip.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return p, fmt.Errorf("allow: %w", err)
	}
	return p.Masked(), nil
}

func (c *Config) checkBinds(doc *conf.Doc, at string, o *Operator) {
	bc := binds.Operator{Name: o.Name}
	for j := range o.Binds {
		bc.Binds = append(bc.Binds, o.Binds[j].bind())
	}
	for _, f := range bc.Check() {
		doc.Fail(at+"."+f.Path, f.What, f.Mend)
	}
	for j, b := range bc.Binds { // the defaults are in now
		o.Binds[j].Port, o.Binds[j].InterfaceVersion, o.Binds[j].Mode, o.Binds[j].URL = b.Port, Version(b.InterfaceVersion), b.Mode, b.URL
		o.Binds[j].Binds, o.Binds[j].Window = b.Binds, b.Window
		o.Binds[j].EnquireLink, o.Binds[j].ResponseTimeout = conf.Duration(b.EnquireLink), conf.Duration(b.ResponseTimeout)
	}
	ussd := false
	for j, b := range o.Binds {
		ussd = ussd || b.Set == "ussd" || b.Set == "both"
		if b.HTTP != "" {
			c.checkReports(doc, fmt.Sprintf("%s.binds[%d]", at, j), &b)
		}
		if host := b.host(); b.Password == "" && b.PasswordEnv == "" && b.PasswordFile == "" && host != "" && !loopback(host) && !o.isDoor(&b) {
			doc.Fail(fmt.Sprintf("%s.binds[%d]", at, j), "a bind to another machine has no password", "add password_env or password_file")
		}
	}
	if o.USSD.SMPP != "" && !ussd {
		doc.Fail(at+".binds", "no bind carries USSD", "add a bind with set: ussd, or set: both")
	}
}

// checkProduction refuses what is only for trying out.
func (c *Config) checkProduction(doc *conf.Doc) {
	if c.Store == "memory" {
		doc.Fail("store", "the memory store forgets every session with the process", "write `redis:` with its `addrs:`")
	}
	c.checkDemoKeys(doc)
	for i, o := range c.Operators {
		for j, b := range o.Binds {
			if b.Password == "" || b.Password == demoPassword || b.Password == b.SystemID {
				doc.Fail(fmt.Sprintf("operators[%d].binds[%d]", i, j), "the bind has no password, or one that everybody knows", "set password_env or password_file")
			}
		}
	}
}

// demoPassword is the simulated operator's, known to all.
const demoPassword = "demo"
