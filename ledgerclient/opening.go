package ledgerclient

import (
	"context"
	"fmt"
	"time"
)

// live returns the link, opening it when there is none; many callers share one
// opening. An error means that nothing was sent.
func (c *Client) live(ctx context.Context, until time.Time) (*link, error) {
	for {
		if l := c.alive(); l != nil {
			return l, nil
		}
		c.mu.Lock()
		if l := c.alive(); l != nil { // somebody was faster
			c.mu.Unlock()
			return l, nil
		}
		if c.life.Err() != nil {
			c.mu.Unlock()
			return nil, fmt.Errorf("%w: %w", ErrUnavailable, ErrClosed)
		}
		opening := c.opening
		if opening == nil {
			opening = make(chan struct{})
			c.opening = opening
			go c.open(opening)
		}
		c.mu.Unlock()
		if err := opened(ctx, until, opening); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		c.mu.Lock()
		err := c.openErr
		c.mu.Unlock()
		if err != nil {
			return nil, err
		}
	}
}

// alive is the link, if there is one.
func (c *Client) alive() *link {
	if l := c.link.Load(); l != nil && !l.broken.Load() {
		return l
	}
	return nil
}

// opened waits until the link that is being opened is there, or failed.
func opened(ctx context.Context, until time.Time, opening <-chan struct{}) error {
	if !until.IsZero() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, until)
		defer cancel()
	}
	select {
	case <-opening:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// open makes the stream; its life is the client's, not one caller's.
func (c *Client) open(done chan struct{}) {
	l, err := c.openLink()
	c.mu.Lock()
	c.link.Store(l)
	c.openErr, c.opening = err, nil
	c.mu.Unlock()
	close(done)
}

func (c *Client) openLink() (*link, error) {
	wait, cancelWait := context.WithTimeout(c.life, connectTimeout)
	defer cancelWait()
	if err := c.connected(wait); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(c.life)
	stream, err := c.api.Exchange(ctx)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return newLink(stream, cancel, c.cfg.InFlight), nil
}
