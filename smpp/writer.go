package smpp

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"runtime"
	"time"
)

// wakeWriter is cheap when it is awake already.
func (s *Session) wakeWriter() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// bare queues an answer without a body.
func (s *Session) bare(h header) {
	s.mu.Lock()
	over := s.respond(appendBare(s.out, h))
	s.mu.Unlock()
	if over {
		s.end(errSlow)
	}
}

// respond makes out, with one answer more, what the writer takes next; s.mu is
// held. over says that the peer asks and never reads: it is to be cut before it
// costs memory.
func (s *Session) respond(out []byte) (over bool) {
	if s.state == StateClosed {
		return false
	}
	s.owed += len(out) - len(s.out)
	s.out = out
	s.unflushed = true
	s.pdusOut.Add(1)
	return s.owed > maxOwed
}

// endAfterWrite ends the link once everything queued is written.
func (s *Session) endAfterWrite(why error) {
	s.mu.Lock()
	if s.state != StateClosed {
		s.leave()
		s.final, s.err = true, why
	}
	s.mu.Unlock()
	s.wakeWriter()
}

// write sends what is queued, everything there is in one write. Before it takes,
// it lets whoever else is ready queue too: that is what makes batches.
func (s *Session) write() {
	for {
		select {
		case <-s.wake:
		case <-s.done:
			return
		}
		runtime.Gosched()
		for s.flush() {
		}
		s.mu.Lock()
		over, why := s.final && !s.writing && len(s.out) == 0 && s.state != StateClosed, s.err
		s.mu.Unlock()
		if over {
			lingeringClose(s.conn)
			s.end(why)
		}
	}
}

// flush writes what is queued at this moment, unless another goroutine is writing, which
// then sees to it; more says that there is something again.
func (s *Session) flush() (more bool) {
	batch := s.take()
	if batch == nil {
		return false
	}
	if s.tap != nil {
		s.tapBatch(batch)
	}
	if err := s.writeBatch(batch); err != nil {
		s.end(err)
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writing = false
	if s.spare = batch[:0]; cap(batch) > keptOut {
		s.spare = nil
	}
	return len(s.out) > 0 || s.final
}

// take swaps the queue for an empty one; nil when it is empty, or whoever took before
// still writes. From here on its requests are sent.
func (s *Session) take() (batch []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.writing || len(s.out) == 0 {
		return nil
	}
	batch, s.out, s.spare, s.owed = s.out, s.spare, nil, 0
	s.batch++
	s.writing = true
	return batch
}

// tapBatch shows every PDU of a batch, which we made and so holds whole ones.
func (s *Session) tapBatch(batch []byte) {
	for len(batch) >= headerLen {
		n := binary.BigEndian.Uint32(batch)
		s.tap(s, false, batch[:n])
		batch = batch[n:]
	}
}

// writeBatch gives the peer its time to take a batch. The deadline is moved when a tenth
// of it has gone: moving it costs as much as a PDU.
func (s *Session) writeBatch(batch []byte) error {
	if now := time.Now(); s.writeBy.Sub(now) < s.timers.Write*9/10 {
		s.writeBy = now.Add(s.timers.Write)
		if err := s.conn.SetWriteDeadline(s.writeBy); err != nil {
			return fmt.Errorf("smpp: write deadline: %w", err)
		}
	}
	if _, err := s.conn.Write(batch); err != nil {
		return fmt.Errorf("smpp: write: %w", err)
	}
	return nil
}

// lingeringClose lets the peer read our last words: a socket closed with unread
// input is reset, and the words with it.
func lingeringClose(conn net.Conn) {
	defer conn.Close()
	half, ok := conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	if conn.SetReadDeadline(time.Now().Add(lingerTime)) == nil {
		_, _ = io.CopyN(io.Discard, conn, maxLinger)
	}
}
