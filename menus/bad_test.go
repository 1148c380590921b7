package menus

import (
	"strings"
	"testing"
)

// good is a small menu with one of everything; each bad case changes one thing.
const good = `menu: shop@1
brand: Shop
currency_sign: Ksh
languages: {en: gsm7, sw: gsm7}
fits: {septets: 120}
reply: 2500ms
vars:
  to: msisdn
  amount: money
  fee: money
secrets: {pin: digits=4}
keys:
  back: {key: "0", label: {en: Back, sw: Rudi}}
  home: {key: "00", label: {en: Home, sw: Nyumbani}}
says:
  choice: {en: No choice, sw: Hakuna}
  number: {en: No number, sw: Si namba}
  amount: {en: No amount, sw: Si kiasi}
  digits: {en: No digits, sw: Si tarakimu}
  text: {en: No text, sw: Si maandishi}
  secret: {en: No PIN, sw: Si PIN}
  dial: {en: Unknown code, sw: Haijulikani}
  tries: {en: Too many tries, sw: Umejaribu sana}
start: home
begin:
  - {if: "!me.known", end: {en: Register first, sw: Jisajili}}
  - go: home
dial:
  - {code: "1*{to}*{amount}", lands: quote}
screens:
  home:
    text: {en: "{brand}", sw: "{brand}"}
    options:
      - {label: {en: Pay, sw: Lipa}, go: who}
      - {key: "9", label: {en: Bye, sw: Kwaheri}, end: {en: Bye, sw: Kwaheri}}
  who:
    text: {en: To whom?, sw: Kwa nani?}
    ask: to
    check:
      - {must: to != me.msisdn, else: {en: Not you, sw: Si wewe}}
    go: much
  much:
    text: {en: How much?, sw: Kiasi gani?}
    ask: amount
    go: quote
  quote:
    call: ask_fee
    in: {to: to, amount: amount}
    keep: [fee]
    budget: 1s
    then:
      ok: confirm
      refused, timeout: {end: {en: Nothing was taken, sw: Hakuna kilichokatwa}}
  confirm:
    text: {en: "Pay {amount} to {to}, fee {fee}. PIN", sw: "Lipa {amount} kwa {to}, ada {fee}. PIN"}
    ask: pin
    order: pay
    budget: 2s
    then:
      ok: {end: {en: "Paid {amount}", sw: "Umelipa {amount}"}}
      wrong: {go: confirm, note: {en: "Wrong, {left} left", sw: "Si sahihi, {left}"}}
      unknown: {end: {en: SMS follows, sw: SMS inakuja}}
sms:
  sent: {en: "{receipt} {amount} {to} {balance} {fee}", sw: "{receipt} {amount} {to} {balance} {fee}"}
  received: {en: "{receipt} {amount} {balance}", sw: "{receipt} {amount} {balance}"}
  issued: {en: "{receipt} {amount} {balance}", sw: "{receipt} {amount} {balance}"}
  redeemed: {en: "{receipt} {amount} {balance}", sw: "{receipt} {amount} {balance}"}
  airtime_bought: {en: "{receipt} {amount} {balance} {fee}", sw: "{receipt} {amount} {balance} {fee}"}
  airtime_received: {en: "{receipt} {amount}", sw: "{receipt} {amount}"}
  withdrawn: {en: "{receipt} {amount} {name} {balance} {fee}", sw: "{receipt} {amount} {name} {balance} {fee}"}
  gave_cash: {en: "{receipt} {amount} {name} {balance}", sw: "{receipt} {amount} {name} {balance}"}
  deposited: {en: "{receipt} {amount} {name} {balance}", sw: "{receipt} {amount} {name} {balance}"}
  took_cash: {en: "{receipt} {amount} {name} {balance}", sw: "{receipt} {amount} {name} {balance}"}
  bill_paid: {en: "{receipt} {amount} {name} {account} {balance} {fee}", sw: "{receipt} {amount} {name} {account} {balance} {fee}"}
  bill_received: {en: "{receipt} {amount} {account} {balance}", sw: "{receipt} {amount} {account} {balance}"}
  goods_paid: {en: "{receipt} {amount} {name} {balance} {fee}", sw: "{receipt} {amount} {name} {balance} {fee}"}
  came_back: {en: "{receipt} {amount} {balance}", sw: "{receipt} {amount} {balance}"}
  taken_back: {en: "{receipt} {amount} {balance}", sw: "{receipt} {amount} {balance}"}
  not_reversed: {en: "{amount} {reason}", sw: "{amount} {reason}"}
  held: {en: "{receipt} {amount} {to} {until.date} {available} {fee}", sw: "{receipt} {amount} {to} {until.date} {available} {fee}"}
  held_part: {en: "{receipt} {amount} {released} {to} {balance} {fee}", sw: "{receipt} {amount} {released} {to} {balance} {fee}"}
  held_voided: {en: "{receipt} {released} {available}", sw: "{receipt} {released} {available}"}
  held_expired: {en: "{receipt} {released} {available}", sw: "{receipt} {released} {available}"}
  new_pin: {en: "{at.date}", sw: "{at.date}"}
  not_done: {en: "{amount} {reason}", sw: "{amount} {reason}"}
  expired: {en: "{amount}", sw: "{amount}"}
  reasons:
    wrong: {en: the PIN was wrong, sw: PIN si sahihi}
`

