package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"mlango/gateway/binds"
	"mlango/gateway/confirm"
	"mlango/gateway/edge"
	"mlango/gateway/versions"
)

// operatorsFolder is where their versions are, in the data folder.
const operatorsFolder = "operators"

// errNoFile says that the gateway was not started from a file it could read again.
var errNoFile = errors.New("this gateway does not know its file, so it cannot read it again")

// inForce is the operators' configuration that runs, and where others are kept.
type inForce struct {
	store *versions.Store
	path  string // of the configuration; empty: none
	mu    sync.Mutex
	cfg   atomic.Pointer[Config]
	at    atomic.Pointer[versions.Version]
	marks map[string]marks
}

// reloaded is what a reload did, or would do.
type reloaded struct {
	Version int      `json:"version"`
	Hash    string   `json:"hash"`
	Fresh   bool     `json:"fresh"` // it is not what ran before
	Added   []string `json:"added"`
	Changed []string `json:"changed"` // their binds are made anew where those changed
	Removed []string `json:"removed"`
	Kept    []string `json:"kept"`    // their binds and dialogues go on
	Restart []string `json:"restart"` // keys of the file that differ too, and take a start
}

// openInForce takes the configuration that the gateway starts with.
func openInForce(cfg *Config) (*inForce, error) {
	store, err := versions.Open(filepath.Join(cfg.Data, operatorsFolder))
	if err != nil {
		return nil, err
	}
	f := &inForce{store: store, path: cfg.path}
	f.cfg.Store(cfg)
	f.at.Store(&versions.Version{})
	if f.marks, err = cfg.marks(); err != nil || f.path == "" {
		return f, err
	}
	v, err := cfg.version("start")
	if err != nil {
		return nil, err
	}
	v, _, err = store.Put(v)
	f.at.Store(&v)
	return f, err
}

func (f *inForce) number() int { return f.at.Load().Number }

// config is the configuration whose operators are in force.
func (g *gateway) config() *Config { return g.operators.cfg.Load() }

// next is a configuration that may come into force.
type next struct {
	cfg     *Config
	marks   map[string]marks
	version versions.Version
	pool    []binds.Operator
	doors   []edge.Operator
	homes   []confirm.Operator
	opens   bool // the HTTP edge, which no operator needed before
	did     reloaded
}

// read reads the file again and says what would change. An error names the place in
// the file and changes nothing.
func (g *gateway) readAgain(how string) (n next, err error) {
	f := g.operators
	if f.path == "" {
		return n, errNoFile
	}
	if n.cfg, err = Load(f.path, false); err != nil {
		return n, err
	}
	if n.marks, err = n.cfg.marks(); err != nil {
		return n, err
	}
	if n.version, err = n.cfg.version(how); err != nil {
		return n, err
	}
	n.did = n.compare(f)
	if n.pool, n.doors, n.homes, err = n.cfg.rooms(); err != nil {
		return n, err
	}
	if n.opens = n.cfg.overHTTP() && g.httpAt.Load() == nil; n.opens { // where the next file says, as nobody is there yet
		n.did.Restart = slices.DeleteFunc(n.did.Restart, func(key string) bool { return strings.HasPrefix(key, "listen") })
	}
	return n, nil
}

// compare says how the next configuration differs from the one in force.
func (n *next) compare(f *inForce) reloaded {
	was := f.cfg.Load()
	did := reloaded{Version: f.number(), Hash: versions.Sum(n.version.Text, n.version.Files),
		Added: []string{}, Changed: []string{}, Removed: []string{}, Kept: []string{}, Restart: restartKeys(was, n.cfg)}
	for _, name := range n.cfg.names() {
		switch old, there := f.marks[name]; {
		case !there:
			did.Added = append(did.Added, name)
		case old != n.marks[name]:
			did.Changed = append(did.Changed, name)
		default:
			did.Kept = append(did.Kept, name)
		}
	}
	for _, name := range was.names() {
		if _, there := n.marks[name]; !there {
			did.Removed = append(did.Removed, name)
		}
	}
	did.Fresh = did.Hash != f.at.Load().Hash || len(did.Added)+len(did.Changed)+len(did.Removed) > 0
	return did
}

// reload reads the file again and brings its operators into force, whole or not at
// all. dry only says what it would do.
func (g *gateway) reload(how string, dry bool) (reloaded, error) {
	f := g.operators
	f.mu.Lock()
	defer f.mu.Unlock()
	return g.reloadLocked(how, dry)
}

func (g *gateway) reloadLocked(how string, dry bool) (reloaded, error) {
	f := g.operators
	n, err := g.readAgain(how)
	if err != nil {
		if !dry {
			g.note("operators", how+" refused, version "+fmt.Sprint(f.number())+" stays: "+err.Error(), true)
		}
		return n.did, err
	}
	if dry {
		return n.did, nil
	}
	if err := g.apply(&n); err != nil {
		g.note("operators", how+" failed, version "+fmt.Sprint(f.number())+" stays: "+err.Error(), true)
		return n.did, err
	}
	v, _, err := f.store.Put(n.version)
	if err != nil {
		g.log.Warn("the operators' version in force was not kept", "err", err)
		v = n.version
	}
	f.cfg.Store(n.cfg)
	f.at.Store(&v)
	f.marks = n.marks
	n.did.Version, n.did.Hash = v.Number, v.Hash
	if n.did.Fresh {
		g.note("operators", fmt.Sprintf("version %d in force (%s): %s", v.Number, how, n.did.words()), false)
	}
	g.log.Info("operators read again", "version", v.Number, "how", how, "did", n.did.words())
	return n.did, nil
}

// words say what a reload did.
func (r *reloaded) words() string {
	var out []string
	for _, it := range []struct {
		what  string
		names []string
	}{{"added", r.Added}, {"changed", r.Changed}, {"removed", r.Removed}, {"kept", r.Kept}} {
		if len(it.names) > 0 {
			out = append(out, it.what+" "+strings.Join(it.names, ", "))
		}
	}
	if len(out) == 0 {
		return "no operators"
	}
	return strings.Join(out, "; ")
}
