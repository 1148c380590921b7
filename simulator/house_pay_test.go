//go:build house

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"mlango/simulator/operator"
	"mlango/simulator/stack"
)

// person is the n-th of the demo world, counted from one.
func person(n int) stack.User { return stack.People()[n-1] }

// local is how people type a number.
func local(n int) string { return "0" + strings.TrimPrefix(person(n).MSISDN, "254") }

// pays is what is pressed after *334# to send money, but for the PIN.
func pays(to int, amount string) []string { return []string{"1", local(to), amount} }

// dial dials and presses, and returns every screen.
func (r *rig) dial(n int, code string, inputs ...string) []operator.Screen {
	r.t.Helper()
	s, err := r.op.Dial(r.t.Context(), person(n).MSISDN, code)
	if err != nil {
		r.t.Fatalf("%s dials %s: %v", person(n).Name, code, err)
	}
	screens := []operator.Screen{s}
	for _, in := range inputs {
		if !s.Open {
			r.t.Fatalf("the dialogue of %s ended with %q before %s was pressed", person(n).Name, s.Text, in)
		}
		if s, err = r.op.Press(r.t.Context(), person(n).MSISDN, in); err != nil {
			r.t.Fatalf("%s presses: %v", person(n).Name, err)
		}
		screens = append(screens, s)
	}
	return screens
}

// last dials, presses and returns the last screen.
func (r *rig) last(n int, inputs ...string) operator.Screen {
	r.t.Helper()
	screens := r.dial(n, "*334#", inputs...)
	return screens[len(screens)-1]
}

// shows holds a screen against a pattern.
func shows(t testing.TB, s operator.Screen, open bool, pattern string) {
	t.Helper()
	if s.Open != open || !regexp.MustCompile(pattern).MatchString(s.Text) {
		t.Errorf("the screen (open: %v) is %q; want %s (open: %v)", s.Open, s.Text, pattern, open)
	}
}

// receiptIn is the receipt number a text begins with; empty without one.
func receiptIn(text string) string {
	return regexp.MustCompile(`^[A-Z][A-L][1-9A-V][0-9A-Z]{7}\b`).FindString(text)
}

// shown is how a number stands in texts.
func shown(n int) string { l := local(n); return regexp.QuoteMeta(l[:4] + "***" + l[7:]) }

// paid waits for both SMS of a payment, which carry one receipt; an empty fee or
// balance is any. It returns the receipt.
func (r *rig) paid(from, to int, amount, fee, left, has string) string {
	r.t.Helper()
	any := func(s string) string {
		if s == "" {
			return `[0-9,]+\.[0-9]{2}`
		}
		return regexp.QuoteMeta(s)
	}
	const at = ` on \d{1,2}/\d{1,2}/\d{2} at \d{1,2}:\d{2} [AP]M\. New balance is Ksh`
	sent := regexp.MustCompile(`^\w{10} Confirmed\. Ksh` + any(amount) + ` sent to ` + person(to).Name + ` ` + shown(to) + at + any(left) +
		`\. Transaction cost, Ksh` + any(fee) + `\.$`)
	got := regexp.MustCompile(`^\w{10} Confirmed\. You have received Ksh` + any(amount) + ` from ` + person(from).Name + ` ` + shown(from) + at + any(has) + `\.$`)
	var receipt string
	until(r.t, "the SMS "+sent.String(), func() bool {
		receipt = receiptIn(lastOf(r.matches(person(from).MSISDN, sent)))
		return receipt != ""
	})
	until(r.t, "the SMS of "+receipt+" "+got.String(), func() bool {
		return receiptIn(lastOf(r.matches(person(to).MSISDN, got))) == receipt
	})
	return receipt
}

// lastOf is the newest of some texts; empty of none.
func lastOf(texts []string) string {
	if len(texts) == 0 {
		return ""
	}
	return texts[len(texts)-1]
}

// settled waits until the gateway has nothing open: no order without an answer,
// no promise, no SMS, and gave none up.
func (r *rig) settled() {
	r.t.Helper()
	for _, what := range []string{"mlango_orders_waiting", "mlango_promises", "mlango_sms_waiting", "mlango_sms_dead"} {
		until(r.t, what+" is 0", func() bool { return strings.Contains(r.metrics(), "\n"+what+" 0\n") })
	}
}

func (r *rig) metrics() string {
	resp, err := http.Get("http://" + r.stack.Ports().GatewayAdmin + "/metrics")
	if err != nil {
		return ""
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return string(b)
}

// posting is one line of `ledgerd export`.
type posting struct {
	ID, Receipt, Kind      string
	Account, Debit, Credit int64
}

// books stops everything in order, has ledgerd verify its folder, and returns
// every transfer that a subscriber made.
func (r *rig) books() []posting {
	r.t.Helper()
	r.stop()
	data := filepath.Join(r.data, "ledgerd")
	out, err := exec.Command(program("ledgerd"), "verify", "--data", data).CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte(" sum=0 ")) {
		r.t.Fatalf("verify: %v: %s", err, out)
	}
	if out, err = exec.Command(program("ledgerd"), "export", "--data", data, "--format", "json").Output(); err != nil {
		r.t.Fatalf("export: %v", err)
	}
	var made []posting
	seen := map[string]bool{}
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		var p posting
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			r.t.Fatalf("export: %v: %s", err, lines.Bytes())
		}
		if p.Kind != "issue" && p.Debit > 0 && !seen[p.ID] { // the payer's line is the first
			seen[p.ID] = true
			made = append(made, p)
		}
	}
	return made
}

// made holds the books to the payments a test made, written "from amount", the
// amount with its fee in cents.
func (r *rig) made(want ...string) {
	r.t.Helper()
	left := map[string]int{}
	for _, w := range want {
		left[w]++
	}
	for _, p := range r.books() {
		line := fmt.Sprintf("%d %d", p.Account, p.Debit)
		if left[line]--; left[line] < 0 {
			r.t.Errorf("the books hold a transfer that nobody made: %s, receipt %s", line, p.Receipt)
		}
	}
	for line, n := range left {
		if n > 0 {
			r.t.Errorf("%d transfers are missing: %s", n, line)
		}
	}
}
