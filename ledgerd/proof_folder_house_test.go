//go:build house

package main

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
)

// fillBytes is more than a segment of the journal takes.
const fillBytes = 18 << 20

// harm is something that happens to the folder of a stopped node.
type harm struct {
	name   string
	do     func(r *rig) // what is gone or changed; it is put back afterwards
	want   string       // in what the start says
	verify string       // in what verify says, when it is a check of the data
}

// TestProofFolderIsRefused: what is not the node's own whole folder is not served,
// and the refusal says what is wrong. Put back, it serves as before.
func TestProofFolderIsRefused(t *testing.T) {
	r := newRig(t, 2)
	c := r.start(1)[0]
	r.seed(c)
	r.fill(c, fillBytes)
	r.end()
	line := r.verify()
	foreign := r.beside(t, 2)
	foreign.configure("cluster: another")
	foreign.seed(foreign.start(1)[0])
	foreign.end()
	segments, err := filepath.Glob(filepath.Join(r.data, "journal", "*.seg"))
	if err != nil || len(segments) < 2 {
		t.Fatal(segments, err)
	}
	first, last := filepath.Base(segments[0]), filepath.Base(segments[len(segments)-1])
	gone := func(names ...string) func(*rig) {
		return func(r *rig) { r.away(filepath.Join(names...)) }
	}
	for _, h := range []harm{
		{"another cluster's node", func(r *rig) { r.configure("cluster: another") }, "cluster:", ""},
		{"another node's number", func(r *rig) { r.configure("node: 2") }, "node:", ""},
		{"another zone", func(r *rig) { r.configure(`zone: "+01:00"`) }, "zone", ""},
		{"no first segment", gone("journal", first), "a file is missing: entries 1 to ", "a file is missing: entries 1 to "},
		{"no last segment", gone("journal", last), "missing", "missing"},
		{"no identity", gone("journal", "JOURNAL"), "", ""},
		{"no segment", func(r *rig) {
			for _, s := range segments {
				r.away(filepath.Join("journal", filepath.Base(s)))
			}
		}, "bring them back from a copy", "bring them back from a copy"},
		{"no journal", gone("journal"), "bring it back from a copy", "bring it back from a copy"},
		{"no vault", gone("vault"), "vault", ""}, // verify checks what can be without keys
		{"no keys", gone("vault", "keys"), "keys", "keys"},
		{"the vault of another node", func(r *rig) {
			r.away("vault")
			r.copy(filepath.Join(foreign.data, "vault"), "vault")
		}, "the vault is not the one the books were begun with", "the vault is not the one"},
		{"a segment of another cluster", func(r *rig) {
			r.away(filepath.Join("journal", first))
			r.copy(filepath.Join(foreign.data, "journal", first), filepath.Join("journal", first))
		}, "another cluster or node", "another cluster or node"},
		{"the journal of another cluster", func(r *rig) {
			r.away("journal")
			r.copy(filepath.Join(foreign.data, "journal"), "journal")
		}, "another cluster or node", ""},
		{"the first segment under another's name", func(r *rig) {
			r.away(filepath.Join("journal", last))
			r.copy(segments[0], filepath.Join("journal", last))
		}, "renamed", "renamed"},
	} {
		t.Run(h.name, func(t *testing.T) {
			r.t = t
			r.harmed(t, h)
		})
	}
	r.t = t
	if again := r.verify(); again != line {
		t.Fatalf("before %s, and after the refusals %s", line, again)
	}
	r.twice()
}

// harmed demands that a start, and verify, are refused in words.
func (r *rig) harmed(t *testing.T, h harm) {
	backup := filepath.Join(r.dir, "backup")
	if err := os.CopyFS(backup, os.DirFS(r.data)); err != nil {
		t.Fatal(err)
	}
	h.do(r)
	if h.want != "" {
		if said := r.refuses("serve", "--config", r.config); !strings.Contains(said, h.want) {
			t.Errorf("the start says %q, not %q", said, h.want)
		}
	} else { // nobody can be harmed by it: it serves what it served
		r.start(1)
		r.end()
	}
	if h.verify != "" {
		if said := r.refuses("verify", "--data", r.data); !strings.Contains(said, h.verify) {
			t.Errorf("verify says %q, not %q", said, h.verify)
		}
	}
	r.configure()
	if err := os.RemoveAll(r.data); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(backup, r.data); err != nil {
		t.Fatal(err)
	}
	private(t, r.data)
}

