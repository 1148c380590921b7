package approval

import (
	"net"
	"sync"
)

// bounded lets at most maxConns connections in at a time; the next ones wait.
func bounded(ln net.Listener) net.Listener {
	return &boundedListener{Listener: ln, room: make(chan struct{}, maxConns)}
}

type boundedListener struct {
	net.Listener
	room chan struct{}
}

// Accept waits for room, then for a connection.
func (l *boundedListener) Accept() (net.Conn, error) {
	l.room <- struct{}{}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.room
		return nil, err
	}
	return &boundedConn{Conn: c, free: func() { <-l.room }}, nil
}

type boundedConn struct {
	net.Conn
	once sync.Once
	free func()
}

// Close makes room.
func (c *boundedConn) Close() error {
	c.once.Do(c.free)
	return c.Conn.Close()
}
