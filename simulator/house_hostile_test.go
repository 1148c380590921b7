//go:build house

package main

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"mlango/simulator/stack"
)

// What bad input may cost.
const (
	hostileBinds = 14       // one is good, the others are the test's
	hostileGrows = 16 << 10 // KiB of resident memory, over everything bad
	warmups      = 40       // payments before memory is measured
	goodFrom     = 7        // who pays while something bad happens
	goodOver     = 4        // and over the other door
)

// bad is a running rig that bad input is thrown at. Each row spoils a link of its
// own while a good session on another link pays.
type bad struct {
	*rig
	front *front
	want  []string // payments that were made
	next  int      // of the next one, in shillings
}

// pay is a whole payment on the good SMPP link: no two have the same amount.
func (b *bad) pay() {
	b.t.Helper()
	b.next++
	amount := strconv.Itoa(b.next)
	shows(b.t, b.last(goodFrom, append(pays(2, amount), stack.PIN)...), false, `Confirmed\. Ksh`+amount+`\.00`)
	b.paid(goodFrom, 2, amount+".00", "7.00", "", "")
	b.want = append(b.want, fmt.Sprintf("%d %d", goodFrom, b.next*100+700))
}

// payByForm is one by the HTTP door.
func (b *bad) payByForm() {
	b.t.Helper()
	b.next++
	amount, session := strconv.Itoa(b.next), "good"+strconv.Itoa(b.next)
	for _, text := range []string{"", "1", "1*" + local(2), "1*" + local(2) + "*" + amount} {
		shows(b.t, doorScreen(b.t, b.rig, session, person(goodOver).MSISDN, text), true, ".")
	}
	last := doorScreen(b.t, b.rig, session, person(goodOver).MSISDN, "1*"+local(2)+"*"+amount+"*"+stack.PIN)
	shows(b.t, last, false, `Confirmed\. Ksh`+amount+`\.00`)
	b.paid(goodOver, 2, amount+".00", "7.00", "", "")
	b.want = append(b.want, fmt.Sprintf("%d %d", goodOver, b.next*100+700))
}

// rss is the gateway's resident memory in KiB.
func (b *bad) rss() int {
	b.t.Helper()
	status, err := os.ReadFile("/proc/" + b.pid(stack.Gateway) + "/status")
	if err != nil {
		b.t.Fatal(err)
	}
	m := regexp.MustCompile(`VmRSS:\s+(\d+) kB`).FindSubmatch(status)
	if m == nil {
		b.t.Fatalf("no VmRSS in %s", status)
	}
	n, _ := strconv.Atoi(string(m[1]))
	return n
}

// TestHouseBadInput throws everything bad at a running gateway, on both doors. Each
// time a good session on another link pays; nothing bad is charged; memory stays.
func TestHouseBadInput(t *testing.T) {
	f := newFront(t)
	b := &bad{rig: newRig(t, parts{binds: hostileBinds, front: f, sandbox: true, inbox: 0}).demoWorld(), front: f, next: 100}
	for range warmups {
		b.pay()
		b.payByForm()
	}
	before := b.rss()
	for _, row := range tableBadPDUs {
		t.Run("SMPP: "+row.name, func(t *testing.T) {
			b.t = t
			b.spoil(row)
		})
	}
	for _, row := range tableBadForms {
		t.Run("HTTP: "+row.name, func(t *testing.T) {
			b.t = t
			b.post(row)
		})
	}
	t.Run("HTTP: every hop of a payment six times", func(t *testing.T) {
		b.t = t
		b.replays()
	})
	b.t = t
	grown := b.rss() - before
	t.Logf("%d KiB resident before, %d more after", before, grown)
	if grown > hostileGrows {
		t.Errorf("the gateway grew by %d KiB", grown)
	}
	b.settled()
	b.made(b.want...)
	for _, name := range []string{stack.Gateway, stack.Ledgerd} {
		log, err := os.ReadFile(b.data + "/" + name + ".log")
		if err != nil {
			t.Fatal(err)
		}
		noNumbers(t, name+".log", log)
		if m := regexp.MustCompile(`[^0-9A-Za-z.]` + stack.PIN + `[^0-9A-Za-z]`).Find(log); m != nil {
			t.Errorf("%s.log holds the PIN: %q", name, m)
		}
		if strings.Contains(string(log), "panic") {
			t.Errorf("%s panicked:\n%s", name, log)
		}
	}
}
