package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"time"

	"mlango/internal/cli"
	"mlango/internal/conf"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/server"
)

// Config is ledgerd's file.
type Config struct {
	Listen   string `yaml:"listen"`   // the wire to gateways
	Admin    string `yaml:"admin"`    // health, metrics, profiles; empty serves none
	Data     string `yaml:"data"`     // journal and keys
	Cluster  string `yaml:"cluster"`  // a journal of another cluster is refused
	Node     uint64 `yaml:"node"`     // this node's number in it
	Zone     Zone   `yaml:"zone"`     // days end by it; fixed once the books are begun
	Currency string `yaml:"currency"` // of accounts that `admin open` opens
	Limits   Limits `yaml:"limits"`

	Consumers []string `yaml:"consumers"` // of the outbox, beside sms; read from the first start that names them

	OnePerson bool `yaml:"one_person"` // one administrator creates money alone; for trying out on this machine

	TLS   *TLS             `yaml:"tls"`
	Roles map[string]Roles `yaml:"roles"` // by a certificate's common name, instead of its own
}

// Bounds of how long ids stay in memory.
const (
	minIDHours = 3
	maxIDHours = 24 * 366
)

// Limits are what the node keeps to.
type Limits struct {
	MinFreeMB     uint64 `yaml:"min_free_mb"`     // of disk; below it nothing is accepted
	SnapshotEvery uint64 `yaml:"snapshot_every"`  // commands between two snapshots
	IDHours       int64  `yaml:"id_hours"`        // that ids stay in memory; older ones are looked up on disk
	PagesInMemory int    `yaml:"pages_in_memory"` // of 64 KiB, of records and as many of postings; older ones are read from disk
}

// TLS is the node's certificate and whose certificates it accepts. Both sides
// show one.
type TLS struct {
	CAFile   string `yaml:"ca_file"`
	CertFile string `yaml:"cert_file"`
	KeyFile  string `yaml:"key_file"`
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
func (z Zone) String() string { return time.Unix(0, 0).In(z.location()).Format("-07:00") }

func (z Zone) location() *time.Location { return time.FixedZone("", int(z)*60) }

// Bounds of the file's values.
const (
	maxCluster = 64 // bytes of its name
	currency   = 3  // letters
	defaultKES = "KES"
	nairobi    = 180 // minutes east of UTC
)

func defaults() *Config {
	return &Config{Listen: "127.0.0.1:7401", Admin: "127.0.0.1:7402", Data: "./data/ledgerd", Cluster: "mlango", Node: 1,
		Zone: nairobi, Currency: defaultKES, Limits: Limits{MinFreeMB: 256, SnapshotEvery: server.SnapshotEvery,
			IDHours: ledger.Horizon / 3_600_000, PagesInMemory: ledger.KeepPages}}
}

// Load reads, checks and completes a file. Paths in it are from its folder.
func Load(path string) (*Config, *conf.Doc, error) {
	cfg := defaults()
	doc, err := conf.Load(path, cfg)
	if err != nil {
		var file conf.Errors
		switch {
		case errors.As(err, &file):
		case errors.Is(err, fs.ErrNotExist):
			err = usage("%s: no such file – print one with: ledgerd example > %s", path, path)
		default:
			err = cli.Fail(cli.Usage, err)
		}
		return nil, nil, err
	}
	cfg.complete(filepath.Dir(path))
	cfg.check(doc)
	return cfg, doc, doc.Err()
}

// complete makes paths whole.
func (c *Config) complete(folder string) {
	paths := []*string{&c.Data}
	if c.TLS != nil {
		paths = append(paths, &c.TLS.CAFile, &c.TLS.CertFile, &c.TLS.KeyFile)
	}
	for _, p := range paths {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(folder, *p)
		}
	}
}

