package report

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// sample is a made-up run of a few minutes in which the ledger is killed once and the
// SMSC throttles for a while.
func sample(seed uint64, seconds int) *Report {
	rng := rand.New(rand.NewPCG(seed, 7))
	at := time.Date(2026, 11, 22, 9, 14, 0, 0, time.FixedZone("EAT", 3*3600))
	r := &Report{Schema: 1, Verdict: "pass", Seed: seed, Profile: "salary-day", StartedAt: at, DurationMS: int64(seconds+4) * 1000,
		Asked:       Asked{Users: 20000, Rate: 60, Speed: 1, DurationMS: int64(seconds) * 1000},
		Environment: Environment{Commit: "f12e588a77c0", Bundle: "da548a897afde8d8a2e693a07f79104a2ef3ccb1", Cores: 2, Go: "go1.26.8", Redis: "7.0.15", FdataSync: 7378},
		Generator:   Generator{Valid: true, LateP99MS: 1.268, CPUShare: 0.32},
		Screens:     Screens{Count: 65226, PerSecond: 393, P50MS: 1.05, P99MS: 84.5, P999MS: 2311, MaxMS: 5351, UncorrectedP99MS: 80.6},
		Oracle:      Oracle{Scope: "ledger+sms", MoneyConserved: true, Entries: 36012, Notices: 24016, Accounts: 19004, Findings: []string{}},
		Faults: []Harm{{Kind: "kill", Target: "ledgerd", FromMS: int64(seconds) * 400, ToMS: int64(seconds)*400 + 4200},
			{Kind: "throttle", N: 40, FromMS: int64(seconds) * 700, ToMS: int64(seconds) * 800}},
		Gates:   []Gate{{"screens.p99_ms < 500", true}, {"sms.p99_ms < 10000", true}},
		Folder:  "runs/kept",
		Retries: &Retries{Redials: 311, Looked: 120, Prevented: 94, Made: 3},
		Command: "simulator load --stack --profile salary-day --rate 60 --users 20000 --duration 3m --seed 42 --fault faults.yaml",
	}
	r.Series = sampleSeries(rng, seconds, 60)
	offered, committed := 0, 0
	for i := range r.Series.Offered {
		offered, committed = offered+r.Series.Offered[i], committed+r.Series.Committed[i]
	}
	r.Sessions = Sessions{Offered: offered, Started: offered - 12, Refused: 12, Completed: offered - 12 - 760 - 31, Abandoned: 760, Failed: 31, AliveAtPeak: 2799, MedianMS: 22256}
	r.Payments = Payments{Placed: committed + 41, Committed: committed, Rejected: 41, Refused: 3, PerSecond: float64(committed) / float64(seconds)}
	r.SMS = SMSReport{Expected: 2 * committed, Received: 2 * committed, Duplicate: 7, P50MS: 4, P99MS: 4210}
	for i, name := range []string{"confirm", "send_to", "home", "send_amount", "balance", "airtime_amount", "last_transfers"} {
		f := Figure(1 + rng.Float64())
		r.ByScreen = append(r.ByScreen, ScreenTimes{name, 20000 - 2000*i, f, f * 4, f * 60 / Figure(i+1), f * 900 / Figure(i+1), f * 3000 / Figure(i+1)})
	}
	for _, wish := range []string{"send", "airtime"} {
		f := Funnel{Wish: wish, Dialled: 8000}
		n := 8000
		for _, name := range []string{"home", wish + "_to", wish + "_amount", "confirm", "done"} {
			left := rng.IntN(200)
			f.Steps = append(f.Steps, Step{name, n, left, rng.IntN(20)})
			n -= left + 20
		}
		r.Funnels = append(r.Funnels, f)
	}
	for i := range 5 {
		r.Worst = append(r.Worst, sampleStory(i, at))
	}
	return r
}

func sampleSeries(rng *rand.Rand, seconds int, rate float64) *Series {
	s := &Series{SliceMS: 1000}
	for i := range seconds {
		curve := 1 + 0.3*math.Sin(float64(i)/float64(seconds)*3)
		down := i >= seconds*4/10 && i < seconds*4/10+4
		slow := i >= seconds*7/10 && i < seconds*8/10
		poisson := func(mean float64) int { return max(0, int(mean+math.Sqrt(mean)*rng.NormFloat64())) }
		n := poisson(rate * 1.6 * curve)
		s.Offered, s.Started = append(s.Offered, n), append(s.Started, n)
		s.Screens = append(s.Screens, 4*n)
		p50, p99, paid, silent, sms, broken := 1.1, 7.0, poisson(rate*curve), 0, 4.0, 0.0
		if down {
			p50, p99, paid, silent, broken = 2, 4200-1000*float64(i-seconds*4/10), 0, rng.IntN(9), 0.9
		}
		if slow {
			sms = 4 + 400*float64(i-seconds*7/10)
		}
		noise := math.Exp(0.2 * rng.NormFloat64())
		s.ScreenP50, s.ScreenP99, s.ScreenMax = append(s.ScreenP50, Figure(p50*noise)), append(s.ScreenP99, Figure(p99*noise)), append(s.ScreenMax, Figure(3*p99*noise))
		s.Committed, s.Rejected, s.Silent, s.Broken = append(s.Committed, paid), append(s.Rejected, 0), append(s.Silent, silent), append(s.Broken, silent)
		s.SMS = append(s.SMS, 2*paid)
		if down {
			s.SMSP50, s.SMSP99 = append(s.SMSP50, Unknown()), append(s.SMSP99, Unknown())
		} else {
			s.SMSP50, s.SMSP99 = append(s.SMSP50, Figure(sms*noise)), append(s.SMSP99, Figure(3*sms*noise))
		}
		s.Alive, s.Orders = append(s.Alive, Figure(900*curve)), append(s.Orders, Figure(broken*300))
		s.Texts, s.TextsOldest = append(s.Texts, Figure(sms/4)), append(s.TextsOldest, Figure(sms*2))
		s.Breaker, s.Late, s.Anomalies = append(s.Breaker, Figure(broken)), append(s.Late, Figure(0.4*noise)), append(s.Anomalies, 0)
	}
	return s
}

func sampleStory(i int, at time.Time) Transcript {
	return Transcript{Session: fmt.Sprintf("1a2b%02d", i), MSISDN: "2547*****678", Wish: "send", Why: "it waited longest", At: at, Ending: "done", Hops: []Hop{
		{AtMS: 0, Input: "*334#", WaitMS: 3.2, Name: "home", Screen: "M-Wallet\n1 Send money\n2 Airtime\n3 My account\n4 Withdraw"},
		{AtMS: 2310, Input: "1", WaitMS: 1.8, Name: "send_to", Screen: "Send to whom? Type the phone number."},
		{AtMS: 9211, Input: "0722*****002", WaitMS: 2.2, Name: "send_amount", Screen: "How much?"},
		{AtMS: 12033, Input: "500", WaitMS: 4.1, Name: "confirm", Screen: "Send Ksh500.00 to JANE W 0722***002.\nFee Ksh7.00.\nType your PIN."},
		{AtMS: 15044, Input: "****", WaitMS: Figure(5351 - 900*i), Name: "done", Screen: "UKV4K2X9QZ Confirmed. Ksh500.00 sent to JANE W. New balance Ksh2,340.00. Fee Ksh7.00."},
	}}
}