func goodCatalogue() Catalogue {
	return Catalogue{
		"ask_fee": {In: map[string]string{"to": "msisdn", "amount": "money"}, Out: map[string]string{"fee": "money", "min": "money"},
			Outcomes: []string{"ok", "refused", "timeout"}, Gives: map[string][]string{"ok": {"fee"}}, Shows: []string{"to", "amount", "fee"}},
		"pay": {Out: map[string]string{"left": "int<=9"}, Outcomes: []string{"ok", "wrong", "unknown"}, Gives: map[string][]string{"wrong": {"left"}},
			Secret: true, Effects: true, Later: true, After: "ask_fee"},
		"ping": {Outcomes: []string{"ok", "timeout"}},
	}
}

func TestGoodMenuIsGood(t *testing.T) {
	if _, err := Parse("m.yaml", []byte(good), goodCatalogue()); err != nil {
		t.Fatal(err)
	}
}

// TestBadMenus: what is written instead of what, and the first line of the error.
func TestBadMenus(t *testing.T) {
	for _, row := range badMenus {
		t.Run(row.name, func(t *testing.T) {
			if row.old != "" && !strings.Contains(good, row.old) {
				t.Fatalf("the good menu has no %q", row.old)
			}
			_, err := Parse("m.yaml", []byte(strings.Replace(good, row.old, row.now, 1)), goodCatalogue())
			if err == nil {
				t.Fatal("accepted")
			}
			first, _, _ := strings.Cut(err.Error(), "\n")
			if first != row.want {
				t.Fatalf("\ngot  %s\nwant %s", first, row.want)
			}
		})
	}
}

// TestHiddenScreensAreToldOnce: a missing way hides what is behind it too, and one line
// says so; screens that only lead round to each other are told as well.
func TestHiddenScreensAreToldOnce(t *testing.T) {
	src := strings.Replace(string(walletSource(t)), "go: account}", "go: home}", 1)
	_, err := Parse("m.yaml", []byte(src), testCatalogue())
	if err == nil || strings.Count(err.Error(), "\n") != 0 || !strings.Contains(err.Error(), `no way leads to the screen "account", nor to `) {
		t.Error(err)
	}
	src = strings.Replace(string(walletSource(t)), "\n  account:\n", `
  here:
    text: {en: a, sw: a, am: a}
    options: [{label: {en: a, sw: a, am: a}, go: there}]
  there:
    text: {en: a, sw: a, am: a}
    options: [{label: {en: a, sw: a, am: a}, go: here}]
  account:
`, 1)
	_, err = Parse("m.yaml", []byte(src), testCatalogue())
	if err == nil || strings.Count(err.Error(), "\n") != 0 || !strings.Contains(err.Error(), `the screen "here", nor to 1 behind it`) {
		t.Error(err)
	}
}
