package smpp

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"testing"
	"time"
)

// selfSigned is a certificate for 127.0.0.1 and a pool that trusts it.
func selfSigned(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	if c, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(c)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func TestTLS(t *testing.T) {
	cert, pool := selfSigned(t)
	_, addr := listen(t, ServerConfig{TLS: &tls.Config{Certificates: []tls.Certificate{cert}}})
	s := dial(t, addr, func(c *Config) { c.TLS = &tls.Config{RootCAs: pool} })
	if r, err := s.Submit(t.Context(), sms("hello")); err != nil || r.Status != StatusOK {
		t.Error(r, err)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := Dial(t.Context(), Config{Addr: addr, SystemID: "house", Password: secret, TLS: &tls.Config{}}); err == nil {
		t.Error("a certificate nobody vouches for was taken")
	}
	plain := Config{Addr: addr, SystemID: "house", Password: secret, Timers: Timers{Init: time.Second}}
	if _, err := Dial(t.Context(), plain); err == nil {
		t.Error("a plain bind to a TLS port")
	}
}
