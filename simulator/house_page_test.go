//go:build house

package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	browser "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"mlango/simulator/operator"
	"mlango/simulator/phone"
)

// TestHousePagePays is a newcomer's first minute: the code is typed already, the green
// key dials, a wrong PIN moves nothing, the right one brings an SMS to both phones, and
// the wire view has what crossed each wire. A page that is loaded again goes on.
func TestHousePagePays(t *testing.T) {
	d := startDemo(t)
	p := open(t, d.page, 1280, 900)
	if got := p.ask(`document.querySelector('.phone.a [data-field]').value + document.querySelector('.phone.a').classList.contains('fresh')`); got != "*334#true" {
		t.Errorf("the first phone has %s", got)
	}
	p.quotes("a", "0722000002", "500")
	p.do(chromedp.Reload())
	p.shows("a", `Enter PIN`)
	if got := p.ask(`document.querySelector('.phone.a [data-field]').type + document.querySelector('.phone.a .hint').innerText`); got != "passwordIn this demo every PIN is 4826" {
		t.Errorf("the PIN's field is %s", got)
	}
	p.keys("a", "1111")
	p.shows("a", `Wrong PIN.*Enter PIN`)
	p.pin("a")
	p.shows("a", `\w{10} Confirmed\. Ksh500\.00 sent to JANE W`)
	p.shows("b", `\w{10} Confirmed\. You have received Ksh500\.00 from AMINA O`)
	p.keys("a", "") // reads the SMS
	p.shows("a", `\w{10} Confirmed\. Ksh500\.00 sent to JANE W 0722\*\*\*002 on .* Transaction cost, Ksh7\.00`)
	last := screen{Screen: d.texts(payer, 1)[0].Text}
	paid(t, last, d.texts(payer, 1)[0], d.texts(payee, 1)[0])

	wire := p.told("a")
	text := p.ask(`[...document.querySelectorAll('.phone.a details')].forEach((d) => { d.open = true }), ` + wire)
	for _, want := range []string{
		"Dialled *334#", "ussd_service_op=1 PSSR indication", "ussd_service_op=17 PSSR response", "its_session_info=", "hop", "placed",
		"entry 0/", "debit  account 1 507.00", "credit account 2 500.00", "2547*****001: ", "2547*****002: ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in the wire view\n%s", want, text)
		}
	}
	for _, not := range []string{"4826", "1111", payer, payee, "0722000002"} {
		if strings.Contains(text, not) {
			t.Errorf("%s in the wire view", not)
		}
	}
	p.ask(`(() => { const pick = document.querySelector('.phone.b .language select'); pick.value = 'sw'; pick.dispatchEvent(new Event('change')) })()`)
	p.until(`/Reads Kiswahili/.test(document.querySelector('.phone.b .live').textContent)`)
	p.click(`.phone.b [data-key="red"]`)
	p.keys("b", "")
	p.shows("b", `Tuma pesa`)
	if got := p.ask(`performance.getEntriesByType('resource').filter((r) => !r.name.startsWith(location.origin)).length`); got != "0" {
		t.Errorf("the page asked %s times elsewhere", got)
	}
	p.quiet()
	d.stop()
}

// told waits until a phone's wire view knows that both SMS of its payment are
// acknowledged in the journal; wire is the view's text.
func (p *tab) told(phone string) (wire string) {
	p.t.Helper()
	wire = `document.querySelector('.phone.` + phone + ` .wire').innerText`
	p.until(`/the SMSC has the payer's SMS/.test(` + wire + `)`)
	p.until(`/the SMSC has the payee's SMS/.test(` + wire + `)`)
	return wire
}

// mute makes a page hear nothing from its server.
const mute = `window.fetch = () => new Promise(() => {}); window.EventSource = class extends EventTarget {};`

