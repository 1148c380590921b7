package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"mlango/gateway/binds"
	"mlango/gateway/confirm"
	"mlango/gateway/edge"
	"mlango/gateway/versions"
	"mlango/internal/dialect"
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

// marks tell whether an operator is the same as before, secrets and the contents of
// the files it names included.
type marks struct{ door, binds, rest [32]byte }

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

// version is the operators' part of the file, with the dialects it names.
func (c *Config) version(how string) (v versions.Version, err error) {
	src, err := os.ReadFile(c.path)
	if err != nil {
		return v, fmt.Errorf("operators: %w", err)
	}
	v = versions.Version{At: time.Now(), How: how, Text: versions.Of(string(src)), Files: map[string]string{}}
	for i := range c.Operators {
		for _, name := range []string{c.Operators[i].USSD.SMPP, c.Operators[i].USSD.HTTP} {
			if !dialect.IsFile(name) {
				continue
			}
			raw, err := os.ReadFile(name)
			if err != nil {
				return v, fmt.Errorf("operators: %w", err)
			}
			v.Files[name] = string(raw)
		}
	}
	return v, nil
}

// marks are those of every operator, by name.
func (c *Config) marks() (map[string]marks, error) {
	out := map[string]marks{}
	for i := range c.Operators {
		o := &c.Operators[i]
		door := *o
		door.Binds, door.Prefixes, door.Sender, door.Home = nil, nil, "", 0
		for j := range o.Binds {
			if b := &o.Binds[j]; o.isDoor(b) || b.HTTP != "" {
				door.Binds = append(door.Binds, *b)
			}
		}
		made := *o
		made.USSD, made.Prefixes, made.Sender, made.Home = USSD{}, nil, "", 0
		made.Binds = slices.DeleteFunc(slices.Clone(o.Binds), func(b Bind) bool { return o.isDoor(&b) })
		var m marks
		var err error
		for _, it := range []struct {
			mark *[32]byte
			of   Operator
		}{{&m.door, door}, {&m.binds, made}, {&m.rest, *o}} {
			if *it.mark, err = it.of.mark(); err != nil {
				return nil, err
			}
		}
		out[o.Name] = m
	}
	return out, nil
}

// mark is a sum over an operator, its secrets, and the files it names.
func (o Operator) mark() (sum [32]byte, err error) {
	h := sha256.New()
	if err := json.NewEncoder(h).Encode(o); err != nil {
		return sum, fmt.Errorf("operators: %w", err)
	}
	one := Config{Operators: []Operator{o}}
	for _, name := range one.paths() {
		if *name == "" {
			continue
		}
		raw, err := os.ReadFile(*name)
		if err != nil {
			return sum, fmt.Errorf("operators: %w", err)
		}
		part := sha256.Sum256(raw)
		h.Write(part[:])
	}
	return [32]byte(h.Sum(nil)), nil
}

// next is a configuration that may come into force.
type next struct {
	cfg     *Config
	marks   map[string]marks
	version versions.Version
	pool    []binds.Operator
	doors   []edge.Operator
	homes   []confirm.Operator
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
	if n.cfg.overHTTP() && g.http == nil {
		return n, fmt.Errorf("the HTTP edge at %s is not open, since no operator needed it: this takes a start", g.cfg.Listen)
	}
	return n, nil
}

