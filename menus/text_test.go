package menus

import (
	"errors"
	"strings"
	"testing"
)

func smsValuesOf(name string) map[string]Value {
	return map[string]Value{"receipt": {Set: true, Text: "TKM4K2X9QZ"}, "amount": {Set: true, Int: 500000}, "name": {Set: true, Text: name},
		"to": {Set: true, Text: "254722000002"}, "from": {Set: true, Text: "254722000001"}, "at": {Set: true, Int: 1795328040000}, "zone": {Set: true, Int: 180},
		"balance": {Set: true, Int: 234000}, "fee": {Set: true, Int: 5700}, "payee": {Set: true, Text: "0722***002"}, "reason": {Set: true, Text: "not_enough_funds"}}
}

// TestSMSAsOthersParseIt holds the texts that programs in the wild read.
func TestSMSAsOthersParseIt(t *testing.T) {
	b := wallet(t)
	for _, row := range []struct{ template, lang, name, want string }{
		{SMSSent, "en", "JANE W", "TKM4K2X9QZ Confirmed. Ksh5,000.00 sent to JANE W 0722***002 on 22/11/26 at 9:14 AM. New balance is Ksh2,340.00. Transaction cost, Ksh57.00."},
		{SMSSent, "fr", "JANE W", "TKM4K2X9QZ Confirmed. Ksh5,000.00 sent to JANE W 0722***002 on 22/11/26 at 9:14 AM. New balance is Ksh2,340.00. Transaction cost, Ksh57.00."},
		{SMSSent, "sw", "JANE W", "TKM4K2X9QZ Imethibitishwa. Ksh5,000.00 imetumwa kwa JANE W 0722***002 tarehe 22/11/26 saa 9:14 AM. Salio jipya ni Ksh2,340.00. Gharama ya muamala, Ksh57.00."},
		{SMSSent, "en", "", "TKM4K2X9QZ Confirmed. Ksh5,000.00 sent to 0722***002 on 22/11/26 at 9:14 AM. New balance is Ksh2,340.00. Transaction cost, Ksh57.00."},
		{SMSReceived, "en", "ሰላም\nX", "TKM4K2X9QZ Confirmed. You have received Ksh5,000.00 from ሰላም X 0722***001 on 22/11/26 at 9:14 AM. New balance is Ksh2,340.00."},
		{SMSIssued, "en", "", "TKM4K2X9QZ Confirmed. Ksh5,000.00 was paid into your account on 22/11/26 at 9:14 AM. New balance is Ksh2,340.00."},
		{SMSAirtimeBought, "en", "", "TKM4K2X9QZ Confirmed. You bought Ksh5,000.00 of airtime for 0722***002 on 22/11/26 at 9:14 AM. New balance is Ksh2,340.00. Transaction cost, Ksh57.00."},
		{SMSRedeemed, "en", "", "TKM4K2X9QZ Confirmed. Ksh5,000.00 was paid out of your account on 22/11/26 at 9:14 AM. New balance is Ksh2,340.00."},
		{SMSAirtimeReceived, "en", "", "TKM4K2X9QZ Confirmed. You have received Ksh5,000.00 of airtime from 0722***001 on 22/11/26 at 9:14 AM."},
		{SMSNewPIN, "en", "", "Your new PIN was set on 22/11/26 at 9:14 AM. Tell it to nobody. If it was not you, tell an agent at once."},
		{SMSNewPIN, "sw", "", "PIN yako mpya imewekwa tarehe 22/11/26 saa 9:14 AM. Usimwambie mtu yeyote. Kama si wewe, mwambie wakala mara moja."},
		{SMSNewPIN, "am", "", "አዲስ ፒን ተቀምጧል 22/11/26 9:14 AM። ለማንም አይንገሩ። እርስዎ ካልሆኑ ወዲያው ለወኪል ይንገሩ።"},
		{SMSNotDone, "en", "", "Your transaction of Ksh5,000.00 to 0722***002 was not completed: not enough money for it and its fee. Nothing was taken."},
		{SMSExpired, "en", "", "Your transaction of Ksh5,000.00 to 0722***002 was not completed: it took too long. Nothing was taken."},
	} {
		got, err := b.SMS(row.template, row.lang, smsValuesOf(row.name))
		if err != nil || got != row.want {
			t.Errorf("%s in %s:\ngot  %s, %v\nwant %s", row.template, row.lang, got, err, row.want)
		}
	}
}

func TestSMSRefusesWhatItCannotSay(t *testing.T) {
	b := wallet(t)
	without := smsValuesOf("JANE W")
	delete(without, "fee")
	odd := smsValuesOf("JANE W")
	odd["reason"] = Value{Set: true, Text: "rain"}
	for template, vals := range map[string]map[string]Value{SMSSent: without, SMSNotDone: odd, "poem": odd} {
		if text, err := b.SMS(template, "en", vals); !errors.Is(err, ErrSMS) || text != "" {
			t.Errorf("%s gave %q, %v", template, text, err)
		}
	}
}

