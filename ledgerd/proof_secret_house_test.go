//go:build house

package main

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"mlango/internal/pin"
	"mlango/ledgerd/ledger"
)

// Whose PINs are typed. Half have four digits, beginning with a zero as no figure
// in a log does, and half six, which mean something wherever they are found.
const (
	secretPeople = 24
	secretLives  = 3
	secretCrowd  = 160
)

// TestProofNoSecretInAnyFile: people pay, ask, mistype and are locked out while
// the process is killed and started; a broken gateway even sends a PIN where a
// sealed one belongs. Then every file is read: no PIN, sealed, clear or hashed, no
// name and no number. What was planted among the files is found.
func TestProofNoSecretInAnyFile(t *testing.T) {
	r := newRig(t, secretPeople, "limits: {snapshot_every: 50}")
	s := newSearch()
	for i := range r.pins[:secretPeople/2] {
		for p, err := pin.Parse("0" + r.pins[i][:3]); err != nil || pin.Easy(p, proofNumber(ledger.Account(i+1))); p, err = pin.Parse("0" + r.pins[i][:3]) {
			r.pins[i] = newPIN()
		}
		r.pins[i] = "0" + r.pins[i][:3]
	}
	s.people(r)
	clients := r.start(crowdConns)
	r.seed(clients[0])
	journaled := ""
	for n := range secretLives {
		list := r.careless(s, n)
		if err := each(list, func(i int, q *ask) error { return q.settle(r.now, clients[i%crowdConns]) }); err != nil {
			t.Fatal(err)
		}
		journaled = list[0].req.Transfer.Origin.Session
		r.opened(s, n)
		r.kill()
		clients = r.start(crowdConns)
	}
	r.snapshot(clients[0])
	r.nothing(s)
	r.end()
	r.verify()
	r.nothing(s)
	control := newSearch()
	control.raw("what was journaled", []byte(journaled))
	if list, _ := control.folder(t, r.data); len(list) == 0 {
		t.Fatal("the search does not find what is there")
	}
	r.planted(t, s)
}

// people looks for everybody's PIN, name and number.
func (s *search) people(r *rig) {
	for i, typed := range r.pins {
		n := ledger.Account(i + 1)
		s.pin(typed)
		s.add("a name", []byte(proofName(n)))
		s.add("a number", []byte(proofNumber(n)))
		s.raw("a number as people write it", []byte(proofNumber(n)[3:]))
	}
}

// nothing reads every file and wants to find nothing.
func (r *rig) nothing(s *search) {
	r.t.Helper()
	list, files := s.folder(r.t, r.dir)
	for _, f := range list {
		r.t.Error(f)
	}
	if files < 6 { // configuration, log, vault, journal
		r.t.Errorf("only %d files were read", files)
	}
}

// careless are payments and questions with right and wrong PINs, well sealed and
// not, and every one of them is looked for.
func (r *rig) careless(s *search, life int) (list []*ask) {
	r.t.Helper()
	for i := range secretCrowd {
		from := ledger.Account(1 + i%secretPeople)
		to := 1 + from%secretPeople
		typed := r.pins[from-1]
		if i%5 == 4 && from > 1 && from%7 == 1 {
			typed = fmt.Sprintf("%d%05d", 5+life, 10*i+int(from))
			s.pin(typed)
		}
		q := r.sendWith(from, to, ledger.Amount(1+i), typed)
		if i%4 == 3 {
			q = r.checkWith(from, []ledger.Query{ledger.QueryBalance, ledger.QueryLast}[i%2], typed)
		}
		if i == secretCrowd/2+life { // once in each life somebody gets a new one
			fresh := newPIN()
			s.pin(fresh)
			q = r.change(from, typed, fresh)
			s.add("a sealed new PIN", q.req.New)
			s.add("the end of a sealed new PIN", q.req.New[12:])
			defer func() { r.pins[from-1] = fresh }()
		}
		s.add("a sealed PIN", q.req.Sealed)
		s.add("the end of a sealed PIN", q.req.Sealed[12:])
		switch i % 40 {
		case 17: // a gateway that forgot to seal
			q.req.Sealed = []byte(typed)
		case 18: // and one that says so
			q.req.Sealed = []byte("pin " + typed)
		case 19: // sealed under a key that is gone
			q.req.SealKey += 1000
		}
		if t := q.req.Transfer; t != nil {
			t.Origin.Session = strings.Map(undigit, t.ID.String())
		}
		list = append(list, q)
	}
	return list
}

// undigit makes one letter of a hexadecimal digit: a number is found among no others.
func undigit(c rune) rune {
	if c >= 'a' {
		return c - 'a' + 'q'
	}
	return c - '0' + 'g'
}

// opened opens one more person by the administrator's command, with a first PIN, and
// then clears it.
func (r *rig) opened(s *search, life int) {
	r.t.Helper()
	n := ledger.Account(100 + life)
	typed := fmt.Sprintf("07%d4", life)
	s.pin(typed)
	s.add("a name", []byte(proofName(n)))
	s.add("a number", []byte(proofNumber(n)))
	r.tool([]string{"FIRST_PIN=" + typed}, "admin", "open", fmt.Sprint(n), "--name", proofName(n), "--msisdn", "+"+proofNumber(n), "--pin-env", "FIRST_PIN", "--config", r.config)
	r.tool(nil, "admin", "pin-reset", fmt.Sprint(n), "--msisdn", "+"+proofNumber(n), "--config", r.config)
}

// planted puts what must not be there among the files, in one way after the other.
func (r *rig) planted(t *testing.T, s *search) {
	noise := make([]byte, 1<<16)
	_, _ = rand.Read(noise) // never fails: see crypto/rand
	four, six := r.pins[0], r.pins[secretPeople-1]
	q := r.send(2, 1, 1)
	s.add("a sealed PIN", q.req.Sealed)
	s.add("the end of a sealed PIN", q.req.Sealed[12:])
	pack, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, file string
		what       []byte
	}{
		{"a sealed PIN in the journal", "books/journal/planted", q.req.Sealed},
		{"its end in the vault", "books/vault/planted", q.req.Sealed[12:]},
		{"a sealed PIN in a log", "planted.log", fmt.Appendf(nil, "sealed=%x", q.req.Sealed)},
		{"a sealed PIN, packed", "books/planted", pack.EncodeAll(append(bytes.Clone(noise), q.req.Sealed...), nil)},
		{"six digits", "books/planted", []byte(six)},
		{"six digits, packed", "books/planted", pack.EncodeAll(append(bytes.Clone(noise), six...), nil)},
		{"six digits in a log", "planted.log", []byte("time=10:11:12.345678 wrong PIN " + six)},
		{"four digits in a log", "planted.log", []byte("typed " + four)},
		{"four digits in a text", "books/planted", []byte("{\"pin\":\"" + four + "\"}")},
		{"four digits as they are sealed", "books/planted", append([]byte{4}, four+"\x00\x00"...)},
		{"a name", "books/journal/planted", []byte(proofName(3))},
		{"a number", "planted.log", []byte("payer=" + proofNumber(4))},
	} {
		t.Run("planted "+c.name, func(t *testing.T) {
			path := filepath.Join(r.dir, c.file)
			if err := os.WriteFile(path, append(append(bytes.Clone(noise), ' '), c.what...), 0o600); err != nil {
				t.Fatal(err)
			}
			if list, _ := s.folder(t, r.dir); len(list) == 0 {
				t.Error("it was not found")
			}
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		})
	}
}