// check asks what the types cannot.
func (c *Config) check(doc *conf.Doc) {
	c.checkAddresses(doc)
	if c.Data == "" {
		doc.Fail("data", "the data folder is not named", "name the folder that holds journal and keys")
	}
	if c.Cluster == "" || len(c.Cluster) > maxCluster {
		doc.Fail("cluster", fmt.Sprintf("the cluster's name has 1 to %d bytes", maxCluster), "name it, as mlango")
	}
	if c.Node == 0 {
		doc.Fail("node", "nodes are numbered from 1", "write node: 1")
	}
	if _, err := currencyOf(c.Currency); err != nil {
		doc.Fail("currency", err.Error(), "write it as KES")
	}
	if c.Limits.IDHours < minIDHours || c.Limits.IDHours > maxIDHours {
		doc.Fail("limits.id_hours", fmt.Sprintf("ids stay in memory for %d to %d hours", minIDHours, maxIDHours), "write id_hours: 72")
	}
	if c.Limits.PagesInMemory < 1 {
		doc.Fail("limits.pages_in_memory", "what is being written stands in memory", "write pages_in_memory: 128")
	}
	c.checkAccess(doc)
	c.checkConsumers(doc)
	if c.TLS == nil {
		return
	}
	if c.TLS.CAFile == "" || c.TLS.CertFile == "" || c.TLS.KeyFile == "" {
		doc.Fail("tls", "both sides show a certificate: ca_file, cert_file and key_file are all needed", "name the three files")
	} else if _, err := c.TLS.server(); err != nil {
		doc.Fail("tls", err.Error(), "name PEM files that this user can read")
	} else if why, mend := c.TLS.unfit(); why != "" {
		doc.Fail("tls", why, mend)
	}
}

func (c *Config) checkAddresses(doc *conf.Doc) {
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		doc.Fail("listen", "not an address: "+err.Error(), "write it as 127.0.0.1:7401")
	} else if !loopback(c.Listen) && c.TLS == nil {
		doc.Fail("listen", "a ledger that others can reach needs TLS", "add tls: {ca_file, cert_file, key_file}, or listen on 127.0.0.1")
	}
	if c.Admin == "" {
		return
	}
	if _, _, err := net.SplitHostPort(c.Admin); err != nil {
		doc.Fail("admin", "not an address: "+err.Error(), "write it as 127.0.0.1:7402")
	}
}

// loopback tells whether an address stays on this machine.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// currencyOf reads an ISO 4217 code.
func currencyOf(s string) (c ledger.Currency, err error) {
	if len(s) != currency {
		return c, errors.New("a currency is three capital letters")
	}
	for i := range currency {
		if s[i] < 'A' || s[i] > 'Z' {
			return c, errors.New("a currency is three capital letters")
		}
	}
	return ledger.Currency([]byte(s)), nil
}

// server is the TLS of the listening side; without TLS it is nil.
func (t *TLS) server() (*tls.Config, error) {
	pool, pair, err := t.load()
	if t == nil || err != nil {
		return nil, err
	}
	return &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{pair},
		ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool}, nil
}

// client is the TLS of a tool that calls the node.
func (t *TLS) client() (*tls.Config, error) {
	pool, pair, err := t.load()
	if t == nil || err != nil {
		return nil, err
	}
	return &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{pair}, RootCAs: pool}, nil
}

func (t *TLS) load() (pool *x509.CertPool, pair tls.Certificate, err error) {
	if t == nil {
		return nil, pair, nil
	}
	pem, err := os.ReadFile(t.CAFile)
	if err != nil {
		return nil, pair, fmt.Errorf("tls: ca_file: %w", err)
	}
	pool = x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, pair, fmt.Errorf("tls: ca_file %s holds no certificate", t.CAFile)
	}
	if pair, err = tls.LoadX509KeyPair(t.CertFile, t.KeyFile); err != nil {
		return nil, pair, fmt.Errorf("tls: cert_file and key_file: %w", err)
	}
	return pool, pair, nil
}

// serverConfig is the node as the server takes it.
func (c *Config) serverConfig() (server.Config, error) {
	t, err := c.TLS.server()
	if err != nil {
		return server.Config{}, cli.Fail(cli.Usage, err)
	}
	return server.Config{Data: c.Data, Cluster: c.Cluster, Node: c.Node, ZoneMinutes: int(c.Zone),
		MinFree: c.Limits.MinFreeMB << 20, Snapshot: c.Limits.SnapshotEvery,
		Horizon: c.Limits.IDHours * 3_600_000, Keep: c.Limits.PagesInMemory, TLS: t, Access: c.access(), Consumers: c.Consumers}, nil
}
