package main

import (
	"fmt"
	"net"
	"path/filepath"
	"time"

	"mlango/gateway/binds"
	"mlango/internal/conf"
	"mlango/internal/dialect"
)

// Config is the gateway's file.
type Config struct {
	Name       string        `yaml:"name"`        // in journals and logs
	Listen     string        `yaml:"listen"`      // the HTTP edge
	ListenTLS  *TLS          `yaml:"listen_tls"`  // its certificate, and the authority of its clients'
	Admin      string        `yaml:"admin"`       // health, metrics, profiles
	Data       string        `yaml:"data"`        // orders, promises, dead letters
	Region     string        `yaml:"region"`      // how people type numbers, ISO 3166
	Zone       Zone          `yaml:"zone"`        // of the dates in texts
	ShortCodes []string      `yaml:"short_codes"` // what we answer to
	Menus      string        `yaml:"menus"`       // the menu's file; empty is the built-in wallet
	Deadline   conf.Duration `yaml:"deadline"`    // a hop is answered this long after it arrived
	Expires    conf.Duration `yaml:"expires"`     // an order is dead this long after its PIN
	Ledger     Ledger        `yaml:"ledger"`
	Store      string        `yaml:"store"` // memory, or nothing beside redis:
	Redis      *Redis        `yaml:"redis"`
	Operators  []Operator    `yaml:"operators"`
	Routes     []Route       `yaml:"routes"` // of SMS
	// Approvers sign the bundles that run; with none menus: runs, signed by demo keys.
	Approvers []ApproverLine `yaml:"approvers"`
	Partners  *Partners      `yaml:"partners"` // who may ask subscribers to approve payments

	path string // of the file it was read from
}

// Ledger says where the ledger is.
type Ledger struct {
	Node string `yaml:"node"`
	TLS  *TLS   `yaml:"tls"`
}

// TLS is a client's side of an encrypted link.
type TLS struct {
	CAFile     string `yaml:"ca_file"`
	CertFile   string `yaml:"cert_file"`
	KeyFile    string `yaml:"key_file"`
	ServerName string `yaml:"server_name"`
}

// Redis is where sessions and order streams live.
type Redis struct {
	Addrs        []string `yaml:"addrs"`
	Master       string   `yaml:"master"` // Sentinel's name of it
	DB           int      `yaml:"db"`
	User         string   `yaml:"user"`
	PasswordEnv  string   `yaml:"password_env"`
	PasswordFile string   `yaml:"password_file"`
	Password     string   `yaml:"-" secret:"true"`
}

// Operator is one mobile network.
type Operator struct {
	Name     string   `yaml:"name"`
	Home     int      `yaml:"home"`     // its number in the ledger's lanes
	Prefixes []string `yaml:"prefixes"` // of its MSISDNs; without home, prefixes and ussd it only carries SMS
	Sender   string   `yaml:"sender"`   // source address of SMS, unless a route says another
	Role     string   `yaml:"role"`     // esme: we bind to it; smsc: its USSD centre binds to us
	USSD     USSD     `yaml:"ussd"`
	Binds    []Bind   `yaml:"binds"`
}

// USSD says how an operator speaks it: over SMPP or over HTTP, one of the two.
type USSD struct {
	SMPP  string   `yaml:"smpp"`  // a dialect, or the file of one: ./acme.yaml
	HTTP  string   `yaml:"http"`  // a dialect, or the file of one
	Allow []string `yaml:"allow"` // HTTP: addresses or networks it calls from
	Proof *Proof   `yaml:"proof"` // HTTP: how it shows who it is, beside its address
	Push  *Push    `yaml:"push"`  // HTTP: where it takes screens that nobody dialled for
}

// Bind is one entry of an operator's binds; see binds.Bind.
type Bind struct {
	Set              string        `yaml:"set"`
	HTTP             string        `yaml:"http"` // an aggregator's SMS API in place of a bind; see binds.APIs
	URL              string        `yaml:"url"`  // of the API, where not everybody has the same
	Host             string        `yaml:"host"`
	Port             int           `yaml:"port"`
	SystemID         string        `yaml:"system_id"`
	PasswordEnv      string        `yaml:"password_env"`
	PasswordFile     string        `yaml:"password_file"`
	Password         string        `yaml:"-" secret:"true"`
	SystemType       string        `yaml:"system_type"`
	InterfaceVersion Version       `yaml:"interface_version"`
	Mode             string        `yaml:"mode"`
	Standby          bool          `yaml:"standby"` // sends only while no other of its set does
	AddressRange     string        `yaml:"address_range"`
	Binds            int           `yaml:"binds"`
	Window           int           `yaml:"window"`
	PerSecond        int           `yaml:"per_second"`
	EnquireLink      conf.Duration `yaml:"enquire_link"`
	ResponseTimeout  conf.Duration `yaml:"response_timeout"`
	Inactivity       conf.Duration `yaml:"inactivity"` // without a message so long a bind is ended in order; 0: never
	TLS              *TLS          `yaml:"tls"`
	Allow            []string      `yaml:"allow"`     // addresses or networks: role smsc binds from them, an SMS API posts its reports
	Lockout          *Lockout      `yaml:"lockout"`   // role smsc: of who guesses passwords
	AddrPace         int           `yaml:"addr_pace"` // role smsc: connections a second of one address that do not bind; -1 is no limit
}

