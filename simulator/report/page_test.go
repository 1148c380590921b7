package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// rendered is a report's page, parsed.
func rendered(t *testing.T, r *Report) (text string, root *html.Node) {
	t.Helper()
	var b bytes.Buffer
	if err := r.HTML(&b); err != nil {
		t.Fatal(err)
	}
	if b.Len() > MaxPage {
		t.Errorf("the page has %d bytes", b.Len())
	}
	return b.String(), parsed(t, b.Bytes())
}

func parsed(t *testing.T, page []byte) *html.Node {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// nodes are all elements of a page.
func nodes(root *html.Node) (list []*html.Node) {
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			list = append(list, n)
		}
	}
	return list
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// tableLoads are attributes by which a page loads or leads elsewhere.
var tableLoads = []string{"src", "href", "srcset", "data", "action", "poster", "background", "formaction", "ping", "xlink:href"}

// holdClean fails when a page could load, lead or run anything but its own script.
func holdClean(t *testing.T, text string, root *html.Node) {
	t.Helper()
	scripts := 0
	for _, n := range nodes(root) {
		if slices.Contains([]string{"link", "img", "iframe", "object", "embed", "base", "form", "a", "video", "audio", "use", "image"}, n.Data) {
			t.Errorf("there is a <%s>", n.Data)
		}
		if n.Data == "script" {
			scripts++
		}
		for _, a := range n.Attr {
			if slices.Contains(tableLoads, a.Key) || strings.HasPrefix(a.Key, "on") {
				t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
			}
			if a.Key == "style" && strings.ContainsAny(a.Val, "(\\<@") {
				t.Errorf("style=%q", a.Val)
			}
		}
	}
	if scripts != 2 {
		t.Errorf("%d scripts, not the figures and the one that shows them", scripts)
	}
	if found := regexp.MustCompile(`url\(|@import|https?:|//[a-z]+\.`).FindString(pageCSS + pageJS); found != "" {
		t.Errorf("style or script says %q", found)
	}
	if strings.Contains(text, "ZgotmplZ") {
		t.Error("something was not safe where it stands, and was left out")
	}
}

func TestThePageStandsAlone(t *testing.T) {
	text, root := rendered(t, sample(42, 180))
	holdClean(t, text, root)
	for _, want := range []string{"<h1 class=\"good\">Passed: ", "every one accounted for.", "Over time", "ledgerd killed", "1:12 to 1:16", "Screen by screen", "How far people came",
		"Sessions worth reading", "simulator replay --run runs/kept --session 1a2b00 --of &#39;2547*****678&#39;", "simulator load --stack --profile salary-day", "Trying again", "second payments prevented", "Gates", "What it ran on", "5.35\u00a0s", "****"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not on the page", want)
		}
	}
	titles := 0
	for _, n := range nodes(root) {
		switch n.Data {
		case "svg":
			if says := attribute(n, "aria-label"); attribute(n, "role") != "img" || !strings.Contains(says, " at ") {
				t.Errorf("a chart says only %q to those who do not see it", says)
			}
		case "h1":
			titles++
		}
	}
	if titles != 1 || strings.Count(text, "<svg") != 9 || strings.Count(text, "as figures") != 9 {
		t.Errorf("%d titles, %d charts, %d tables of them", titles, strings.Count(text, "<svg"), strings.Count(text, "as figures"))
	}
	if marks := strings.Count(text, `class="harm" x="`); marks != 2*9 {
		t.Errorf("%d marks of two faults on nine charts", marks)
	}
}

// TestHostileTextsStayTexts: what people are called, what screens say and what is in a
// file never becomes part of the page.
func TestHostileTextsStayTexts(t *testing.T) {
	for _, evil := range []string{`</script><script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'; background: url(http://x/) ;'`, "`${alert(1)}`", `{{.Style}}`,
		`<!--`, "\x00\x1b]8;;http://x\x07", `]]><svg onload=alert(1)>`, "\u2028\u202e", strings.Repeat("W", 5000), "\xff\xfe"} {
		r := sample(1, 20)
		r.Profile, r.Command, r.Environment.Bundle, r.Environment.Commit, r.Environment.Redis = evil, evil, evil, evil, evil
		r.ByScreen[0].Screen, r.Funnels[0].Wish, r.Funnels[0].Steps[0].Screen = evil, evil, evil
		r.Worst[0] = Transcript{Session: evil, MSISDN: evil, Wish: evil, Why: evil, Ending: evil, Hops: []Hop{{Input: evil, WaitMS: 1, Name: evil, Screen: evil}}}
		r.Oracle.Findings, r.Oracle.Anomalies, r.Oracle.Scope = []string{evil, "session " + evil + " of 1: x"}, 1, evil
		r.Faults[0] = Harm{Kind: evil, Target: evil, Error: evil, FromMS: -5, ToMS: 1 << 60}
		r.Gates[0] = Gate{evil, false}
		r.Capacity = &Capacity{Rule: evil, LastGood: Unknown(), Steps: []CapacityStep{{Offered: 1}}}
		r.Turned = []RateChange{{-4, 1e300}}
		r.Judge()
		text, root := rendered(t, r)
		holdClean(t, text, root)
	}
}

