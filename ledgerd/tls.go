package main

import (
	"crypto/x509"
	"fmt"
	"os"
)

// unfit says why a node should not show this certificate or keep this key, although
// both can be read: nobody would take the one, and others could take the other.
func (t *TLS) unfit() (why, mend string) {
	_, pair, err := t.load()
	if err != nil {
		return err.Error(), "name PEM files that this user can read"
	}
	cert, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		return "cert_file: " + err.Error(), "name another"
	}
	if len(cert.IPAddresses)+len(cert.DNSNames) == 0 {
		return fmt.Sprintf("cert_file %s names no address (subjectAltName): no client takes it", t.CertFile),
			`sign one with -addext "subjectAltName=IP:…,DNS:…": OPERATING.md has the lines`
	}
	info, err := os.Stat(t.KeyFile)
	if err != nil {
		return "key_file: " + err.Error(), "name another"
	}
	if mode := info.Mode().Perm(); mode&0o007 != 0 {
		return fmt.Sprintf("key_file %s can be read by everybody on the machine (mode %04o)", t.KeyFile, mode), "chmod 600 " + t.KeyFile
	}
	return "", ""
}