// rooms are the operators as each room takes them.
func (c *Config) rooms() (pool []binds.Operator, doors []edge.Operator, homes []confirm.Operator, err error) {
	for i := range c.Operators {
		o := &c.Operators[i]
		pool = append(pool, o.bindsConfig())
		if o.Home > 0 {
			homes = append(homes, confirm.Operator{Name: o.Name, Home: uint16(o.Home)})
		}
		door, err := o.edge()
		if err != nil {
			return nil, nil, nil, fmt.Errorf("operator %s: %w", o.Name, err)
		}
		doors = append(doors, door)
	}
	return pool, doors, homes, nil
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

// restartKeys are the keys beside the operators that differ.
func restartKeys(a, b *Config) []string {
	out := []string{}
	x, y := reflect.ValueOf(a).Elem(), reflect.ValueOf(b).Elem()
	for i := range x.NumField() {
		name := strings.Split(x.Type().Field(i).Tag.Get("yaml"), ",")[0]
		if !x.Type().Field(i).IsExported() || name == "operators" || name == "routes" {
			continue
		}
		if !reflect.DeepEqual(x.Field(i).Interface(), y.Field(i).Interface()) {
			out = append(out, name)
		}
	}
	return out
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

// apply changes every room. What can fail comes first, and changes nothing.
func (g *gateway) apply(n *next) error {
	f := g.operators
	same := func(of func(m marks) [32]byte) func(name string) bool {
		return func(name string) bool {
			old, there := f.marks[name]
			return there && of(old) == of(n.marks[name])
		}
	}
	keepBinds, keepDoor := same(func(m marks) [32]byte { return m.binds }), same(func(m marks) [32]byte { return m.door })
	if err := g.pool.Check(n.pool, keepBinds); err != nil {
		return err
	}
	stays := g.edge.Kept(keepDoor)
	opened, err := listenAll(n.doors, g.edge.DoorAddrs())
	if err != nil {
		return err
	}
	old := g.edge.DoorAddrs()
	g.edge.Replace(n.doors, keepDoor)
	g.redoor(old, stays, opened)
	g.confirm.Replace(n.homes)
	g.confirm.Reroute(n.cfg.routes())
	return g.pool.Replace(n.pool, keepBinds)
}

// listenAll takes the addresses that doors are to open at and that none is at yet.
func listenAll(operators []edge.Operator, there []string) (opened map[string]net.Listener, err error) {
	opened = map[string]net.Listener{}
	for _, o := range operators {
		for _, d := range o.Doors {
			if slices.Contains(there, d.Listen) || opened[d.Listen] != nil {
				continue
			}
			ln, err := net.Listen("tcp", d.Listen)
			if err != nil {
				for _, other := range opened {
					err = errors.Join(err, other.Close())
				}
				return nil, fmt.Errorf("operator %s: its USSD centre is to bind to us at %s: %w", o.Name, d.Listen, err)
			}
			opened[d.Listen] = ln
		}
	}
	return opened, nil
}

// redoor stops what lets centres in where nobody is let in any more, begins anew
// where all of them changed, and begins where there was none.
func (g *gateway) redoor(old []string, stays map[string]bool, opened map[string]net.Listener) {
	now := g.edge.DoorAddrs()
	for _, addr := range old {
		if stays[addr] && slices.Contains(now, addr) {
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), drainWorkers)
		if err := g.parts.stop(ctx, doorPart+addr); err != nil {
			g.log.Warn("a door did not stop in time", "addr", addr, "err", err)
		}
		cancel()
		if !slices.Contains(now, addr) {
			continue
		}
		ln, err := net.Listen("tcp", addr)
		if err != nil { // it was ours a moment ago
			g.note("operators", fmt.Sprintf("USSD centres cannot bind at %s: %v", addr, err), true)
			continue
		}
		opened[addr] = ln
	}
	for addr, ln := range opened {
		g.serveDoor(g.parts, addr, ln)
	}
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

// rollback brings an older version back, whole: into the file, so that the next
// start runs it too, and into force. When it is refused the file is as it was.
func (g *gateway) rollback(name string) (did reloaded, err error) {
	f := g.operators
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.path == "" {
		return did, errNoFile
	}
	v, err := f.store.Get(name)
	if err != nil {
		return did, err
	}
	undo, err := swapFiles(f.path, &v)
	if err != nil {
		return did, errors.Join(fmt.Errorf("the file could not be changed, so the next start would undo this: %w", err), undo())
	}
	if did, err = g.reloadLocked(fmt.Sprintf("rollback to %d", v.Number), false); err != nil {
		return did, errors.Join(err, undo())
	}
	return did, nil
}

// swapFiles puts a version's text and dialects where they came from; undo puts back
// what was there.
func swapFiles(path string, v *versions.Version) (undo func() error, err error) {
	old := map[string][]byte{}
	undo = func() error {
		var errs []error
		for name, raw := range old {
			errs = append(errs, replaceFile(name, raw))
		}
		return errors.Join(errs...)
	}
	swap := func(name string, text func(was string) string) error {
		was, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		now := text(string(was))
		if now == string(was) {
			return nil
		}
		if err := replaceFile(name, []byte(now)); err != nil {
			return err
		}
		old[name] = was
		return nil
	}
	for name, text := range v.Files {
		if err := swap(name, func(string) string { return text }); err != nil {
			return undo, err
		}
	}
	return undo, swap(path, func(was string) string { return versions.Swap(was, v.Text) })
}

// replaceFile keeps the mode of the file in whose place the new one comes.
func replaceFile(name string, raw []byte) error {
	mode := os.FileMode(0o600)
	if info, err := os.Stat(name); err == nil {
		mode = info.Mode().Perm()
	}
	return versions.WriteFile(name, raw, mode)
}