// private gives a copy the modes of the original.
func private(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.Chmod(path, 0o700)
		}
		return os.Chmod(path, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// away takes a file or folder out of the data folder.
func (r *rig) away(name string) {
	r.t.Helper()
	if err := os.RemoveAll(filepath.Join(r.data, name)); err != nil {
		r.t.Fatal(err)
	}
}

// copy puts a file or folder into the data folder.
func (r *rig) copy(from, name string) {
	r.t.Helper()
	to := filepath.Join(r.data, name)
	info, err := os.Stat(from)
	if err == nil && info.IsDir() {
		err = os.CopyFS(to, os.DirFS(from))
	} else if err == nil {
		var b []byte
		if b, err = os.ReadFile(from); err == nil {
			err = os.WriteFile(to, b, 0o600)
		}
	}
	if err != nil {
		r.t.Fatal(err)
	}
	private(r.t.(*testing.T), r.data)
}

// twice starts a second process on the folder of a running one.
func (r *rig) twice() {
	r.t.Helper()
	c := r.start(1)[0]
	second := strings.Replace(readText(r.t, r.config), r.addr, quietPort(r.t), 1)
	config := filepath.Join(r.dir, "second.yaml")
	if err := os.WriteFile(config, []byte(second), 0o600); err != nil {
		r.t.Fatal(err)
	}
	for range 3 {
		if said := r.refuses("serve", "--config", config); !strings.Contains(said, "another ledgerd serves this folder") {
			r.t.Errorf("a second start says %q", said)
		}
		if said := r.refuses("verify", "--data", r.data); !strings.Contains(said, "stop the node first") {
			r.t.Errorf("verify beside a running node says %q", said)
		}
		r.must(c, r.send(1, 2, 1), ledger.OK) // who was there first is not harmed
	}
	r.end()
}

func readText(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// fill journals at least so many bytes, with tariffs of a kind that nobody uses.
func (r *rig) fill(c *ledgerclient.Client, bytes int) {
	r.t.Helper()
	tariff := ledger.SetTariff{Kind: ledger.KindPaybill, Bands: make([]ledger.Band, fillBands)}
	for i := range tariff.Bands {
		tariff.Bands[i].Upto = ledger.Amount(i + 1)
	}
	var cmds []ledger.Command
	for range fillCall {
		cmds = append(cmds, tariff)
	}
	for at := 0; at < bytes; at += fillCall * fillBands * fillBand {
		r.govern(c, cmds...)
	}
}

// How the journal is filled.
const (
	fillCall  = 500 // commands of one call
	fillBands = 64  // of one tariff
	fillBand  = 32  // bytes of one, at least
	fillIssue = 150 // bytes of an issue, at least
)

// cents are as many issues of one cent as one call takes.
func cents() (cmds []ledger.Command) {
	for range ledgerclient.MaxBatch {
		cmds = append(cmds, &ledger.Move{Transfer: ledger.Transfer{ID: proofID(), Kind: ledger.KindIssue, From: proofTrust, To: 1,
			Amount: 1, Currency: benchKES(), Expires: inTime(), Origin: ledger.Origin{Gateway: "proof", Session: strings.Repeat("s", ledger.MaxSession)}}})
	}
	return cmds
}

// TestProofFirstStart: the very first start of a node is killed at any moment,
// again and again. Nothing was promised yet, so a start that is left alone serves;
// from its first acknowledgement on nothing is lost.
func TestProofFirstStart(t *testing.T) {
	program := newRig(t, 0)
	for round := range firstStarts {
		r := program.beside(t, 2)
		for range 1 + round%4 {
			l := r.launch()
			time.Sleep(rand.N(firstStart))
			l.kill()
		}
		c := r.start(1)[0]
		r.seed(c)
		r.kill()
		if b := r.balance(r.start(1)[0], 2); b != proofMoney {
			t.Fatalf("a balance of %d, want %d", b, proofMoney)
		}
		r.end()
		r.verify()
	}
}

// How often, and how soon at most, a first start is killed.
const (
	firstStarts = 6
	firstStart  = 80 * time.Millisecond
)
