//go:build house

package main

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// tableBrowsers are the names under which systems have a Chromium.
var tableBrowsers = []string{"chromium", "chromium-browser", "google-chrome"}

// tab is a demo's page in a real browser.
type tab struct {
	t    *testing.T
	ctx  context.Context
	mu   sync.Mutex
	said []chromedp.ConsoleMessage
}

// open starts a browser of the test's own and loads the page. It fails where there is
// none.
func open(t *testing.T, url string, width, height int64) *tab {
	t.Helper()
	path := ""
	for _, name := range tableBrowsers {
		if found, err := exec.LookPath(name); err == nil && path == "" {
			path = found
		}
	}
	if path == "" {
		t.Fatal("no chromium on this machine: apt-get install chromium (./check does it)")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU)
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 4*rigPatience)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	p := &tab{t: t, ctx: ctx}
	messages := chromedp.Console(ctx)
	go func() { // ends with ctx
		for m, err := range messages {
			if err != nil {
				return
			}
			p.mu.Lock()
			p.said = append(p.said, m)
			p.mu.Unlock()
		}
	}()
	p.do(chromedp.EmulateViewport(width, height), chromedp.Navigate(url))
	p.until(`document.documentElement.dataset.ready === 'yes'`)
	return p
}

// likes sets what the reader's system prefers, such as prefers-color-scheme: dark.
func (p *tab) likes(feature, value string) {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: feature, Value: value}}})
		return err
	}))
}

func (p *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.t.Fatal(err)
	}
}

// ask evaluates an expression.
func (p *tab) ask(expression string) string {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[any](expression))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return fmt.Sprint(v)
}

// until waits for a condition.
func (p *tab) until(condition string) {
	p.t.Helper()
	if _, err := chromedp.Run(p.ctx, chromedp.Poll[bool](condition, chromedp.WithPollingTimeout(rigPatience))); err != nil {
		p.t.Fatalf("never came: %s: %v\nthe page says\n%s", condition, err, p.ask(`document.body.innerText`))
	}
}

func (p *tab) click(selector string) { p.t.Helper(); p.do(chromedp.Click(chromedp.CSS(selector))) }

// keys presses keys of the keypad, then the green key.
func (p *tab) keys(phone, typed string) {
	p.t.Helper()
	for _, key := range typed {
		p.click(fmt.Sprintf(`.phone.%s [data-key="%c"]`, phone, key))
	}
	p.click(`.phone.` + phone + ` [data-key="green"]`)
}

// display is what a phone shows.
func display(phone string) string {
	return `(document.querySelector('.phone.` + phone + ` .view')?.innerText ?? '')`
}

// shows waits until a phone shows a pattern.
func (p *tab) shows(phone, pattern string) {
	p.t.Helper()
	p.until(`/` + pattern + `/s.test(` + display(phone) + `)`)
}

// dials waits for the first screen.
func (p *tab) dials(phone string) {
	p.t.Helper()
	p.keys(phone, "")
	p.shows(phone, `1 Send money`)
}

// quotes goes on to the screen that asks for the PIN.
func (p *tab) quotes(phone, to, amount string) {
	p.t.Helper()
	p.dials(phone)
	p.keys(phone, "1")
	p.shows(phone, `number`)
	p.keys(phone, to)
	p.shows(phone, `How much`)
	p.keys(phone, amount)
	p.shows(phone, `Enter PIN`)
}

// pin types the PIN of the demo world.
func (p *tab) pin(phone string) { p.t.Helper(); p.keys(phone, "4826") }

// quiet fails on anything that was said on the console, but what a test expects.
func (p *tab) quiet(expected ...string) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
said:
	for _, m := range p.said {
		for _, e := range expected {
			if strings.Contains(m.String(), e) {
				continue said
			}
		}
		p.t.Errorf("the console says %s (%s:%d)", m, m.URL, m.Line)
	}
}
