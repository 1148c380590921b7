//go:build house

package main

import (
	"sync"
	"testing"

	"mlango/simulator/operator"
	"mlango/simulator/stack"
)

// What the gateway says to a hop that it refuses.
const (
	saysEnded = `^This session has ended\. Nothing new was done\. Please dial again\.$`
	saysLost  = `^This session lost its place\. Nothing new was done\. Please dial again\.$`
)

// speaker is one subscriber whose hops a test makes one by one.
type speaker struct {
	t      testing.TB
	links  []*rawLink
	number string
	key    byte
}

// say sends one hop on the first link and returns its screen.
func (s *speaker) say(op, unit byte, text string) operator.Screen {
	s.t.Helper()
	if status := s.links[0].hop(rawHop{number: s.number, op: op, session: s.key, unit: unit, text: text}); status != 0 {
		s.t.Fatalf("unit %d: deliver_sm_resp %#x", unit, status)
	}
	screen, end := s.links[0].screen()
	return operator.Screen{Text: screen, Open: !end}
}

// walk begins and answers, and returns the last screen.
func (s *speaker) walk(inputs ...string) operator.Screen {
	s.t.Helper()
	screen := s.say(opPSSR, 0, "*334#")
	for i, in := range inputs {
		if !screen.Open {
			s.t.Fatalf("ended before %s: %q", in, screen.Text)
		}
		screen = s.say(opAnswer, byte(i+1), in)
	}
	return screen
}

// TestHouseHopsOutOfPlace sends hops that no good network sends, byte by byte: after
// END, out of order, for a dead session, and the last one many times on two
// links. Each is refused or answered as before; each wish is charged once.
func TestHouseHopsOutOfPlace(t *testing.T) {
	for name, redis := range map[string]bool{"memory": false, "Redis": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFront(t)
			r := newRig(t, parts{redis: redis, binds: 3, front: f, sandbox: true}).demoWorld()
			links := []*rawLink{f.link(), f.link()}
			pay := append(pays(2, "600"), stack.PIN)

			s := &speaker{t: t, links: links, number: person(4).MSISDN, key: 0x51}
			shows(t, s.walk(pay[:2]...), true, "How much")
			shows(t, s.say(opAnswer, 5, stack.PIN), false, saysLost)
			shows(t, s.say(opAnswer, 3, "600"), false, saysEnded)

			s.key = 0x52
			done := s.walk(pay...)
			shows(t, done, false, "Confirmed")
			if again := s.say(opAnswer, 4, stack.PIN); again != done {
				t.Errorf("the last hop again: %q, first %q", again.Text, done.Text)
			}
			shows(t, s.say(opAnswer, 4, "4827"), false, saysEnded)
			shows(t, s.say(opAnswer, 5, stack.PIN), false, saysEnded)
			shows(t, s.say(opPSSR, 0, "*334*1*0722000002*601#"), false, saysEnded) // a late copy of a dial

			s.key = 0x7e // nobody began it
			shows(t, s.say(opAnswer, 4, stack.PIN), false, saysEnded)

			copies(t, &speaker{t: t, links: links, number: person(1).MSISDN, key: 0x60}, append(pays(2, "700"), stack.PIN))
			formsOutOfPlace(t, r)
			r.paid(4, 2, "600.00", "13.00", "", "")
			r.paid(1, 2, "700.00", "13.00", "", "")
			r.paid(7, 2, "800.00", "13.00", "", "")
			r.settled()
			r.made("4 61300", "1 71300", "7 81300")
		})
	}
}

// copies sends the last hop sixteen times at once on two links. What is taken is
// answered with the same screen; the rest found the dialogue's queue full.
func copies(t *testing.T, s *speaker, inputs []string) {
	t.Helper()
	last := len(inputs) - 1
	shows(t, s.walk(inputs[:last]...), true, "Enter PIN")
	hop := rawHop{number: s.number, op: opAnswer, session: s.key, unit: byte(len(inputs)), text: inputs[last]}
	sent := map[*rawLink][]uint32{}
	var all sync.WaitGroup
	for n := range 16 {
		l := s.links[n%len(s.links)]
		seq := l.next()
		sent[l] = append(sent[l], seq)
		all.Go(func() { l.send(pdu(idDeliverSM, 0, seq, hop.body())) })
	}
	all.Wait()
	taken := map[*rawLink]int{}
	for l, seqs := range sent {
		for _, status := range l.statuses(seqs) {
			if status == 0 {
				taken[l]++
			}
		}
	}
	first := ""
	for l, n := range taken {
		for range n {
			text, end := l.screen()
			if first == "" {
				first = text
			}
			if text != first || !end {
				t.Errorf("a copy was answered %q (end: %v), another %q", text, end, first)
			}
		}
	}
	shows(t, operator.Screen{Text: first}, false, "Confirmed")
}

// formsOutOfPlace does the same by the HTTP door.
func formsOutOfPlace(t *testing.T, r *rig) {
	t.Helper()
	say := func(session, text string) operator.Screen {
		t.Helper()
		return doorScreen(t, r, session, person(7).MSISDN, text)
	}
	path := "1*0722000002*800"
	for _, text := range []string{"", "1", "1*0722000002"} {
		shows(t, say("a", text), true, ".")
	}
	shows(t, say("a", "1"), false, saysLost)
	shows(t, say("a", path), false, saysEnded)

	for _, text := range []string{"", "1", "1*0722000002", path} {
		shows(t, say("b", text), true, ".")
	}
	results := make(chan operator.Screen, 16)
	for range cap(results) {
		go func() { results <- say("b", path+"*"+stack.PIN) }()
	}
	done := <-results
	shows(t, done, false, "Confirmed")
	for range cap(results) - 1 {
		if again := <-results; again != done {
			t.Errorf("a copy was answered %q, another %q", again.Text, done.Text)
		}
	}
	shows(t, say("b", path+"*"+stack.PIN+"*1"), false, saysEnded)
	shows(t, say("b", path), false, saysEnded)
	shows(t, say("c", path+"*"+stack.PIN), false, saysEnded)
}