// TestHousePageIsThereAtOnce: before the page has heard anything its phones, their holders
// and how everything stands are drawn; what cannot be known yet is not claimed.
func TestHousePageIsThereAtOnce(t *testing.T) {
	d := startDemo(t)
	p := open(t, d.page, 1280, 900)
	p.click(`.phone.b .signal`)
	p.until(`document.querySelector('.phone.b').classList.contains('away')`)
	p.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, browser.AddScriptToEvaluateOnNewDocument, browser.AddScriptToEvaluateOnNewDocumentParams{Source: mute})
		return err
	}), chromedp.Reload())
	p.until(`document.readyState === 'complete'`) // the scripts have run by then
	if got := p.ask(`[...document.querySelectorAll('.phone')].map((e) => e.getAttribute('aria-label') + ' ' + e.querySelector('[data-field]').value + ' ' + e.querySelector('.carrier').textContent).join(', ')`); got != "Phone of AMINA O *334# SAFARI, Phone of JANE W *334# No service" {
		t.Errorf("the phones are %q", got)
	}
	if got := p.ask(`[...document.querySelectorAll('#network .state')].map((e) => e.textContent).join(', ')`); got != "No signal, Working, Working, Working" {
		t.Errorf("the network is %q", got)
	}
	if got := p.ask(`String(document.getElementById('gone').hidden) + document.documentElement.dataset.ready`); got != "trueundefined" {
		t.Errorf("it says that it is %q", got)
	}
	p.quiet()
	d.stop()
}

// TestHousePageBreaks kills what is behind the phones in the middle of payments: the
// screen tells the truth, and each SMS comes once when all is mended.
func TestHousePageBreaks(t *testing.T) {
	d := startDemo(t)
	p := open(t, d.page, 1280, 900)
	state := func(place, want string) {
		t.Helper()
		p.until(`document.querySelector('#place-` + place + `').dataset.state === '` + want + `'`)
	}

	p.quotes("a", "0722000002", "500")
	p.click(`#place-ledgerd button`)
	state("ledgerd", "down")
	p.pin("a")
	p.shows("a", `In progress. Do not repeat; SMS follows`)
	p.click(`#place-ledgerd button`)
	state("ledgerd", "up")
	p.shows("b", `You have received Ksh500\.00`)
	d.texts(payer, 1)
	d.texts(payee, 1)
	p.told("a") // a gateway that dies before that says it once more

	p.click(`.phone.a [data-key="red"]`)
	p.click(`#place-gateway button`)
	state("gateway", "down")
	p.keys("a", "")
	p.shows("a", `Connection problem or invalid MMI code`)
	p.click(`#place-gateway button`)
	state("gateway", "up")
	p.click(`.phone.a [data-key="red"]`)

	p.quotes("a", "0722000003", "600")
	p.click(`#place-operator button`)
	state("operator", "down")
	p.pin("a")
	p.shows("a", `Confirmed\. Ksh600\.00 sent to PETER M`)
	d.texts(payer, 1) // all others are refused
	p.click(`#place-operator button`)
	state("operator", "up")
	d.texts(payer, 2)
	d.texts("254722000003", 1)

	p.click(`.phone.a [data-key="red"]`)
	p.click(`.phone.b .signal`)
	p.until(`document.querySelector('.phone.b').classList.contains('away')`)
	p.click(`.phone.b [data-key="red"]`)
	p.keys("b", "")
	p.shows("b", `Connection problem`)
	p.quotes("a", "0722000002", "700")
	p.pin("a")
	p.shows("a", `Confirmed\. Ksh700\.00 sent to JANE W`)
	d.texts(payer, 3)
	d.texts(payee, 1) // the other one waits at the SMSC
	p.click(`.phone.b .signal`)
	d.texts(payee, 2)
	p.click(`.phone.b [data-key="inbox"]`)
	p.shows("b", `Ksh700\.00`)
	p.quiet("503") // what the killed gateway and the lost signal answer
	d.stop()
}

