//go:build house

package main

import (
	"regexp"
	"testing"

	"mlango/simulator/stack"
)

// at dials from any handset of the demo world, presses, and returns the last screen.
func (r *rig) at(number, code string, inputs ...string) (text string, open bool) {
	r.t.Helper()
	s, err := r.op.Dial(r.t.Context(), number, code)
	for _, in := range inputs {
		if err != nil || !s.Open {
			break
		}
		s, err = r.op.Press(r.t.Context(), number, in)
	}
	if err != nil {
		r.t.Fatalf("%s from %s: %v", code, number, err)
	}
	return s.Text, s.Open
}

// says dials and holds the last screen to a pattern.
func (r *rig) says(pattern, number, code string, inputs ...string) {
	r.t.Helper()
	if text, _ := r.at(number, code, inputs...); !regexp.MustCompile(pattern).MatchString(text) {
		r.t.Errorf("%s from %s ends with %q, want %s", code, number, text, pattern)
	}
}

// reads waits for an SMS.
func (r *rig) reads(number, pattern string) {
	r.t.Helper()
	until(r.t, "the SMS "+pattern, func() bool { return len(r.matches(number, regexp.MustCompile(pattern))) > 0 })
}

// TestHouseCounters: cash, bills, goods, a deposit and a send that comes back, by both
// doors, in two languages, each with what both sides read; and who may not.
func TestHouseCounters(t *testing.T) {
	for name, made := range map[string]parts{"SMPP and Redis": {redis: true}, "HTTP and memory": {http: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, made).demoWorld()
			amina, jane, juma := person(1).MSISDN, person(2).MSISDN, person(8).MSISDN
			agent, till := stack.Counters()
			r.says(`^\w{10} Confirmed\. Take Ksh500\.00 cash from MWANGI AGENCIES\. Fee Ksh29\.00\. Balance Ksh24,471\.00\.$`, amina, "*334#", "4", agent.Sign, "500", stack.PIN)
			r.reads(amina, `^\w{10} Confirmed\. Ksh500\.00 withdrawn at MWANGI AGENCIES on .* New balance is Ksh24,471\.00\. Transaction cost, Ksh29\.00\.$`)
			r.reads(agent.MSISDN, `^\w{10} Confirmed\. Give Ksh500\.00 cash to AMINA O 0722\*\*\*001\. .* New float is Ksh200,500\.00\.$`)
			r.says(`^\w{10} Imethibitishwa\. Ksh1,250\.00 imelipwa kwa CITY WATER, akaunti MTR-77/2\. Ada Ksh15\.00\.`, juma, "*334#", "5", "400200", "MTR-77/2", "1250", stack.PIN)
			r.reads(juma, `^\w{10} Imethibitishwa\. Ksh1,250\.00 imelipwa kwa CITY WATER akaunti MTR-77/2 tarehe`)
			r.says(`^\w{10} Confirmed\. Ksh350\.00 paid to MAMA MBOGA\. Fee Ksh0\.00\.`, amina, "*334*6*"+till.Sign+"*350#", stack.PIN)
			r.reads(till.MSISDN, `^\w{10} Confirmed\. You have received Ksh350\.00 from AMINA O 0722\*\*\*001 on .* New balance is Ksh350\.00\.$`)
			r.says(`^\w{10} Confirmed\. Ksh1,000\.00 deposited for JANE W\. Float Ksh199,500\.00\.$`, agent.MSISDN, "*334#", "7", "1", local(2), "1000", stack.PIN)
			r.reads(jane, `^\w{10} Confirmed\. Ksh1,000\.00 cash deposited at MWANGI AGENCIES on .* New balance is Ksh13,000\.00\.$`)
			r.says(`^Your float is Ksh199,500\.00\.$`, agent.MSISDN, "*334#", "7", "3", stack.PIN)
			r.says(`^The till's balance is Ksh350\.00\.$`, till.MSISDN, "*334#", "8", "1", stack.PIN)
			r.says(`^No agent has that number\.`, amina, "*334*4*"+till.Sign+"*500#")
			r.says(`^No till has that number\.`, amina, "*334*6*"+agent.Sign+"*500#")
			r.says(`^Please choose from the list\.`, amina, "*334*7*1*"+local(2)+"*1000#")

			r.says(`Confirmed\. Ksh200\.00 sent to JANE W`, amina, "*334*1*"+local(2)+"*200#", stack.PIN)
			r.says(`^Reverse Ksh200\.00 sent to JANE W at .*, \w{10}\nThe fee is not returned\.`, amina, "*334#", "3", "6")
			r.op.Hangup(t.Context(), amina)
			r.says(`^\w{10} Confirmed\. Ksh200\.00 from JANE W is back\. Balance Ksh24,114\.00\.$`, amina, "*334#", "3", "6", stack.PIN)
			r.reads(amina, `^\w{10} Reversed\. Ksh200\.00 from JANE W 0722\*\*\*002 is back in your account on .* New balance is Ksh24,114\.00\.$`)
			r.reads(jane, `^\w{10} Reversed\. Ksh200\.00 that came from AMINA O 0722\*\*\*001 was taken back on .* New balance is Ksh13,000\.00\.$`)
			r.says(`^Your last send was reversed already\.$`, amina, "*334#", "3", "6")
			r.settled()
			r.made("1 52900", "8 126500", "1 35000", "100001 100000", "1 20700", "2 20000")
		})
	}
}
