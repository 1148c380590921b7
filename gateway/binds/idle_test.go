package binds

import (
	"sync/atomic"
	"testing"
	"time"

	"mlango/smpp"
)

// TestAnIdleBindIsMadeAnew: without a message for the inactivity time we unbind in order,
// and bind again.
func TestAnIdleBindIsMadeAnew(t *testing.T) {
	var bound, orderly atomic.Int32
	c := newSMSC(t, 0, smpp.ServerConfig{
		OnBind: func(*smpp.Session) { bound.Add(1) },
		OnClose: func(_ *smpp.Session, err error) {
			if err == nil {
				orderly.Add(1)
			}
		},
	})
	run(t, nil, c.bind(SetBoth, func(b *Bind) { b.Inactivity, b.ResponseTimeout = time.Second, time.Second }))
	await(t, "a second bind", func() bool { return bound.Load() >= 2 && orderly.Load() >= 1 })
}
