//go:build unix

package main

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"mlango/internal/cli"
	"mlango/ledgerd/server"
)

// TestALongStartIsToldAsOne: while the data folder is read the admin address
// answers, alive and not ready. A pipe in the folder makes the start as long as
// the test likes.
func TestALongStartIsToldAsOne(t *testing.T) {
	admin := free(t)
	config := write(t, "listen: "+free(t)+"\nadmin: "+admin+"\ndata: ./books\n")
	data := filepath.Join(filepath.Dir(config), "books")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(data, "books"), 0o600); err != nil {
		t.Fatal(err)
	}
	served := make(chan int, 1)
	go func() {
		code, _, _ := call(t, context.WithoutCancel(t.Context()), "serve", "--config", config)
		served <- code
	}()
	get := func(page string) (int, string) {
		for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
			resp, err := (&http.Client{Timeout: time.Second}).Get("http://" + admin + page)
			if err == nil {
				b, _ := io.ReadAll(resp.Body)
				resp.Body.Close()
				return resp.StatusCode, string(b)
			}
			if time.Now().After(deadline) {
				t.Fatal(err)
			}
		}
	}
	if code, body := get("/healthz"); code != http.StatusOK {
		t.Errorf("healthz: %d %s", code, body)
	}
	if code, body := get("/readyz"); code != http.StatusServiceUnavailable || !strings.Contains(body, "starting") {
		t.Errorf("readyz: %d %s", code, body)
	}
	pipe, err := os.OpenFile(filepath.Join(data, "books"), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pipe.WriteString("nonsense\n"); err != nil {
		t.Fatal(err)
	}
	pipe.Close()
	if code := <-served; code != cli.Check {
		t.Fatalf("a start that failed ended with %d", code)
	}
}

// TestAStartThatIsOursToMendSaysHow names the flag or the key of the file.
func TestAStartThatIsOursToMendSaysHow(t *testing.T) {
	config := write(t, "listen: "+free(t)+"\nadmin: \"\"\ndata: ./books\n")
	data := filepath.Join(filepath.Dir(config), "books")
	open := func(c server.Config) *server.Server {
		c.Data, c.ZoneMinutes = data, nairobi
		srv, err := server.Open(c)
		if err != nil {
			t.Fatal(err)
		}
		return srv
	}
	refused := func(want string) {
		t.Helper()
		if code, _, errs := call(t, t.Context(), "serve", "--config", config); code != cli.Usage || !strings.Contains(errs, want) {
			t.Fatalf("exit %d, %s; want %q", code, errs, want)
		}
	}
	srv := open(server.Config{Cluster: defaults().Cluster, Node: 1})
	refused("another ledgerd serves this folder")
	if err := srv.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, server.JournalDir, "FAILED"), []byte("EIO\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	refused("--accept-failed-writes")
	if err := os.WriteFile(config, []byte("cluster: other\nlisten: "+free(t)+"\nadmin: \"\"\ndata: ./books\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(data, server.JournalDir, "FAILED")); err != nil {
		t.Fatal(err)
	}
	refused("cluster:")
}
