package binds

import (
	"context"
	"errors"
	"sync"
	"time"

	"mlango/smpp"
)

// send waits for its turn and submits. errDown means that nothing was sent.
func (l *link) send(ctx context.Context, p Priority, m *smpp.Message) (Response, error) {
	if err := l.gate.enter(ctx, p); err != nil {
		return Response{}, err
	}
	s := l.current()
	done, err := l.breakers[p].Allow()
	if s == nil || err != nil {
		if err == nil {
			done(errStopped)
		}
		l.gate.leave(p, false)
		return Response{}, errDown
	}
	began := time.Now()
	r, err := s.Submit(ctx, m)
	l.gate.leave(p, l.asksForRest(r, err))
	done(verdict(ctx, p, s, r, err))
	if l.api != nil {
		l.noteAPI(err)
	}
	switch {
	case err == nil:
		l.tally.Answer(r.Status, time.Since(began))
		return Response{Status: r.Status, MessageID: r.MessageID}, nil
	case errors.Is(err, smpp.ErrClosed):
		return Response{}, errDown
	case errors.Is(err, smpp.ErrUnknown):
		l.tally.Silence()
		return Response{}, ErrUnknown
	}
	return Response{}, err
}

// asksForRest tells whether SMS by this bind rest a while after an answer. An API
// that is broken is not called again at once; an SMSC says so message by message.
func (l *link) asksForRest(r smpp.Response, err error) bool {
	if l.api != nil && (errors.Is(err, smpp.ErrUnknown) || r.Status == smpp.StatusSysErr) {
		return true
	}
	return err == nil && throttled(r.Status)
}

// throttled says whether the operator asks us to slow down.
func throttled(s smpp.Status) bool {
	return s == smpp.StatusThrottled || s == smpp.StatusMsgQueueFull
}

// runAPI lets through until ctx ends, and the calls under way then.
func (l *link) runAPI(ctx context.Context) {
	l.note(Binding, l.api, nil)
	l.gate.open()
	var looks sync.WaitGroup
	looks.Go(func() { l.lookAtAPI(ctx) })
	l.stay(ctx, l.api)
	looks.Wait()
	l.gate.shut()
	l.note(Unbinding, l.api, nil)
	end := time.Now().Add(unbindTime)
	for time.Now().Before(end) {
		if flying, _, _, _ := l.gate.counts(); flying == 0 {
			break
		}
		time.Sleep(stallLook)
	}
	l.api.client.CloseIdleConnections()
	l.note(Waiting, nil, nil)
}

// lookAtAPI asks whether the API is there: at first, and as long as it is not. An
// SMS is tried all the same, and shows it too.
func (l *link) lookAtAPI(ctx context.Context) {
	for ctx.Err() == nil {
		l.mu.Lock()
		up := l.phase == Bound
		l.mu.Unlock()
		if !up {
			l.noteAPI(l.api.reach(ctx))
		}
		select {
		case <-time.After(l.api.again):
		case <-ctx.Done():
		}
	}
}

// noteAPI takes down whether the API can be called; it has no link to go down.
func (l *link) noteAPI(err error) {
	phase := Bound
	if errors.Is(err, smpp.ErrClosed) {
		phase = Waiting
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.lastErr = onLine(err)
	}
	if l.phase != phase && l.phase != Unbinding && l.session != nil {
		l.phase, l.since = phase, time.Now()
	}
}