// TestHousePageByKeyboard pays without a mouse, and looks at what a screen reader is
// told.
func TestHousePageByKeyboard(t *testing.T) {
	d := startDemo(t)
	p := open(t, d.page, 1280, 900)
	tabTo := func(selector string) {
		t.Helper()
		for range 40 {
			p.do(chromedp.KeyEvent(kb.Tab))
			if p.ask(`document.activeElement.matches('`+selector+`')`) == "true" {
				return
			}
		}
		t.Fatalf("Tab does not come to %s", selector)
	}
	tabTo(`.phone.a .field`)
	p.do(chromedp.KeyEvent(kb.Enter))
	p.shows("a", `1 Send money`)
	p.do(chromedp.KeyEvent("1" + kb.Enter))
	p.shows("a", `number`)
	p.do(chromedp.KeyEvent("0722000002" + kb.Enter))
	p.shows("a", `How much`)
	p.do(chromedp.KeyEvent(kb.Escape))
	p.shows("a", `Type a code`)
	if got := p.ask(`document.activeElement.matches('.phone.a .field')`); got != "true" {
		t.Error("hanging up loses the focus")
	}
	p.do(chromedp.KeyEvent(kb.Enter))
	p.shows("a", `2 Start again`) // what was under way is not lost
	tabTo(`.phone.a .pad .key`)
	p.do(chromedp.KeyEvent(kb.ArrowRight + kb.ArrowLeft + " "))
	p.until(`document.querySelector('.phone.a .field').value === '1'`)
	p.until(`document.querySelector('.phone.a summary') !== null`)
	tabTo(`.phone.a summary`) // one stop for the whole keypad, then on
	p.do(chromedp.KeyEvent(kb.Escape))
	p.ask(`document.activeElement.blur()`)
	p.do(chromedp.KeyEvent(kb.Enter)) // no focus at all: the phone that was used last
	p.shows("a", `2 Start again`)
	p.do(chromedp.KeyEvent("2" + kb.Enter))
	p.shows("a", `1 Send money`)
	for _, step := range [][2]string{{"1", `number`}, {"0722000002", `How much`}, {"500", `Enter PIN`}, {"4826", `Confirmed`}} {
		p.do(chromedp.KeyEvent(step[0] + kb.Enter))
		p.shows("a", step[1])
	}
	p.until(`/New message from M-WALLET: \w{10} Confirmed/.test(document.querySelector('.phone.b .live').textContent)`)
	d.texts(payer, 1)

	tree, err := chromedp.Run(p.ctx, func(ctx context.Context, t *chromedp.Target) (accessibility.GetFullAXTreeResult, error) {
		return cdp.Call(ctx, t, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	})
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, n := range tree.Nodes {
		role := ax(n.Role)
		if n.Ignored || !slices.Contains([]string{"button", "textbox", "combobox", "link", "img", "region"}, role) {
			continue
		}
		if named++; ax(n.Name) == "" && role != "img" {
			t.Errorf("a %s without a name", role)
		}
	}
	if named < 30 {
		t.Errorf("only %d things have a role", named)
	}
	p.quiet()
	d.stop()
}

// ax is a value of the accessibility tree as text.
func ax(v *accessibility.Value) (s string) {
	if v != nil {
		_ = json.Unmarshal(v.Value, &s) // not a string: none
	}
	return s
}

// TestHousePageOnASmallScreen looks for what is wider than 360 px, and for motion where
// none is wanted.
func TestHousePageOnASmallScreen(t *testing.T) {
	d := startDemo(t)
	p := open(t, d.page, 360, 740)
	fits := func(when string) {
		t.Helper()
		if got := p.ask(`document.documentElement.scrollWidth`); got != "360" {
			t.Errorf("%s the page is %s wide", when, got)
		}
	}
	fits("at first")
	p.quotes("a", "0722000002", "500")
	p.pin("a")
	p.shows("b", `You have received`)
	p.until(`document.querySelectorAll('.phone.a details').length > 4`)
	p.ask(`document.querySelectorAll('details').forEach((d) => { d.open = true })`)
	fits("with a wire view")
	p.click(`.phone.b [data-key="inbox"]`)
	p.shows("b", `Messages 1`)
	fits("with messages")
	p.likes("prefers-reduced-motion", "reduce")
	p.ask(`document.querySelector('.handset').classList.add('buzz')`)
	if got := p.ask(`document.getAnimations().length`); got != "0" {
		t.Errorf("%s animations for who wants none", got)
	}
	p.quiet()
	d.stop()
}

// TestHousePageOfSomebodysOwnService is `simulator phone` on a USSD service that knows
// nothing of us: no kill buttons, no PIN, HTTP in the wire view.
func TestHousePageOfSomebodysOwnService(t *testing.T) {
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reply := "CON Karibu Shamba\n1 Prices"
		if text := r.FormValue("text"); text != "" {
			reply = "END Maize: Ksh 3,400 a bag"
		}
		_, _ = w.Write([]byte(reply))
	}))
	defer service.Close()
	addr := newPort(t)
	cmd := exec.Command(program("simulator"), "phone", "--target", service.URL, "--listen", addr)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = cmd.Process.Signal(os.Interrupt), cmd.Wait() }()
	until(t, "the page", func() bool {
		resp, err := http.Get("http://" + addr + "/api/phones")
		if err != nil {
			return false
		}
		_ = resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	p := open(t, "http://"+addr, 1280, 900)
	p.keys("a", "")
	p.shows("a", `Karibu Shamba`)
	p.keys("a", "1")
	p.shows("a", `Maize: Ksh 3,400 a bag`)
	p.until(`/POST application.x-www-form-urlencoded sessionId=.*text=1/.test(document.querySelector('.phone.a .wire').innerText)`)
	if got := p.ask(`document.querySelectorAll('#network button').length + ' ' + document.getElementById('coach').hidden`); got != "0 true" {
		t.Errorf("buttons, and whether the first payment is hidden: %s", got)
	}
	p.quiet()
}

// TestHousePageShowsWhatNobodyDialled: a screen that the service opens is on the display
// at once, an SMS that the stream tells twice is there once.
func TestHousePageShowsWhatNobodyDialled(t *testing.T) {
	op, err := operator.New(operator.Config{Name: "test"})
	if err != nil {
		t.Fatal(err)
	}
	hub := phone.NewHub()
	server := httptest.NewServer(phone.New(phone.Config{Network: op, Hub: hub, People: people()}).Handler())
	defer func() {
		server.CloseClientConnections() // the stream has no end of its own
		server.Close()
	}()
	p := open(t, server.URL, 1280, 900)
	p.until(`document.querySelector('#place-operator .state').innerText === 'Working'`) // the stream is open
	// A browser on a busy machine may lose its stream and open another. What passed
	// meanwhile it asks the network for, which here knows of nothing.
	told := func(phone, text string, tell func()) {
		shown := `/` + text + `/s.test(` + display(phone) + `)`
		until(t, text, func() bool {
			tell()
			time.Sleep(time.Second)
			return p.ask(shown) == "true"
		})
	}
	told("b", `Pay Ksh500\.00 to MAMA MBOGA`, func() {
		hub.Screen(payee, operator.Screen{Text: "Pay Ksh500.00 to MAMA MBOGA? Enter PIN", Open: true, Secret: true})
	})
	if got := p.ask(`document.querySelector('.phone.b .field').type`); got != "password" {
		t.Errorf("its PIN is typed into a %s field", got)
	}
	told("a", `Confirmed`, func() {
		for range 2 {
			hub.SMS(operator.SMS{ID: "1", To: payer, From: "M-WALLET", Text: "Confirmed", At: time.Now()})
		}
	})
	p.click(`.phone.a [data-key="inbox"]`)
	p.shows("a", `Messages 1`)
	p.quiet()
}
