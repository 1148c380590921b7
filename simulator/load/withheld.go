package load

import "time"

// withheld finds money that was to be paid, and is only held: nobody pays it out, and the
// payer cannot spend it.
func (m *matcher) withheld(v *visit, deeds []*deed) {
	for _, d := range deeds {
		if d.told() && !d.made() && !d.newPIN() {
			m.find(m.of(v), "money is held, and not paid: %s", d)
			m.texts(m.of(v), d)
		}
	}
}

// outlived finds what was made though its order was over: who had heard nothing for so long
// may have paid otherwise.
func (m *matcher) outlived(v *visit, d *deed) {
	after := time.Duration(d.at-v.at.UnixMilli()) * time.Millisecond
	if life := m.cfg.OrderAge; life > 0 && after > life+orderGrace {
		m.find(m.of(v), "it was made %s after the PIN, and an order lives for %s: %s", after.Round(time.Second), life, d)
	}
}
