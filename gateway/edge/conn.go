package edge

import (
	"net"
	"sync"
)

// watchedListener makes the HTTP door's connections tell what became of answers.
type watchedListener struct{ net.Listener }

// Accept takes the next connection.
func (l watchedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &watchedConn{Conn: c}, nil
}

// watchedConn tells whether the answers that wait in the server's buffer left:
// the next write carries them all, a close without one carries none.
type watchedConn struct {
	net.Conn
	mu   sync.Mutex
	wait []func(left bool)
}

// next has tell called when the answer at hand left, or cannot any more.
func (c *watchedConn) next(tell func(left bool)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wait = append(c.wait, tell)
}

// Write writes, and tells.
func (c *watchedConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.tell(err == nil)
	return n, err
}

// Close closes, and tells who still waits.
func (c *watchedConn) Close() error {
	c.tell(false)
	return c.Conn.Close()
}

func (c *watchedConn) tell(left bool) {
	c.mu.Lock()
	wait := c.wait
	c.wait = nil
	c.mu.Unlock()
	for _, tell := range wait {
		tell(left)
	}
}
