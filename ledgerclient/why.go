package ledgerclient

import (
	"context"
	"fmt"
	"strings"
	"time"

	"google.golang.org/grpc/status"

	"mlango/ledgerd/wire/pb"
)

// Bounds of the asking why there is no connection.
const (
	whyTimeout = 500 * time.Millisecond
	whyTries   = 5
)

// gone says why there is no connection, in the words of the network or of the
// handshake. A call that fails at once brings them; nothing of ours is sent by it.
func (c *Client) gone(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, whyTimeout)
	defer cancel()
	var why string
	told := false
	for i := 0; i < whyTries && !told; i++ { // one that was let in and thrown out at once says it the next time
		_, err := c.api.Stats(ctx, &pb.StatsRequest{})
		why, told = handshake(status.Convert(err).Message())
	}
	switch {
	case !told:
		return fmt.Errorf("%w: %s is not there", ErrUnavailable, c.cfg.Node)
	case strings.Contains(why, "server preface") && !strings.Contains(why, "tls:") && c.cfg.TLS == nil:
		return fmt.Errorf("%w: %s does not answer in the clear (%s): %w", ErrUnavailable, c.cfg.Node, why, ErrTLS)
	case strings.Contains(why, "does not look like a TLS handshake"):
		return fmt.Errorf("%w: %s speaks no TLS: %w", ErrUnavailable, c.cfg.Node, ErrTLS)
	case strings.Contains(why, "tls: ") || strings.Contains(why, "x509: "):
		return fmt.Errorf("%w: %s: %w: %s", ErrUnavailable, c.cfg.Node, ErrTLS, why)
	}
	return fmt.Errorf("%w: %s is not there: %s", ErrUnavailable, c.cfg.Node, why)
}

// handshake is what a transport said, without the words of the layers above.
func handshake(message string) (why string, told bool) {
	const open = `desc = "`
	at := strings.LastIndex(message, open)
	if at < 0 {
		return "", false
	}
	why = strings.TrimSuffix(message[at+len(open):], `"`)
	for _, layer := range []string{"transport: ", "authentication handshake failed: ", "Error while dialing: "} {
		why = strings.TrimPrefix(why, layer)
	}
	return why, true
}
