package edge

import (
	"net"
	"sync"
)

// watchedListener makes the HTTP door's connections tell what became of answers, and
// keeps one address from taking every place: what it has too many of is closed unread.
type watchedListener struct {
	net.Listener
	most int // connections of one address
	mu   sync.Mutex
	held map[string]int
}

func watch(ln net.Listener, most int) *watchedListener {
	return &watchedListener{Listener: ln, most: most, held: map[string]int{}}
}

// Accept takes the next connection.
func (l *watchedListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		host, _, _ := net.SplitHostPort(c.RemoteAddr().String())
		if l.enter(host) {
			return &watchedConn{Conn: c, leave: sync.OnceFunc(func() { l.leave(host) })}, nil
		}
		_ = c.Close()
	}
}

func (l *watchedListener) enter(host string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held[host] >= l.most {
		return false
	}
	l.held[host]++
	return true
}

func (l *watchedListener) leave(host string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held[host]--; l.held[host] <= 0 {
		delete(l.held, host)
	}
}

// watchedConn tells whether the answers that wait in the server's buffer left:
// the next write carries them all, a close without one carries none.
type watchedConn struct {
	net.Conn
	leave func() // gives its place back
	mu    sync.Mutex
	wait  []func(left bool)
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
	c.leave()
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
