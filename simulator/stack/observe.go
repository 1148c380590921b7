package stack

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// Bounds of looking at what runs.
const (
	observePatience = 5 * time.Second
	maxBundle       = 2 << 20 // bytes of GET /bundle
	maxInfo         = 64 << 10
)

// Bundle is a menu bundle as a gateway tells it.
type Bundle struct {
	Hash   string `json:"hash"`
	Name   string `json:"name"`
	Source string `json:"source"`

	Refused string `json:"refused"` // why the menu that was saved last does not run
}

// Bundle asks the gateway which menu is active.
func (s *Stack) Bundle(ctx context.Context) (b Bundle, err error) {
	ctx, cancel := context.WithTimeout(ctx, observePatience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.ports.GatewayAdmin+"/bundle", nil)
	if err != nil {
		return b, fmt.Errorf("stack: ask for the menu: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return b, fmt.Errorf("stack: ask for the menu: %w", err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxBundle)).Decode(&b); err != nil {
		return b, fmt.Errorf("stack: read the menu: %w", err)
	}
	return b, nil
}

// RedisVersion is the version of the Redis in use; empty without one, or when it
// does not say.
func (s *Stack) RedisVersion() string {
	p, err := s.cfg.redis()
	if err != nil || p == nil {
		return ""
	}
	conn, err := net.DialTimeout("tcp", p.Addr, observePatience)
	if err != nil {
		return ""
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(observePatience))
	ask := "INFO server\r\nQUIT\r\n"
	if p.Password != "" {
		ask = "AUTH " + p.Password + "\r\n" + ask
	}
	if _, err := io.WriteString(conn, ask); err != nil {
		return ""
	}
	return versionIn(io.LimitReader(conn, maxInfo))
}

// versionIn finds the version in what INFO answers.
func versionIn(r io.Reader) string {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if v, ok := strings.CutPrefix(lines.Text(), "redis_version:"); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}
