package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mlango/internal/cli"
)

// authority signs certificates of a test.
type authority struct {
	t    *testing.T
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T, dir, name string) *authority {
	t.Helper()
	a := &authority{t: t, dir: dir}
	a.cert = &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true,
		BasicConstraintsValid: true, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign}
	a.key = a.issue(name, a.cert, nil)
	return a
}

// issue writes NAME.pem and NAME.key.
func (a *authority) issue(name string, cert, parent *x509.Certificate) *ecdsa.PrivateKey {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	signer := a.key
	if parent == nil {
		parent, signer = cert, key
	}
	der, err := x509.CreateCertificate(rand.Reader, cert, parent, &key.PublicKey, signer)
	if err != nil {
		a.t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	a.put(name+".pem", &pem.Block{Type: "CERTIFICATE", Bytes: der})
	a.put(name+".key", &pem.Block{Type: "PRIVATE KEY", Bytes: secret})
	return key
}

func (a *authority) put(name string, block *pem.Block) {
	if err := os.WriteFile(filepath.Join(a.dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
		a.t.Fatal(err)
	}
}

// end issues a certificate for one end of a link on this machine.
func (a *authority) end(name string, roles ...string) {
	a.issue(name, &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name, OrganizationalUnit: roles},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}, a.cert)
}

// TestBothSidesShowACertificate: who shows none, or a stranger's, gets nothing.
func TestBothSidesShowACertificate(t *testing.T) {
	addr := free(t)
	config := write(t, "listen: "+addr+"\nadmin: \"\"\ndata: ./books\ntls: {ca_file: ca.pem, cert_file: ledger.pem, key_file: ledger.key}\n")
	dir := filepath.Dir(config)
	ours := newAuthority(t, dir, "ca")
	ours.end("ledger", "admin")
	ours.end("tool", "admin")
	ours.end("gw", "gateway")
	newAuthority(t, dir, "strangers").end("stranger")

	ctx, stop := context.WithCancel(t.Context())
	served := make(chan int, 1)
	go func() {
		code, _, _ := call(t, ctx, "serve", "--config", config)
		served <- code
	}()
	file := func(name string) string { return filepath.Join(dir, name) }
	open := []string{"admin", "open", "1", "--kind", "trust"}
	with := func(cert string) []string {
		return append(open, "--node", addr, "--ca", file("ca.pem"), "--cert", file(cert+".pem"), "--key", file(cert+".key"))
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		code, _, errs := call(t, t.Context(), with("tool")...)
		if code == cli.Done {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal(errs)
		}
	}
	if code, _, errs := call(t, t.Context(), append(open, "--config", config)...); code != cli.Done {
		t.Fatalf("the node's own configuration: exit %d, %s", code, errs)
	}
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"no certificate": {append(open, "--node", addr), "does not answer in the clear"},
		"a stranger's":   {with("stranger"), ""},
		"of a stranger": {append(open, "--node", addr, "--ca", file("strangers.pem"), "--cert", file("tool.pem"), "--key", file("tool.key")),
			"certificate signed by unknown authority"},
	} {
		if code, out, errs := call(t, t.Context(), c.args...); code == cli.Done || strings.Contains(out, "done") || !strings.Contains(errs, c.says) {
			t.Errorf("%s: exit %d, %s%s", name, code, out, errs)
		}
	}
	const want = "gw (gateway) may not call Admin, which takes settlement or admin"
	if code, _, errs := call(t, t.Context(), with("gw")...); code != cli.Check || !strings.Contains(errs, want) {
		t.Errorf("a gateway that administrates: exit %d, %s", code, errs)
	}
	stop()
	if code := <-served; code != cli.Done {
		t.Fatalf("exit %d", code)
	}
}

// TestTheNodesOwnCertificateIsLookedAt before anybody is refused because of it.
func TestTheNodesOwnCertificateIsLookedAt(t *testing.T) {
	config := write(t, "listen: 127.0.0.1:7401\ntls: {ca_file: ca.pem, cert_file: ledger.pem, key_file: ledger.key}\n")
	dir := filepath.Dir(config)
	ca := newAuthority(t, dir, "ca")
	check := func(want int, says string) {
		t.Helper()
		if code, out, errs := call(t, t.Context(), "check", "--config", config); code != want || !strings.Contains(out+errs, says) {
			t.Errorf("exit %d, %s%s; want %d and %q", code, out, errs, want, says)
		}
	}
	ca.end("ledger")
	check(cli.Done, "ledger.pem")
	if err := os.Chmod(filepath.Join(dir, "ledger.key"), 0o604); err != nil {
		t.Fatal(err)
	}
	check(cli.Usage, "mode 0604")
	if err := os.Chmod(filepath.Join(dir, "ledger.key"), 0o600); err != nil {
		t.Fatal(err)
	}
	ca.issue("ledger", &x509.Certificate{SerialNumber: big.NewInt(3), Subject: pkix.Name{CommonName: "ledger"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}, ca.cert)
	check(cli.Usage, "subjectAltName")
}

// TestWhoInterruptsIsToldWhatToDo: 130, and to say it again.
func TestWhoInterruptsIsToldWhatToDo(t *testing.T) {
	o := newOffice(t, map[string]string{"jane": "admin"})
	defer o.stop()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	code, _, errs := call(t, ctx, "admin", "freeze", "1", "--config", o.config, "--cert", filepath.Join(o.dir, "jane.pem"), "--key", filepath.Join(o.dir, "jane.key"))
	if code != cli.Interrupted || !strings.Contains(errs, "say the same again") {
		t.Fatalf("exit %d, %s", code, errs)
	}
}