func TestMoneyAsItIsWritten(t *testing.T) {
	for minor, want := range map[int64][2]string{
		0: {"Ksh0.00", "Ksh0"}, 5: {"Ksh0.05", "Ksh0.05"}, 50000: {"Ksh500.00", "Ksh500"}, 500000: {"Ksh5,000.00", "Ksh5,000"},
		123456789: {"Ksh1,234,567.89", "Ksh1,234,567.89"}, -5700: {"-Ksh57.00", "-Ksh57"}, -9223372036854775808: {"-Ksh92,233,720,368,547,758.08", "-Ksh92,233,720,368,547,758.08"},
	} {
		long, short := string(appendMoney(nil, "Ksh", minor, false)), string(appendMoney(nil, "Ksh", minor, true))
		if long != want[0] || short != want[1] {
			t.Errorf("%d gave %s and %s, want %v", minor, long, short, want)
		}
	}
}

func TestSeptets(t *testing.T) {
	for s, want := range map[string]int{"": 0, "Hello": 5, "a€b": 4, "[x]": 5, "Ñandú\n": 6, "ሰላም": 3, "`": 1, "@£$": 3} {
		if got := gsm7.units(s); got != want {
			t.Errorf("%q takes %d septets, want %d", s, got, want)
		}
	}
	if got := string(gsm7.appendClean(nil, "Žofia “Áé”\tሰ€", 12)); got != "Zofia \"Aé\" ?" {
		t.Errorf("folded to %q", got)
	}
	if got := string(ucs2.appendClean(nil, "ሰላም😀x", 4)); got != "ሰላም" {
		t.Errorf("cut to %q", got)
	}
	if len([]rune(foldFrom)) != len(foldTo) {
		t.Error("the folding table is uneven")
	}
	for _, r := range foldTo {
		if septets(r) == 0 {
			t.Errorf("%q folds to nothing", r)
		}
	}
}

// TestUCS2Language: a language outside the GSM alphabet is counted by 80.
func TestUCS2Language(t *testing.T) {
	src := strings.ReplaceAll(strings.ReplaceAll(strings.Replace(good, "sw: gsm7", "am: ucs2", 1), "sw:", "am:"), "To whom?, am: Kwa nani?", "To whom?, am: ለማን?")
	src = strings.Replace(src, `am: "Lipa {amount} kwa {to}, ada {fee}. PIN"`, `am: "{amount} {to} {fee}"`, 1)
	src = strings.Replace(src, `am: "Si sahihi, {left}"`, `am: "{left}"`, 1)
	b, err := Parse("m.yaml", []byte(src), goodCatalogue())
	if err != nil {
		t.Fatal(err)
	}
	p := NewPhone(b, Facts{Known: true, Language: "am", MSISDN: "254722000001"})
	if _, err := p.Dial("*334#"); err != nil {
		t.Fatal(err)
	}
	if act, err := p.Press("1"); err != nil || !strings.HasPrefix(act.Show.Text, "ለማን?\n0 Rudi") {
		t.Fatalf("%+v, %v", act.Show, err)
	}
	long := strings.Replace(src, "ለማን?", strings.Repeat("ለ", 70), 1)
	if _, err := Parse("m.yaml", []byte(long), goodCatalogue()); err == nil || !strings.Contains(err.Error(), "who in am can take 98 of 80 UCS-2 units") {
		t.Fatalf("70 characters and the keys fitted: %v", err)
	}
}

// TestSmallHandsets: where an operator shows less than the menu was proved for,
// the keys' line goes first, then the end of the text.
func TestSmallHandsets(t *testing.T) {
	b := wallet(t)
	for septets, want := range map[int]string{
		160: "Send money to which number?\n0 Back 00 Home", 42: "Send money to which number?\n0 Back 00 Home", 41: "Send money to which number?", 10: "Send",
	} {
		p := NewPhone(b, Facts{Known: true, Septets: septets})
		if _, err := p.Dial("*334#"); err != nil {
			t.Fatal(err)
		}
		if act, err := p.Press("1"); err != nil || act.Show.Text != want {
			t.Errorf("%d septets: %q, %v", septets, act.Show.Text, err)
		}
	}
}

func TestHashIsOfTheSource(t *testing.T) {
	src, cat := good, goodCatalogue()
	parse := func(s string) [32]byte {
		t.Helper()
		b, err := Parse("m.yaml", []byte(s), cat)
		if err != nil {
			t.Fatal(err)
		}
		return b.Hash()
	}
	first := parse(src)
	if parse(strings.ReplaceAll(src, "\n", "\r\n")) != first || parse("\ufeff"+src) != first {
		t.Error("an editor's line ends made another bundle")
	}
	if parse(strings.Replace(src, "To whom?", "To who?", 1)) == first {
		t.Error("another text is the same bundle")
	}
}

func TestForeignStatesAreRefused(t *testing.T) {
	b := wallet(t)
	fresh := func(change func(st *State)) *State {
		st := b.Begin(Facts{Known: true})
		change(&st)
		return &st
	}
	for name, st := range map[string]*State{
		"screen":  fresh(func(st *State) { st.Screen = 999 }),
		"stack":   fresh(func(st *State) { st.Stack = []uint16{999} }),
		"vars":    fresh(func(st *State) { st.Vars = st.Vars[1:] }),
		"waiting": fresh(func(st *State) { st.Waiting = true }),
	} {
		if _, err := b.Step(st, Event{Kind: EventInput, Text: "1"}, Facts{Known: true}); !errors.Is(err, ErrMisfit) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := b.Step(fresh(func(*State) {}), Event{Kind: 9}, Facts{}); !errors.Is(err, ErrMisfit) {
		t.Errorf("an event of no kind: %v", err)
	}
}
