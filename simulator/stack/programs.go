package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

// The two programs a stack runs.
const (
	Ledgerd = "ledgerd"
	Gateway = "gateway"
	Second  = "gateway2" // another gateway, with Config.Second
)

// programOf is the program that a child runs.
func programOf(child string) string {
	if child == Second {
		return Gateway
	}
	return child
}

// findProgram returns the path of a program: beside this one, then in ./bin.
func findProgram(name string) (string, bool) {
	var places []string
	if self, err := os.Executable(); err == nil {
		places = append(places, filepath.Dir(self))
	}
	for _, dir := range append(places, "bin") {
		path, err := filepath.Abs(filepath.Join(dir, name))
		if err != nil {
			continue
		}
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return path, true
		}
	}
	return "", false
}

// build makes a program with the Go on this machine and says so on w.
func build(ctx context.Context, w io.Writer, name, into, tags string) (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	path := filepath.Join(into, "bin", name) // not beside the data: ledgerd's folder has its name
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("stack: folder for %s: %w", name, err)
	}
	args := []string{"build", "-o", path}
	if tags != "" {
		args = append(args, "-tags", tags)
	}
	fmt.Fprintf(w, "building %s (the first time takes a minute or two)\n", name)
	cmd := exec.CommandContext(ctx, "go", append(args, "./"+name)...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = root, w, w
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("stack: go build ./%s: %w", name, err)
	}
	return path, nil
}

// errNoSource says where the programs could not be found.
var errNoSource = errors.New("stack: ledgerd and gateway are neither beside this program nor in ./bin, and this folder is not the source: run `make build`, or start from the source folder")

// moduleRoot is the nearest folder upwards that holds both programs' source.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("stack: working folder: %w", err)
	}
	for {
		if hasSource(dir) {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errNoSource
		}
		dir = up
	}
}

// hasSource tells whether dir is the root of the source.
func hasSource(dir string) bool {
	for _, name := range []string{"go.mod", Ledgerd, Gateway} {
		if _, err := os.Stat(filepath.Join(dir, name)); errors.Is(err, fs.ErrNotExist) {
			return false
		}
	}
	return true
}