// Lockout says when who guesses passwords is not heard any more; see smpp.Lockout.
type Lockout struct {
	Wrong     int           `yaml:"wrong"`      // for one system_id from one address; -1 locks nobody out
	WrongAddr int           `yaml:"wrong_addr"` // from one address
	For       conf.Duration `yaml:"for"`
}

// Zone is minutes east of UTC, written +03:00.
type Zone int

// ReadConf reads a zone.
func (z *Zone) ReadConf(n conf.Node) {
	t, err := time.Parse("-07:00", n.Text())
	if !n.IsScalar() || err != nil {
		n.Fail("the zone is written as hours from UTC", `write it as "+03:00"`)
		return
	}
	_, seconds := t.Zone()
	*z = Zone(seconds / 60)
}

// String is the zone as it is written.
func (z Zone) String() string {
	return time.Unix(0, 0).In(time.FixedZone("", int(z)*60)).Format("-07:00")
}

// Version is an SMPP version, written 3.4.
type Version int

// tableVersions are the versions by how they are written.
var tableVersions = map[string]Version{"3.3": 0x33, "3.4": 0x34, "5.0": 0x50}

// ReadConf reads a version.
func (v *Version) ReadConf(n conf.Node) {
	known, ok := tableVersions[n.Text()]
	if !n.IsScalar() || !ok {
		n.Fail(fmt.Sprintf("%q is no version of SMPP", n.Text()), "write 3.3, 3.4 or 5.0")
		return
	}
	*v = known
}

// String is the version as it is written.
func (v Version) String() string { return fmt.Sprintf("%d.%d", v>>4, v&15) }

// defaults is what a file that says nothing means.
func defaults() *Config {
	return &Config{
		Name: "gw1", Listen: "127.0.0.1:8080", Admin: "127.0.0.1:8081", Region: "KE", Zone: 180,
		Deadline: conf.Duration(4 * time.Second), Expires: conf.Duration(120 * time.Second),
		Ledger: Ledger{Node: "127.0.0.1:7401"},
	}
}

// Load reads, checks and completes a file. Paths in it are from its folder.
// production also refuses what is only for trying out.
func Load(path string, production bool) (*Config, error) {
	cfg := defaults()
	cfg.path = path
	doc, err := conf.Load(path, cfg)
	if err != nil {
		return nil, err
	}
	return cfg, cfg.complete(doc, filepath.Dir(path), production)
}

// complete makes paths whole, fetches secrets and checks everything.
func (c *Config) complete(doc *conf.Doc, folder string, production bool) error {
	for _, p := range c.paths() {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(folder, *p)
		}
	}
	c.secrets(doc)
	c.check(doc)
	if production {
		c.checkProduction(doc)
	}
	return doc.Err()
}

// paths are the fields that name files.
func (c *Config) paths() []*string {
	out := []*string{&c.Data, &c.Menus}
	tls := []*TLS{c.Ledger.TLS, c.ListenTLS}
	if c.Redis != nil {
		out = append(out, &c.Redis.PasswordFile)
	}
	if c.Partners != nil {
		tls = append(tls, c.Partners.TLS)
	}
	out = append(out, c.partnerPaths()...)
	for i := range c.Operators {
		ussd := &c.Operators[i].USSD
		for _, name := range []*string{&ussd.SMPP, &ussd.HTTP} {
			if dialect.IsFile(*name) {
				out = append(out, name)
			}
		}
		if ussd.Proof != nil {
			out = append(out, &ussd.Proof.KeyFile, &ussd.Proof.SignFile, &ussd.Proof.PasswordFile)
		}
		if ussd.Push != nil {
			out = append(out, &ussd.Push.KeyFile)
		}
		for j := range c.Operators[i].Binds {
			b := &c.Operators[i].Binds[j]
			out = append(out, &b.PasswordFile)
			tls = append(tls, b.TLS)
		}
	}
	for _, t := range tls {
		if t != nil {
			out = append(out, &t.CAFile, &t.CertFile, &t.KeyFile)
		}
	}
	return out
}

// bindsConfig is the operator as the pool takes it: the binds that we make.
func (o *Operator) bindsConfig() binds.Operator {
	out := binds.Operator{Name: o.Name}
	for _, b := range o.Binds {
		if !o.isDoor(&b) {
			out.Binds = append(out.Binds, b.bind())
		}
	}
	return out
}

// bind is one entry as the pool takes it.
func (b *Bind) bind() binds.Bind {
	nb := binds.Bind{
		Set: binds.Set(b.Set), HTTP: b.HTTP, URL: b.URL, Host: b.Host, Port: b.Port, SystemID: b.SystemID, Password: b.Password,
		PasswordEnv: b.PasswordEnv, PasswordFile: b.PasswordFile, SystemType: b.SystemType,
		InterfaceVersion: int(b.InterfaceVersion), Mode: b.Mode, Standby: b.Standby, AddressRange: b.AddressRange, Binds: b.Binds,
		Window: b.Window, PerSecond: b.PerSecond, EnquireLink: b.EnquireLink.D(), ResponseTimeout: b.ResponseTimeout.D(), Inactivity: b.Inactivity.D(),
	}
	if b.TLS != nil {
		nb.TLS = &binds.TLS{CAFile: b.TLS.CAFile, CertFile: b.TLS.CertFile, KeyFile: b.TLS.KeyFile, ServerName: b.TLS.ServerName}
	}
	return nb
}

// loopback tells whether an address (host or host:port) stays on this machine.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		host = addr
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
