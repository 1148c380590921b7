package tidy

import (
	"slices"
	"strconv"
	"strings"
)

// arrows are what a room may import of ours: the drawing of ARCHITECTURE.md. A
// room that is not a key does not exist.
var arrows = map[string][]string{
	"gateway": {"gateway/approval", "gateway/edge", "gateway/dialog", "gateway/session", "gateway/order", "gateway/confirm", "gateway/binds", "gateway/bundle",
		"gateway/health", "gateway/wiretap", "gateway/incident", "gateway/versions", "smpp", "menus", "ledgerclient", "internal/cli", "internal/live", "internal/dialect", "internal/disk", "internal/msisdn", "internal/conf", "internal/admin", "internal/trace", "internal/stop"},
	"gateway/edge":     {"gateway/dialog", "gateway/binds", "gateway/wiretap", "smpp", "internal/dialect", "internal/msisdn", "internal/trace", "internal/stop"},
	"gateway/bundle":   {"menus", "internal/disk"},
	"gateway/approval": {"internal/disk", "gateway/session", "ledgerd/ledger", "internal/msisdn"},
	"gateway/dialog":   {"gateway/approval", "gateway/session", "gateway/order", "menus", "ledgerclient", "ledgerd/ledger", "internal/msisdn", "internal/pin", "internal/trace", "internal/stop"},
	"gateway/order":    {"internal/disk", "ledgerclient", "ledgerd/ledger", "internal/trace", "internal/stop"},
	"gateway/confirm":  {"internal/disk", "gateway/order", "ledgerclient", "ledgerd/ledger", "gateway/binds", "menus", "smpp", "internal/msisdn", "internal/trace", "internal/stop"},
	"gateway/session":  {"menus", "internal/msisdn"},
	"gateway/binds":    {"smpp", "internal/trace"},
	"gateway/wiretap":  {"smpp", "internal/msisdn", "internal/trace"},

	"gateway/health": {}, "gateway/incident": {}, "gateway/versions": {"internal/disk"},

	"simulator":          {"simulator/stack", "simulator/load", "simulator/report", "simulator/operator", "simulator/phone", "simulator/conform", "menus", "ledgerclient", "internal/cli", "internal/live", "internal/conf", "internal/admin", "internal/msisdn", "ledgerd/ledger"},
	"simulator/stack":    {"ledgerclient", "ledgerd/ledger", "internal/pin", "internal/msisdn", "internal/conf"},
	"simulator/oracle":   {},
	"simulator/report":   {},
	"simulator/conform":  {"simulator/report", "smpp", "internal/dialect"},
	"simulator/load":     {"ledgerd/pagefile", "internal/conf", "simulator/operator", "simulator/oracle", "simulator/report", "menus", "ledgerclient", "ledgerd/ledger", "internal/msisdn"},
	"simulator/phone":    {"simulator/operator", "internal/msisdn", "internal/trace"},
	"simulator/operator": {"smpp", "internal/dialect", "menus", "internal/msisdn", "internal/trace"},

	"ledgerclient":    {"ledgerd/wire", "ledgerd/wire/pb", "ledgerd/ledger"},
	"ledgerd":         {"ledgerd/server", "ledgerd/rules", "ledgerclient", "ledgerd/wire", "ledgerd/ledger", "ledgerd/journal", "ledgerd/pagefile", "ledgerd/vault", "internal/cli", "internal/live", "internal/pin", "internal/msisdn", "internal/conf", "internal/admin"},
	"ledgerd/server":  {"ledgerd/wire", "ledgerd/wire/pb", "ledgerd/ledger", "ledgerd/node", "ledgerd/judge", "ledgerd/journal", "ledgerd/pagefile", "ledgerd/vault", "internal/msisdn", "internal/stop"},
	"ledgerd/judge":   {"ledgerd/wire", "ledgerd/ledger", "ledgerd/vault", "internal/pin"},
	"ledgerd/node":    {"ledgerd/wire", "ledgerd/ledger"},
	"ledgerd/rules":   {"ledgerd/ledger", "internal/conf"},
	"ledgerd/wire":    {"ledgerd/ledger"},
	"ledgerd/wire/pb": {},

	"menus":            {"internal/msisdn", "internal/conf"},
	"internal/dialect": {"internal/conf"},
	"internal/cli":     {"internal/conf"},
	"internal/live":    {"internal/cli"},

	"internal/msisdn": {}, "internal/pin": {}, "smpp": {}, "internal/conf": {}, "internal/admin": {}, "internal/trace": {}, "internal/stop": {}, "internal/redistest": {},
	"internal/disk": {}, "internal/tidy": {}, "ledgerd/ledger": {"ledgerd/table"}, "ledgerd/table": {}, "ledgerd/pagefile": {"ledgerd/table"}, "ledgerd/journal": {}, "ledgerd/vault": {},
}

