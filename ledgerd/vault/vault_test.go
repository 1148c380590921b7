package vault

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func open(t testing.TB, dir string) *Vault {
	t.Helper()
	v, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.Close() })
	return v
}

// again is a later start on the same folder.
func again(t testing.TB, v *Vault) *Vault {
	t.Helper()
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	return open(t, v.dir)
}

// show is the vault as a tool reads it beside the running process.
func show(t testing.TB, v *Vault) *Vault {
	t.Helper()
	w, err := Load(v.dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}

func TestOneProcessAtATime(t *testing.T) {
	v := open(t, t.TempDir())
	if _, err := Open(v.dir); !errors.Is(err, ErrInUse) {
		t.Error(err)
	}
	_ = show(t, v)
	again(t, v)
}

func TestMadeAtRandomAndKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "vault")
	v := open(t, dir)
	w := open(t, filepath.Join(t.TempDir(), "vault"))
	beside := show(t, v)
	for name, of := range map[string]func(*Vault) []byte{
		"id":      func(v *Vault) []byte { k := v.IDKey(); return k[:] },
		"pin":     func(v *Vault) []byte { k := v.PINKey(); return k[:] },
		"receipt": func(v *Vault) []byte { k := v.ReceiptKey(); return k[:] },
		"token":   func(v *Vault) []byte { k := v.Token(TokenMSISDN, "254722000001"); return k[:] },
	} {
		if bytes.Equal(of(v), make([]byte, len(of(v)))) || bytes.Equal(of(v), of(w)) {
			t.Errorf("the %s key is not at random", name)
		}
		if !bytes.Equal(of(v), of(beside)) {
			t.Errorf("the %s key changed over a start", name)
		}
	}
}

func TestTokenTellsKindsApart(t *testing.T) {
	v := open(t, t.TempDir())
	seen := map[[16]byte]bool{}
	for _, kind := range []uint8{TokenMSISDN, TokenAgent, TokenTill, TokenPaybill} {
		for _, number := range []string{"", "500001", "500002", "0500001"} {
			if token := v.Token(kind, number); seen[token] || token == [16]byte{} {
				t.Errorf("kind %d number %q has a token twice", kind, number)
			} else {
				seen[token] = true
			}
		}
	}
}

func TestNobodyElseMayLook(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "vault")
	v := open(t, dir)
	if err := v.AddPeople(1); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Rotate(1); err != nil {
		t.Fatal(err)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{"": 0o700, keysFile: 0o600, sealsFile: 0o600, peopleFile: 0o600} {
		path := filepath.Join(dir, name)
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v %v", path, info.Mode(), err)
		}
		if err := os.Chmod(path, want|0o040); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(dir); !errors.Is(err, ErrPermissions) {
			t.Errorf("%s readable by the group: %v", path, err)
		}
		if err := os.Chmod(path, want); err != nil {
			t.Fatal(err)
		}
	}
}

// TestHalfAVaultIsRefused: a file that is missing or changed stops the start. New
// keys beside old data would be worse.
func TestHalfAVaultIsRefused(t *testing.T) {
	for _, name := range []string{keysFile, sealsFile, peopleFile} {
		dir := filepath.Join(t.TempDir(), "vault")
		v := open(t, dir)
		if err := v.AddPeople(1, 2); err != nil {
			t.Fatal(err)
		}
		if _, err := v.Rotate(1); err != nil {
			t.Fatal(err)
		}
		if err := v.Close(); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name)
		good, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(dir); !errors.Is(err, ErrIncomplete) {
			t.Errorf("without %s: %v", name, err)
		}
		everyByte(t, dir, path, good)
	}
}

// everyByte flips each in turn. The last person is the tail cut zone: nobody can
// tell a changed record there from a torn one.
func everyByte(t *testing.T, dir, path string, good []byte) {
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 0x20
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		v, err := Load(dir)
		if err == nil && filepath.Base(path) == peopleFile && i >= peopleHeader {
			if n := v.people.n; int64(n) != (int64(i)-peopleHeader)/personSize {
				t.Errorf("byte %d changed: %d people", i, n)
			}
			_ = v.Close()
			continue
		}
		if !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: byte %d changed: %v", path, i, err)
		}
	}
	for _, n := range []int{0, 1, len(good) / 2} {
		if n >= peopleHeader && filepath.Base(path) == peopleFile {
			continue
		}
		if err := os.WriteFile(path, good[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(dir); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %d bytes left: %v", path, n, err)
		}
	}
}

func TestACreationCutShortIsDoneAgain(t *testing.T) {
	for _, names := range [][]string{{}, {peopleFile}, {peopleFile, sealsFile}, {peopleFile, sealsFile, keysFile + ".tmp"}} {
		whole := filepath.Join(t.TempDir(), "vault")
		_ = open(t, whole).Close()
		dir := t.TempDir()
		for _, name := range names {
			b, err := os.ReadFile(filepath.Join(whole, name))
			if err != nil {
				b = []byte("half")
			}
			if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		v := open(t, dir)
		if err := v.AddPeople(1); err != nil {
			t.Error(names, err)
		}
	}
}

func TestPrintingTellsNoKey(t *testing.T) {
	v := open(t, t.TempDir())
	k, _ := rotate(t, v, 1, true)
	for _, format := range []string{"%v", "%+v", "%#v", "%x", "%d", "%s"} {
		for secret, text := range map[[32]byte]string{v.IDKey(): fmt.Sprintf(format, v), k.Secret: fmt.Sprintf(format, []Seal{k})} {
			for _, leak := range []string{"%x", "%d", "%v", "%s", "%#v"} {
				if strings.Contains(text, fmt.Sprintf(leak, secret[:])) || len(text) > 40 {
					t.Errorf("%s prints %q", format, text)
				}
			}
		}
	}
}

func TestLoadMakesNothing(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(dir); !errors.Is(err, ErrIncomplete) {
		t.Error(err)
	}
	if list, _ := os.ReadDir(dir); len(list) != 0 {
		t.Error("something was made")
	}
}

func TestLoadChangesNothing(t *testing.T) {
	dir := t.TempDir()
	v := open(t, dir)
	if err := v.AddPeople(1); err != nil {
		t.Fatal(err)
	}
	one := sealed(t, v, 1)
	path := filepath.Join(dir, peopleFile)
	good, _ := os.ReadFile(path)
	torn := append(good, "half a record"...)
	if err := os.WriteFile(path, torn, 0o600); err != nil {
		t.Fatal(err)
	}
	w, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	opens(t, w, 1, one)
	_, rerr := w.Rotate(1)
	for _, err := range []error{w.AddPeople(2), w.Forget(1), rerr} {
		if !errors.Is(err, ErrReadOnly) {
			t.Error(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(after, torn) {
		t.Error("the file changed")
	}
}

func TestClosedVaultKnowsNothing(t *testing.T) {
	v := open(t, t.TempDir())
	if err := v.AddPeople(1); err != nil {
		t.Fatal(err)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	if v.IDKey() != [32]byte{} {
		t.Error("a key is left in memory")
	}
	if err := v.AddPeople(2); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	if _, err := v.SealPerson(1, "A", "1"); err == nil {
		t.Error("a person's key is left in memory")
	}
}
