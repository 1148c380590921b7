package menus

import "testing"

// BenchmarkStep is one event of a whole payment: five hops and two answers, the
// state encoded and decoded between them as a session store does; per event.
func BenchmarkStep(b *testing.B) {
	menu, facts := wallet(b), Facts{Known: true, MSISDN: "254722000001", Language: "en", Septets: 160, UCS2: 80, Zone: 180}
	quote := map[string]Value{"name": {Set: true, Text: "JANE W"}, "fee": {Set: true, Int: 5700}}
	paid := map[string]Value{"receipt": {Set: true, Text: "UKM4K2X9QZ"}, "fee": {Set: true, Int: 5700}, "balance": {Set: true, Int: 234000}}
	for _, row := range []struct {
		name   string
		events []Event
	}{
		{"menu", []Event{{Kind: EventBegin}, {Kind: EventInput, Text: "1"}, {Kind: EventInput, Text: "0"}}},
		{"amount", []Event{{Kind: EventBegin}, {Kind: EventInput, Text: "2"}, {Kind: EventInput, Text: "1"}, {Kind: EventInput, Text: "5,000"}}},
		{"shortcut", []Event{{Kind: EventBegin, Text: "1*0722000002*500"}}},
		{"payment", []Event{{Kind: EventBegin}, {Kind: EventInput, Text: "1"}, {Kind: EventInput, Text: "0722000002"}, {Kind: EventInput, Text: "5,000"},
			{Kind: EventOutcome, Outcome: "ok", Values: quote}, {Kind: EventInput, Text: "4826"}, {Kind: EventOutcome, Outcome: "ok", Values: paid}}},
	} {
		b.Run(row.name, func(b *testing.B) {
			b.ReportAllocs()
			enc := make([]byte, 0, MaxState)
			for i := 0; i < b.N; {
				st := menu.Begin(facts)
				for _, ev := range row.events {
					if _, err := menu.Step(&st, ev, facts); err != nil {
						b.Fatal(err)
					}
					var err error
					enc = AppendState(enc[:0], &st)
					if st, err = DecodeState(enc); err != nil {
						b.Fatal(err)
					}
					i++
				}
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	src, cat := walletSource(b), testCatalogue()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse("wallet.yaml", src, cat); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSMS(b *testing.B) {
	menu := wallet(b)
	vals := map[string]Value{"receipt": {Set: true, Text: "UKM4K2X9QZ"}, "amount": {Set: true, Int: 500000}, "name": {Set: true, Text: "JANE W"},
		"to": {Set: true, Text: "254722000002"}, "at": {Set: true, Int: 1795328040000}, "zone": {Set: true, Int: 180},
		"balance": {Set: true, Int: 234000}, "fee": {Set: true, Int: 5700}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := menu.SMS(SMSSent, "en", vals); err != nil {
			b.Fatal(err)
		}
	}
}
