package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// The files of a run.
const (
	NameJSON = "report.json"
	NameHTML = "report.html"
)

// MaxFile bounds a report.json that is read, in bytes.
const MaxFile = 32 << 20

// ErrFile says that a file is no report, or too large to be one.
var ErrFile = errors.New("report: not a report of a run")

// Write puts report.json and report.html into a folder, which it makes.
func (r *Report) Write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("report: write: %w", err)
	}
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("report: write: %w", err)
	}
	b = tight(b)
	if err := os.WriteFile(filepath.Join(dir, NameJSON), append(b, '\n'), 0o644); err != nil {
		return fmt.Errorf("report: write: %w", err)
	}
	var page bytes.Buffer
	if err := r.HTML(&page); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, NameHTML), page.Bytes(), 0o644); err != nil {
		return fmt.Errorf("report: write: %w", err)
	}
	return nil
}

// tight puts lists of bare numbers on one line each: a run has thousands of them.
func tight(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"': // to the string's end
			from := i
			for i++; i < len(b) && b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
			out = append(out, b[from:min(i+1, len(b))]...)
		case '[':
			end := i + 1
			for end < len(b) && bytes.IndexByte([]byte("0123456789.-+eEnul, \n"), b[end]) >= 0 {
				end++
			}
			if end == len(b) || b[end] != ']' {
				end = i
			}
			for ; i < end; i++ {
				if b[i] != ' ' && b[i] != '\n' {
					out = append(out, b[i])
				}
			}
			out = append(out, b[i])
		default:
			out = append(out, b[i])
		}
	}
	return out
}

// Read reads the report of a run: its folder, or its report.json.
func Read(path string) (*Report, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, NameJSON)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("report: read: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, MaxFile+1))
	if err != nil {
		return nil, fmt.Errorf("report: read %s: %w", path, err)
	}
	return Parse(path, b)
}

// Parse is Read of a text; name stands in the errors.
func Parse(name string, b []byte) (*Report, error) {
	if len(b) > MaxFile {
		return nil, fmt.Errorf("%w: %s has more than %d bytes", ErrFile, name, MaxFile)
	}
	var r Report
	if err := json.Unmarshal(b, &r); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrFile, name, err)
	}
	if r.Schema != 1 || r.Verdict == "" {
		return nil, fmt.Errorf("%w: %s has no schema 1 and verdict", ErrFile, name)
	}
	return &r, nil
}
