package server

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	conn "google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
	"mlango/ledgerd/wire/pb"
)

// holding is the context of a call by the holder of a certificate.
func holding(name string, units ...string) context.Context {
	cert := &x509.Certificate{Subject: pkix.Name{CommonName: name, OrganizationalUnit: units}, RawSubjectPublicKeyInfo: []byte(name)}
	return conn.NewContext(context.Background(), &conn.Peer{AuthInfo: credentials.TLSInfo{
		State: tls.ConnectionState{PeerCertificates: []*x509.Certificate{cert}}}})
}

// TestEveryCallHasItsRoles: a call that nobody wrote a rule for is nobody's.
func TestEveryCallHasItsRoles(t *testing.T) {
	var all []string
	for _, m := range pb.Ledger_ServiceDesc.Methods {
		all = append(all, "/"+pb.Ledger_ServiceDesc.ServiceName+"/"+m.MethodName)
	}
	for _, m := range pb.Ledger_ServiceDesc.Streams {
		all = append(all, "/"+pb.Ledger_ServiceDesc.ServiceName+"/"+m.StreamName)
	}
	if len(all) != len(tableCalls) {
		t.Errorf("%d calls, %d rules", len(all), len(tableCalls))
	}
	var g guard
	for _, method := range all {
		for _, r := range tableRoles {
			_, err := g.admit(holding("x", r.word), method)
			if may := tableCalls[method]&r.role != 0; may != (err == nil) {
				t.Errorf("%s by a %s: %v", method, r.word, err)
			}
		}
		if _, err := g.admit(holding("x"), method); status.Code(err) != codes.PermissionDenied {
			t.Errorf("%s without a role: %v", method, err)
		}
		if _, err := g.admit(conn.NewContext(t.Context(), &conn.Peer{}), method); err != nil {
			t.Errorf("%s on this machine: %v", method, err)
		}
	}
}

// TestRolesComeFromTheCertificateOrTheFile: the file's word counts instead of the
// certificate's, and may take away.
func TestRolesComeFromTheCertificateOrTheFile(t *testing.T) {
	g := guard{access: Access{Names: map[string]Role{"jane": RoleAdmin | RoleAuditor, "gone": 0}}}
	for _, c := range []struct {
		ctx  context.Context
		want string
	}{
		{holding("gw", "gateway"), "gateway"},
		{holding("gw", "gateway", "settlement", "Sales"), "gateway, settlement"},
		{holding("jane", "gateway"), "auditor, admin"},
		{holding("gone", "admin"), "no role"},
		{holding("", "Admin"), "no role"},
		{context.Background(), "no role"},
	} {
		if got := g.look(c.ctx); got.role.String() != c.want {
			t.Errorf("%q has %s, want %s", got.name, got.role, c.want)
		}
	}
	_, err := g.admit(holding("gone", "admin"), pb.Ledger_Admin_FullMethodName)
	if !strings.Contains(err.Error(), "gone (no role) may not call Admin, which takes settlement or admin") || g.forbidden.Load() != 1 {
		t.Errorf("%v, counted %d", err, g.forbidden.Load())
	}
}

// TestRecordsHaveTheirRoles: what a stream's role may not say is answered as
// forbidden, and nothing of it is queued.
func TestRecordsHaveTheirRoles(t *testing.T) {
	s := idle(t)
	p := &peer{s: s, who: caller{name: "nets", role: RoleSettlement}, wake: make(chan struct{}, 1)}
	say := func(b []byte, err error) (item, error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		r, _, err := wire.Next(b, 0)
		if err != nil {
			t.Fatal(err)
		}
		return p.take(r, s.clock.begin)
	}
	wish := &ledger.Request{Payer: "254722000001", Payee: "254722000002", Transfer: &ledger.Transfer{ID: newID(), Kind: ledger.KindSend}}
	if it, err := say(wire.AppendRequest(nil, 1, wish)); err != nil || it.to != nil {
		t.Fatalf("a wish of a settlement: %+v, %v", it, err)
	}
	if _, err := say(wire.AppendCommand(nil, 2, ledger.Ack{Consumer: ledger.ConsumerSMS})); err != nil {
		t.Fatal(err)
	}
	for _, res := range decode(t, p.out) {
		if res.Reject != ledger.CommandForbidden {
			t.Errorf("answered %s", res.Reject)
		}
	}
	if _, err := say(wire.AppendWho(nil, 3, "254722000001")); status.Code(err) != codes.InvalidArgument {
		t.Errorf("a question of a settlement: %v", err)
	}
	if it, err := say(wire.AppendCommand(nil, 4, ledger.Resolve{})); err != nil || it.to == nil {
		t.Errorf("what settlement may say: %+v, %v", it, err)
	}
	if n := s.door.forbidden.Load(); n != 3 {
		t.Errorf("%d refusals counted", n)
	}
}