// homes are the only rooms that know a third party.
var homes = map[string][]string{
	"github.com/redis/":               {"gateway/session", "gateway/order", "gateway/bundle", "internal/redistest"},
	"github.com/dchest/siphash":       {"ledgerd/ledger"},
	"github.com/sony/gobreaker":       {"ledgerclient", "gateway/session", "gateway/order", "gateway/binds"},
	"github.com/valyala/fasthttp":     {"gateway/edge"},
	"github.com/fiorix/go-smpp":       {"smpp"},
	"google.golang.org/":              {"ledgerclient", "ledgerd/server", "ledgerd/wire/pb"},
	"go.etcd.io/raft":                 {"ledgerd/node"},
	"cel.dev/":                        {"menus"},
	"go.yaml.in/":                     {"internal/conf"},
	"github.com/alecthomas/kong":      {"gateway", "ledgerd", "simulator", "internal/cli"},
	"github.com/prometheus/":          {"internal/admin"},
	"github.com/nyaruka/phonenumbers": {"internal/msisdn"},
	"github.com/HdrHistogram/":        {"simulator/load", "ledgerd"},
	"charm.land/":                     {"internal/live"},
	"github.com/klauspost/compress":   {"ledgerd/journal"},
}

// never are standard packages that a pure room does not see.
var never = map[string][]string{
	"ledgerd/ledger": {"time", "os", "net", "math/rand", "math/rand/v2", "crypto/rand", "io/fs", "syscall"},
	"ledgerd/node":   {"time", "os", "net", "math/rand", "math/rand/v2", "crypto/rand", "io/fs", "syscall", "sync"},
	"ledgerd/table":  {"time", "os", "net", "math/rand", "math/rand/v2", "crypto/rand", "io/fs", "syscall"},
	"menus":          {"net", "net/http", "os", "math/rand", "math/rand/v2", "crypto/rand"},
}

// arrows holds one file's imports to the drawing.
func (c *checker) arrows(f *file) {
	allowed, known := arrows[f.room]
	if !known {
		c.fail(f.syntax.Pos(), "the room %s is not in the house: draw it in ARCHITECTURE.md and in internal/tidy", f.room)
		return
	}
	for _, spec := range f.syntax.Imports {
		name, _ := strconv.Unquote(spec.Path.Value)
		if ours, isOurs := strings.CutPrefix(name, "mlango/"); isOurs && !slices.Contains(allowed, ours) {
			c.fail(spec.Pos(), "%s may not import %s: no such arrow in the house", f.room, ours)
		}
		if slices.Contains(never[f.room], name) {
			c.fail(spec.Pos(), "%s is pure: it may not import %s", f.room, name)
		}
		if strings.Contains(strings.Split(name, "/")[0], ".") && !atHome(f.room, name) {
			c.fail(spec.Pos(), "%s is not at home in %s", name, f.room)
		}
	}
}

func atHome(room, name string) bool {
	for prefix, rooms := range homes {
		if strings.HasPrefix(name, prefix) {
			return slices.Contains(rooms, room)
		}
	}
	return strings.HasPrefix(name, "golang.org/x/")
}
