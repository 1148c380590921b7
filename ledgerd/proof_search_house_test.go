//go:build house

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// search looks for many needles in many files. A needle has at least shortest
// bytes, so that none is found by chance.
type search struct {
	may   [1 << 16]bool // a needle begins with these two bytes
	by    map[[shortest]byte][]needle
	words map[string]string // digits that must not stand alone in a log
}

const shortest = 6

// needle is what must not be found, and what it is.
type needle struct {
	bytes []byte
	what  string
}

// found is one needle in one file.
type found struct {
	file string
	at   int
	what string
}

func (f found) String() string { return fmt.Sprintf("%s, byte %d: %s", f.file, f.at, f.what) }

func newSearch() *search {
	return &search{by: map[[shortest]byte][]needle{}, words: map[string]string{}}
}

// add looks for bytes as they are, in hexadecimal and in base64.
func (s *search) add(what string, b []byte) {
	s.raw(what, b)
	s.raw(what+", in hexadecimal", []byte(hex.EncodeToString(b)))
	s.raw(what+", in base64", []byte(base64.RawStdEncoding.EncodeToString(b)[:len(b)]))
	s.raw(what+", in base64 of URLs", []byte(base64.RawURLEncoding.EncodeToString(b)[:len(b)]))
}

func (s *search) raw(what string, b []byte) {
	key := [shortest]byte(b)
	s.may[int(b[0])<<8|int(b[1])] = true
	s.by[key] = append(s.by[key], needle{bytes.Clone(b), what})
}

// pin looks for a PIN in the clear: in a log as a word, elsewhere as what was
// typed when that is long enough to mean something, and always as it lies in
// memory before it is sealed or its MAC is made.
func (s *search) pin(typed string) {
	s.words[typed] = "a PIN"
	if len(typed) >= shortest {
		s.raw("a PIN", []byte(typed))
	}
	plain := append([]byte{byte(len(typed))}, typed...)
	for len(plain) < 1+shortest {
		plain = append(plain, 0)
	}
	s.raw("a PIN as it is sealed and as its MAC is made", plain)
	for _, context := range [][2]string{{`"`, `"`}, {"=", " "}, {"=", "\n"}, {": ", ""}, {"pin ", ""}, {"PIN ", ""}} {
		s.raw("a PIN in a text", []byte(context[0]+typed+context[1]))
	}
	bare := sha256.Sum256([]byte(typed))
	s.add("the hash of a PIN", bare[:])
}

// folder reads every file below a folder but the program itself.
func (s *search) folder(t testing.TB, dir string) (list []found, files int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if d == nil || d.IsDir() {
			return nil
		}
		b, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a running process renames and removes
		}
		if err != nil {
			return err
		}
		files++
		list = append(list, s.file(path, b)...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list, files
}

// file looks at a file's bytes, and at what is packed among them.
func (s *search) file(path string, b []byte) (list []found) {
	if filepath.Ext(path) == ".log" {
		list = s.log(path, b)
	} else {
		list = s.bytes(path, b)
	}
	for at := 0; ; at++ {
		n := bytes.Index(b[at:], []byte{0x28, 0xb5, 0x2f, 0xfd}) // a frame of zstd
		if n < 0 {
			return list
		}
		at += n
		if unpacked := unzstd(b[at:]); len(unpacked) > 0 {
			list = append(list, s.bytes(fmt.Sprintf("%s, unpacked from byte %d", path, at), unpacked)...)
		}
	}
}

// unzstd reads what there is of a packed frame; what follows it is no matter.
func unzstd(b []byte) []byte {
	r, err := zstd.NewReader(bytes.NewReader(b), zstd.WithDecoderConcurrency(1), zstd.IgnoreChecksum(true))
	if err != nil {
		return nil
	}
	defer r.Close()
	var out bytes.Buffer
	_, _ = out.ReadFrom(r) // it ends at what is no frame any more
	return out.Bytes()
}

// bytes slides over all of b.
func (s *search) bytes(path string, b []byte) (list []found) {
	zeros := make([]byte, 512)
	for i := 0; i+shortest <= len(b); i++ {
		if b[i] == 0 && i+len(zeros) <= len(b) && bytes.Equal(b[i:i+len(zeros)], zeros) {
			i += len(zeros) - shortest
			continue
		}
		if !s.may[int(b[i])<<8|int(b[i+1])] {
			continue
		}
		for _, n := range s.by[[shortest]byte(b[i:])] {
			if bytes.HasPrefix(b[i:], n.bytes) {
				list = append(list, found{path, i, n.what})
			}
		}
	}
	return list
}

// log looks at a text: bytes as everywhere but bare digits, which must stand
// alone to be a PIN and not a part of an instant.
func (s *search) log(path string, b []byte) (list []found) {
	for _, f := range s.bytes(path, b) {
		if f.what != "a PIN" {
			list = append(list, f)
		}
	}
	digit := func(c byte) bool { return c >= '0' && c <= '9' }
	word := func(i int) bool {
		return i >= 0 && i < len(b) && (digit(b[i]) || b[i] == '.' || b[i]|0x20 >= 'a' && b[i]|0x20 <= 'z')
	}
	for i := 0; i < len(b); i++ {
		end := i
		for end < len(b) && digit(b[end]) {
			end++
		}
		if what, bad := s.words[string(b[i:end])]; bad && !word(i-1) && !word(end) {
			list = append(list, found{path, i, what})
		}
		i = max(i, end)
	}
	return list
}
