package dialog

import "testing"

// TestVisitsAreTold: every step that a session comes upon, and which of them ended well.
func TestVisitsAreTold(t *testing.T) {
	w := newWorld(t)
	told := map[string][2]int{}
	w.cfg.Visits = func(v Visit) {
		c := told[v.Step]
		if v.Good {
			c[1]++
		} else {
			c[0]++
		}
		told[v.Step] = c
		if v.Bundle != wallet(t).Hash() || v.Began.IsZero() {
			t.Errorf("%+v", v)
		}
	}
	p := w.phone("s1")
	p.dial("*334#")
	p.press("7") // no such option
	p.press("1")
	p.press("0") // back
	p.press("1")
	p.press("0722000002")
	p.press("500")
	p.press("0000") // a wrong PIN
	p.press(thePI)
	want := map[string][2]int{
		"home": {2, 2}, "who": {2, 1}, "how_much": {1, 1}, "quote/quote_send": {1, 1}, "confirm": {1, 1}, "confirm/send": {2, 1},
	}
	for step, c := range want {
		if told[step] != c {
			t.Errorf("%s: %v, want %v", step, told[step], c)
		}
		delete(told, step)
	}
	if len(told) > 0 {
		t.Errorf("also %v", told)
	}
}

// TestWhatIsSwitchedOffActsOnNothing: also who stands in it already is told so.
func TestWhatIsSwitchedOffActsOnNothing(t *testing.T) {
	w := newWorld(t)
	switchOff := func(screen string) { w.cfg.Bundles = oneBundle{wallet(t), screen} }
	inside := w.phone("s1").toPIN()
	switchOff("confirm")
	r := inside.press(thePI)
	if !r.End || r.Text != plain(textOff, "en") || w.commits() != 0 || w.orders.Depth() != 0 {
		t.Fatalf("%+v", r)
	}
	switchOff("who")
	p := w.phone("s2")
	if r := p.dial("*334#"); r.End {
		t.Fatalf("%+v", r)
	}
	if r := p.press("1"); !r.End || r.Text != plain(textOff, "en") {
		t.Fatalf("%+v", r)
	}
	other := w.phone("s3")
	other.dial("*334#")
	if r := other.press("2"); r.End {
		t.Fatalf("what is beside it is off too: %+v", r)
	}
}
