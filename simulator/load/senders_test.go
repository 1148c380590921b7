package load

import (
	"testing"
	"time"

	"mlango/simulator/operator"
)

// TestOneSender: a text in the house's words from somebody else's name is found.
func TestOneSender(t *testing.T) {
	h := newHousehold(t)
	h.mail.senders.put("M-WALLET")
	h.mail.senders.put("M-WALLET")
	h.finds("")
	h = newHousehold(t)
	for _, from := range []string{"M-WALLET", "M-WALLET", "M-WALLIT"} {
		h.mail.put(operator.SMS{To: "254722000001", From: from, Text: "Your order was not done.", At: h.now})
	}
	h.finds(`SMS came from more than one sender: 2 from "M-WALLET", 1 from "M-WALLIT"`)
}

// TestAScreenAfterTheEnd: whoever presses a key when the network has ended the dialogue must
// get no screen.
func TestAScreenAfterTheEnd(t *testing.T) {
	for late, want := range map[lateKey]string{lateNone: "", lateClean: "", lateStray: "a key after the dialogue's end got a screen"} {
		h := newHousehold(t)
		h.m.cfg.Idle = 20 * time.Second
		h.finds(want, &visit{session: "s1", ending: EndAbandoned, late: late, due: h.now, at: h.now, ended: h.now, screen: "Enter amount", plan: Plan{Goal: GoalSend, Payee: 1}})
	}
}
