package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"time"
)

// certificateLasts is how long a certificate made for one run is good.
const certificateLasts = 30 * 24 * time.Hour

// secure is how ESMEs speak TLS; nil: they do not.
func (c *smscCmd) secure(s *smsc) (*tls.Config, error) {
	own := c.TLSCert != "" || c.TLSKey != ""
	switch {
	case !c.TLS && !own && c.TLSClientCA == "":
		return nil, nil
	case own && (c.TLSCert == "" || c.TLSKey == ""):
		return nil, errors.New("--tls-cert and --tls-key go together; --tls alone makes a certificate for this run")
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.TLSClientCA != "" {
		b, err := os.ReadFile(c.TLSClientCA)
		if err != nil {
			return nil, fmt.Errorf("--tls-client-ca: %w", err)
		}
		config.ClientCAs, config.ClientAuth = x509.NewCertPool(), tls.RequireAndVerifyClientCert
		if !config.ClientCAs.AppendCertsFromPEM(b) {
			return nil, fmt.Errorf("--tls-client-ca %s: there is no certificate in it – write it in PEM", c.TLSClientCA)
		}
	}
	var pair tls.Certificate
	var err error
	if own {
		pair, err = tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
	} else {
		pair, s.pem, err = c.ownCertificate()
	}
	if err != nil {
		return nil, fmt.Errorf("--tls: %w", err)
	}
	config.Certificates = []tls.Certificate{pair}
	return config, nil
}

// ownCertificate makes a certificate for this machine and the address we listen on; its
// key is in memory only.
func (c *smscCmd) ownCertificate() (pair tls.Certificate, inPEM []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return pair, nil, fmt.Errorf("make a key: %w", err)
	}
	now := time.Now()
	own := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: "simulator smsc"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(certificateLasts), // clocks differ
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if host, _, err := net.SplitHostPort(c.Listen); err == nil {
		if ip := net.ParseIP(host); ip != nil {
			own.IPAddresses = append(own.IPAddresses, ip)
		} else if host != "" {
			own.DNSNames = append(own.DNSNames, host)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, own, own, &key.PublicKey, key)
	if err != nil {
		return pair, nil, fmt.Errorf("make a certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), nil
}

// showCertificate writes a certificate that was made for this run where ESMEs can read it.
func (s *smsc) showCertificate() error {
	if s.pem == nil {
		return nil
	}
	f, err := os.CreateTemp("", "simulator-smsc-*.pem")
	if err != nil {
		return fmt.Errorf("--tls: %w", err)
	}
	s.cert = f.Name()
	_, err = f.Write(s.pem)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("--tls: %w", err)
	}
	return nil
}

// forget removes what a run leaves.
func (s *smsc) forget() {
	if s.cert != "" {
		_ = os.Remove(s.cert) // it may be gone
	}
}

// secured are the box's lines about TLS.
func (c *smscCmd) secured(s *smsc) (lines []string) {
	switch {
	case s.cert != "":
		lines = append(lines, "TLS       its certificate: "+s.cert+" (for this run)")
	case c.TLSCert != "":
		lines = append(lines, "TLS       by "+c.TLSCert)
	}
	if c.TLSClientCA != "" {
		lines = append(lines, "          for certificates signed by "+c.TLSClientCA)
	}
	return lines
}
