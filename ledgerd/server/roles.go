package server

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	conn "google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"mlango/ledgerd/wire"
	"mlango/ledgerd/wire/pb"
)

// Role is what the holder of a certificate may do. They add up.
type Role uint8

// The roles.
const (
	RoleGateway    Role = 1 << iota // makes subscribers' wishes, tells them the outcome
	RoleSettlement                  // nets operators and banks: its own lanes, reading, and asking people for payments
	RoleAuditor                     // reads everything, changes nothing
	RoleAdmin                       // opens, freezes, sets; with a second person also money
	RolePartner                     // tells businesses' systems: its own lanes, and nothing else

	everyRole = RoleGateway | RoleSettlement | RoleAuditor | RoleAdmin | RolePartner
)

// tableRoles are the roles' words: in a certificate's organizational unit, in the
// configuration, in refusals.
var tableRoles = []struct {
	role Role
	word string
}{{RoleGateway, "gateway"}, {RoleSettlement, "settlement"}, {RoleAuditor, "auditor"}, {RoleAdmin, "admin"}, {RolePartner, "partner"}}

// ParseRole finds a role by its word.
func ParseRole(word string) (Role, bool) {
	for _, t := range tableRoles {
		if t.word == word {
			return t.role, true
		}
	}
	return 0, false
}

// String is the roles' words, or "no role".
func (r Role) String() string {
	var words []string
	for _, t := range tableRoles {
		if r&t.role != 0 {
			words = append(words, t.word)
		}
	}
	if len(words) == 0 {
		return "no role"
	}
	return strings.Join(words, ", ")
}

// Access says who may do what.
type Access struct {
	// Names gives roles to certificates by their common name, instead of what
	// their organizational units say: to add, or with no role to take away.
	Names map[string]Role
	// OnePerson lets one administrator create money alone: for trying out.
	OnePerson bool
}

// tableCalls is who may make which call.
var tableCalls = map[string]Role{
	pb.Ledger_Exchange_FullMethodName:  RoleGateway | RoleSettlement | RolePartner,
	pb.Ledger_Notices_FullMethodName:   RoleGateway | RoleSettlement | RolePartner,
	pb.Ledger_Tail_FullMethodName:      RoleGateway | RoleSettlement | RolePartner | RoleAuditor,
	pb.Ledger_Entries_FullMethodName:   RoleAuditor | RoleSettlement,
	pb.Ledger_Keys_FullMethodName:      RoleGateway | RoleAdmin,
	pb.Ledger_Admin_FullMethodName:     RoleAdmin | RoleSettlement, // settlement: to ask for payments only
	pb.Ledger_Pending_FullMethodName:   RoleAdmin | RoleAuditor,
	pb.Ledger_Approve_FullMethodName:   RoleAdmin,
	pb.Ledger_Lookup_FullMethodName:    everyRole,
	pb.Ledger_Account_FullMethodName:   RoleAdmin | RoleAuditor | RoleSettlement,
	pb.Ledger_Statement_FullMethodName: RoleAdmin | RoleAuditor | RoleSettlement,
	pb.Ledger_Show_FullMethodName:      RoleAdmin | RoleAuditor | RoleSettlement,
	pb.Ledger_Stats_FullMethodName:     everyRole,
	pb.Ledger_Status_FullMethodName:    everyRole,
	pb.Ledger_Zone_FullMethodName:      everyRole,
	pb.Ledger_Rules_FullMethodName:     RoleAdmin | RoleAuditor | RoleSettlement,
	pb.Ledger_Plan_FullMethodName:      RoleAdmin,
	pb.Ledger_Backup_FullMethodName:    RoleAdmin | RoleAuditor,
}

// tableRecords is who may say which record on an Exchange stream. What is not
// here nobody says there. A gateway's transfer may be a hold: its payer asked for it by
// PIN, to one payee and until an instant, and is told of it and of how it ends. To end one
// is not here: a post takes what the payer did not ask for at that moment, and a void
// takes from the payee what was promised, so either is two administrators' – and if
// nobody says anything, time frees the money.
var tableRecords = [256]Role{
	wire.KindTransfer:    RoleGateway,
	wire.KindCheck:       RoleGateway,
	wire.KindWho:         RoleGateway,
	wire.KindAsk:         RoleGateway,
	wire.KindSetLanguage: RoleGateway,
	wire.KindResolve:     RoleGateway | RoleSettlement,
	wire.KindEndAsk:      RoleGateway,
	wire.KindAck:         RoleGateway | RoleSettlement | RolePartner,
}

// caller is who is at the other end of a connection.
type caller struct {
	name string // of the certificate; empty without one
	key  [32]byte
	role Role
}

// callerKey finds the caller in a context.
type callerKey struct{}

// callerOf is who makes a call.
func callerOf(ctx context.Context) caller {
	c, _ := ctx.Value(callerKey{}).(caller)
	return c
}

// guard is the node's door: it knows callers by their certificates.
type guard struct {
	access    Access
	tls       bool
	log       *slog.Logger
	forbidden atomic.Uint64
	said      once
}

// look finds out who calls. Without TLS, which is only served on this machine,
// everybody is everything and nobody.
func (g *guard) look(ctx context.Context) caller {
	p, ok := conn.FromContext(ctx)
	if !ok {
		return caller{}
	}
	info, ok := p.AuthInfo.(credentials.TLSInfo)
	if !ok && !g.tls {
		return caller{role: everyRole}
	}
	if len(info.State.PeerCertificates) == 0 {
		return caller{}
	}
	cert := info.State.PeerCertificates[0]
	c := caller{name: cert.Subject.CommonName, key: sha256.Sum256(cert.RawSubjectPublicKeyInfo)}
	if role, named := g.access.Names[c.name]; named {
		c.role = role
		return c
	}
	for _, unit := range cert.Subject.OrganizationalUnit {
		role, _ := ParseRole(unit)
		c.role |= role
	}
	return c
}

// admit lets a call in, or refuses it in words.
func (g *guard) admit(ctx context.Context, method string) (context.Context, error) {
	c := g.look(ctx)
	need := tableCalls[method]
	if c.role&need == 0 {
		return ctx, g.refuse(c, "call "+method[strings.LastIndexByte(method, '/')+1:], need)
	}
	return context.WithValue(ctx, callerKey{}, c), nil
}

// refuse counts a refusal and words it.
func (g *guard) refuse(c caller, what string, need Role) error {
	g.forbidden.Add(1)
	name := c.name
	if name == "" {
		name = "a certificate without a name"
	}
	if g.log != nil && g.said.fresh(name+"\x00"+what, time.Now()) {
		g.log.Warn("refused", "who", name, "role", c.role.String(), "what", what, "takes", need.String(), "so far", g.forbidden.Load())
	}
	return status.Errorf(codes.PermissionDenied,
		"%s (%s) may not %s, which takes %s: put the role in the certificate's organizational unit, or under roles: in the node's configuration",
		name, c.role, what, strings.ReplaceAll(need.String(), ", ", " or "))
}

// unary is the door of single calls.
func (g *guard) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	ctx, err := g.admit(ctx, info.FullMethod)
	if err != nil {
		return nil, err
	}
	return handle(ctx, req)
}

// stream is the door of streams.
func (g *guard) stream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	ctx, err := g.admit(stream.Context(), info.FullMethod)
	if err != nil {
		return err
	}
	return handle(srv, known{stream, ctx})
}

// known is a stream whose caller is known.
type known struct {
	grpc.ServerStream
	ctx context.Context
}

// Context knows the caller.
func (k known) Context() context.Context { return k.ctx }
