package dialect

import "mlango/internal/conf"

// readPush makes the patterns of what we open.
func (d *HTTP) readPush(doc *conf.Doc) {
	for _, it := range []struct {
		path, src string
		at        **pattern
	}{{"push.open", d.Push.Open, &d.open}, {"push.notify", d.Push.Notify, &d.notify}, {"push.taken", d.Push.Taken, &d.taken}} {
		if it.src == "" {
			continue
		}
		p, err := compile(0, formOf(d.Push.Type), it.src)
		if err != nil {
			doc.Fail(it.path, err.Error(), "write the body as it crosses the wire, with $names for its values")
		}
		*it.at = p
	}
	for _, p := range []*pattern{d.open, d.notify} {
		if p != nil && (!p.binds("text") || !p.binds("msisdn")) {
			doc.Fail("push", "a push says no screen, or no subscriber", "put $text and $msisdn where they stand")
		}
	}
	switch {
	case d.open != nil && !d.open.binds("session"):
		doc.Fail("push.open", "a dialogue that is opened has no name", "put $session where it stands")
	case (d.open != nil || d.notify != nil) && d.taken == nil:
		doc.Fail("push.taken", "nothing tells a push that was taken", "write what of the answer does")
	}
}

// Pushes tells whether dialogues can be opened over this dialect, and whether texts be
// shown that nobody answers.
func (d *HTTP) Pushes() (open, notify bool) { return d.open != nil, d.notify != nil }

// AppendPush writes the body that opens a dialogue of h with its first screen, or shows
// a text that nobody answers.
func (d *HTTP) AppendPush(dst []byte, h Hop, r Reply) []byte {
	p := d.open
	if r.Notify {
		p = d.notify
	}
	return p.append(dst, func(name string) string {
		if name == "text" {
			return r.Text
		}
		return d.value(h, nil, name)
	})
}

// Taken tells whether an answer says that a push was.
func (d *HTTP) Taken(body []byte) bool {
	fields, err := flatten(formOf(d.Push.Type), body)
	if err != nil {
		return false
	}
	_, ok := d.taken.match("", nil, fields)
	return ok
}

// DecodePush reads the body of a push, as an aggregator does: whom it is for, the name of
// the dialogue, and its first screen, or a text that nobody answers.
func (d *HTTP) DecodePush(body []byte) (h Hop, r Reply, ok bool) {
	fields, err := flatten(formOf(d.Push.Type), body)
	if err != nil {
		return h, r, false
	}
	for _, p := range []*pattern{d.open, d.notify} {
		if p == nil {
			continue
		}
		if t, is := p.match("", nil, fields); is {
			h = Hop{Session: t.values["session"], MSISDN: t.values["msisdn"], Code: t.values["code"]}
			return h, Reply{Text: t.values["text"], Notify: p == d.notify}, true
		}
	}
	return h, r, false
}

// AppendTaken writes the answer that a push was taken.
func (d *HTTP) AppendTaken(dst []byte) []byte {
	return d.taken.append(dst, func(string) string { return "" })
}