// TestThePageHasBounds: the largest report a run can write still fits.
func TestThePageHasBounds(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	r := sample(3, 1200)
	r.Series.SliceMS = 4000
	long := strings.Repeat("screen <&> ", 60)
	r.ByScreen, r.Funnels, r.Worst = nil, nil, nil
	for i := range 200 {
		r.ByScreen = append(r.ByScreen, ScreenTimes{Screen: fmt.Sprint(i, long), Count: 1, P50MS: 1, P90MS: 1, P99MS: 1, P999MS: 1, MaxMS: Figure(rng.Float64())})
	}
	for i := range 24 {
		f := Funnel{Wish: fmt.Sprint(i, long), Dialled: 1}
		for n := range 200 {
			f.Steps = append(f.Steps, Step{fmt.Sprint(n, long), 1, 1, 1})
		}
		r.Funnels = append(r.Funnels, f)
	}
	for i := range 100 {
		s := sampleStory(i, r.StartedAt)
		for range 200 {
			s.Hops = append(s.Hops, Hop{Input: long, WaitMS: 1, Name: long, Screen: long})
		}
		r.Worst = append(r.Worst, s)
	}
	for range 50 {
		r.Oracle.Findings = append(r.Oracle.Findings, strings.Repeat(long, 40))
	}
	for range 1000 {
		r.Faults = append(r.Faults, Harm{Kind: "kill", Target: "ledgerd", ToMS: 3})
	}
	text, _ := rendered(t, r)
	if !strings.Contains(text, "are in report.json") {
		t.Error("it does not say that sessions are left out")
	}
	t.Logf("%d bytes", len(text))
}

// TestThePageOfNothing: a run in which nothing happened, or of an older program, has a page too.
func TestThePageOfNothing(t *testing.T) {
	for name, r := range map[string]*Report{
		"nothing": {}, "no series": {Verdict: "pass", Oracle: Oracle{Scope: "none"}}, "one slice": {Series: sampleSeries(rand.New(rand.NewPCG(1, 1)), 1, 5)},
		"ragged": {Series: &Series{SliceMS: 1000, Offered: []int{1, 2, 3}, ScreenP99: []Figure{1}}},
	} {
		text, root := rendered(t, r)
		holdClean(t, text, root)
		if !strings.Contains(text, "<h1") {
			t.Errorf("%s: no verdict", name)
		}
	}
}

// TestAReportReadsBack: what is written is what was meant, unknown figures too.
func TestAReportReadsBack(t *testing.T) {
	b, err := json.Marshal(sample(5, 60))
	if err != nil {
		t.Fatal(err)
	}
	var back Report
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(&back)
	if err != nil || !bytes.Equal(b, again) {
		t.Errorf("it reads back as something else, %v", err)
	}
	if !strings.Contains(string(b), `"sms_p50_ms":[`) || !strings.Contains(string(b), "null") {
		t.Error("no figure of the time without SMS is unknown")
	}
}

// TestFiles: a run's folder has both files, lists of figures on a line each, and what is
// no report is refused.
func TestFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	r := sample(7, 90)
	r.Profile = "odd [1,\n 2] \"[3, 4]\" \\"
	if err := r.Write(dir); err != nil {
		t.Fatal(err)
	}
	back, err := Read(dir)
	if err != nil || back.Profile != r.Profile || back.Series.Len() != 90 {
		t.Fatalf("%v, %q", err, back.Profile)
	}
	text, err := os.ReadFile(filepath.Join(dir, NameJSON))
	if err != nil || bytes.Count(text, []byte("\n")) > 600 {
		t.Errorf("%d lines, %v", bytes.Count(text, []byte("\n")), err)
	}
	if page, err := os.ReadFile(filepath.Join(dir, NameHTML)); err != nil || !bytes.HasPrefix(page, []byte("<!doctype html>")) {
		t.Errorf("the page: %v", err)
	}
	for _, bad := range []string{"", "{", "[]", `{"schema":2,"verdict":"pass"}`, `{"schema":1}`, `{"schema":1,"verdict":"pass","series":{"offered":"x"}}`, "null", strings.Repeat("[", 20_000)} {
		if _, err := Parse("x", []byte(bad)); !errors.Is(err, ErrFile) {
			t.Errorf("%.20q: %v", bad, err)
		}
	}
	if _, err := Read(t.TempDir()); err == nil {
		t.Error("an empty folder is a report")
	}
}
