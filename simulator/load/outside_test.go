package load

import (
	"strings"
	"testing"
	"time"

	"mlango/simulator/operator"
)

// TestTheSMSOfSomebodyElsesService are held to what last screens told, where a file says
// how they read.
func TestTheSMSOfSomebodyElsesService(t *testing.T) {
	paid, err := ReadSaid("{receipt} Confirmed. Ksh{amount} sent to")
	if err != nil {
		t.Fatal(err)
	}
	got, err := ReadSaid("You have received Ksh{amount} from")
	if err != nil {
		t.Fatal(err)
	}
	const payer, payee, other = "254722000001", "254722000002", "254722000003"
	sent, received := "TKM4K2X9QZ Confirmed. Ksh1,500.00 sent to JANE W.", "TKM4K2X9QZ Confirmed. You have received Ksh1,500.00 from AMINA O."
	done, silent, strange := visit{pressed: true, ending: EndRefused}, visit{pressed: true, ending: EndSilent}, visit{pressed: true, strange: true, ending: EndRefused}
	for _, c := range []struct {
		name                                       string
		visits                                     []visit
		letters                                    [][2]string // to, text
		expected, missing, duplicate, wrong, found int
	}{
		{"both", []visit{done}, [][2]string{{payer, sent}, {payee, received}}, 2, 0, 0, 0, 0},
		{"one is missing", []visit{done}, [][2]string{{payer, sent}}, 2, 1, 0, 0, 1},
		{"another sum", []visit{done}, [][2]string{{payer, strings.Replace(sent, "1,500", "1,501", 1)}, {payee, received}}, 2, 1, 0, 1, 2},
		{"to somebody else", []visit{done}, [][2]string{{payer, sent}, {other, received}}, 2, 1, 0, 1, 2},
		{"to a number of nobody", []visit{done}, [][2]string{{payer, sent}, {payee, received}, {"254799999999", sent}}, 2, 0, 0, 1, 1},
		{"one twice", []visit{done}, [][2]string{{payer, sent}, {payee, received}, {payer, sent}}, 2, 0, 1, 0, 0},
		{"a second one", []visit{done}, [][2]string{{payer, sent}, {payee, received}, {payer, "T" + sent[1:8] + "XX" + sent[10:]}}, 2, 0, 0, 1, 1},
		{"two payments, and one is told twice", []visit{done, done}, [][2]string{{payer, sent}, {payer, sent}, {payee, received}, {payee, "Z" + received}}, 4, 1, 1, 0, 1},
		{"no last screen, and it was made", []visit{silent}, [][2]string{{payer, sent}, {payee, received}}, 0, 0, 0, 0, 0},
		{"no last screen, and it was not", []visit{silent}, nil, 0, 0, 0, 0, 0},
		{"another screen", []visit{strange}, nil, 0, 0, 0, 0, 0},
		{"another screen, and it was made", []visit{strange}, [][2]string{{payer, sent}}, 0, 0, 0, 1, 1},
		{"of something else", []visit{done}, [][2]string{{payer, sent}, {payee, received}, {payer, "Win a car!"}}, 2, 0, 0, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := &Config{People: []Person{{MSISDN: payer, Account: 1}, {MSISDN: payee, Account: 2}, {MSISDN: other, Account: 3}}, Says: SaysOf{GoalSend: {paid, got}}}
			o, now := newOutside(cfg), time.Now()
			for _, v := range c.visits {
				v.session, v.at, v.due, v.plan = "s1", now, now, Plan{Goal: GoalSend, Payee: 1, Amount: 1500_00}
				o.ended(&v, &cfg.People[0], &cfg.People[1])
			}
			for _, l := range c.letters {
				o.put(operator.SMS{To: l[0], Text: l[1], At: now.Add(time.Second)})
			}
			o.sweep(now, false)
			o.sweep(now, true)
			r := &Report{}
			o.tell(r, true, func(g *group) string { return g.String() })
			if s := r.SMS; s.Expected != c.expected || s.Missing != c.missing || s.Duplicate != c.duplicate || s.Contradicting != c.wrong || r.Oracle.Anomalies != c.found || r.Oracle.Scope != "sms" {
				t.Errorf("%+v, %d anomalies: %q", s, r.Oracle.Anomalies, r.Oracle.Findings)
			}
			if o.sweep(now.Add(3*cfg.horizon()), false); len(o.letters)+len(o.unsure)+len(o.owed) != 0 {
				t.Error("something is kept for ever")
			}
		})
	}
}

// TestSMSThatDoNotComeAreNotJudged unless somebody said that they would.
func TestSMSThatDoNotComeAreNotJudged(t *testing.T) {
	says, err := ShippedSays()
	if err != nil {
		t.Fatal(err)
	}
	cfg := &Config{People: []Person{{MSISDN: "254722000001"}}, Says: says}
	o, r := newOutside(cfg), &Report{}
	o.ended(&visit{pressed: true, ending: EndDone, plan: Plan{Goal: GoalAirtime}}, &cfg.People[0], &cfg.People[0])
	o.sweep(time.Now(), true)
	if o.tell(r, false, func(g *group) string { return g.String() }); r.Oracle.Scope != "" || r.Oracle.Anomalies != 0 {
		t.Errorf("%+v", r.Oracle)
	}
	for text, sum := range map[string]int64{
		"UKMA1B2C3D Confirmed. Ksh1,500.00 sent to P 0722***002 on 22/11/26.": 1500_00, "UKMA1B2C3D Imethibitishwa. Umepokea Ksh20.50 kutoka kwa P.": 20_50, "Your PIN is new.": -2,
	} {
		s := says[GoalSend][0]
		if _, got, is := s.read(text); is != (sum > 0) || is && int64(got) != sum {
			t.Errorf("%q reads as %d, %v", text, got, is)
		}
	}
}
