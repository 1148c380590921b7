//go:build house

package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"mlango/internal/dialect"
	"mlango/simulator/operator"
)

// push asks the gateway to put a screen on the handset of the n-th person.
func (r *rig) push(n int, what, value string) {
	r.t.Helper()
	body := fmt.Sprintf(`{"operator":%q,"msisdn":%q,%q:%q}`, demoOperator, person(n).MSISDN, what, value)
	resp, err := http.Post("http://"+r.stack.Ports().GatewayAdmin+"/push", "application/json", strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	if got, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusOK {
		r.t.Fatalf("push: %s %s", resp.Status, got)
	}
}

// press presses and returns the last screen.
func (r *rig) press(n int, inputs ...string) (s operator.Screen) {
	r.t.Helper()
	for _, in := range inputs {
		var err error
		if s, err = r.op.Press(r.t.Context(), person(n).MSISDN, in); err != nil {
			r.t.Fatalf("%s presses: %v", person(n).Name, err)
		}
	}
	return s
}

// TestPushPays: the menu comes to people who did not dial, in every dialect, also
// where the operator names the sessions or binds to us, and they pay with it; a text
// that nobody answers comes too.
func TestPushPays(t *testing.T) {
	for i, name := range dialect.Names("smpp") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := parts{dialect: name, theirs: i%2 > 0}
			screens := make(chan operator.Screen, 4)
			p.onPush = func(_ string, s operator.Screen) { screens <- s }
			r := newRig(t, p).demoWorld()
			comes := func() operator.Screen {
				select {
				case s := <-screens:
					return s
				case <-time.After(rigPatience):
					t.Fatal("no screen came")
					return operator.Screen{}
				}
			}
			r.push(1, "code", "*334#")
			shows(t, comes(), true, `Send money`)
			shows(t, r.press(1, append(pays(2, "500"), "4826")...), false, `Confirmed`)
			r.paid(1, 2, "500.00", "", "", "")
			r.push(3, "text", "Your limit is higher now")
			shows(t, comes(), false, `^Your limit is higher now$`)
			r.paidBy(3, 4, "100")
		})
	}
}

// paidBy dials and pays.
func (r *rig) paidBy(from, to int, amount string) {
	r.t.Helper()
	shows(r.t, r.last(from, append(pays(to, amount), "4826")...), false, `Confirmed`)
	r.paid(from, to, amount+".00", "", "", "")
}
