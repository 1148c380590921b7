package operator

// maxHeld is how many SMS the SMSC keeps for a handset out of reach; more are
// answered "queue full".
const maxHeld = MaxInbox

// SetSignal takes a handset out of the network's reach, or brings it back. Out of
// reach its dialogue is over and nothing can be dialled; the SMSC keeps its SMS and
// brings them, in order, when it is back.
func (o *Operator) SetSignal(number string, on bool) error {
	h, err := o.table.get(number)
	if err != nil {
		return err
	}
	if on {
		h.back()
		return nil
	}
	h.mu.Lock()
	h.away = true
	p := h.end()
	h.mu.Unlock()
	if p != nil {
		o.abort(p) // the radio network tells the USSD centre
	}
	return nil
}

// Signal tells whether the network reaches a handset.
func (o *Operator) Signal(number string) bool {
	h := o.table.find(number)
	if h == nil {
		return true
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return !h.away
}

// Shown is what the handset's display shows: the screen of its dialogue while that is
// open, else nothing.
func (o *Operator) Shown(number string) Screen {
	h := o.table.find(number)
	if h == nil {
		return Screen{}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if d := &h.dial; !d.open || d.waiting || h.last.session != d.session {
		return Screen{}
	}
	return Screen{Session: h.last.session, Text: h.last.text, Open: true, Secret: h.last.secret}
}

// reach brings something to the handset: at once, or when it is back. False: the SMSC
// keeps no more for it.
func (h *handset) reach(bring func()) bool {
	h.mu.Lock()
	if h.away {
		defer h.mu.Unlock()
		if len(h.held) >= maxHeld {
			return false
		}
		h.held = append(h.held, bring)
		return true
	}
	h.mu.Unlock()
	bring()
	return true
}

// crowded tells whether the SMSC keeps no more for a handset that is away.
func (h *handset) crowded() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.away && len(h.held) >= maxHeld
}

// back brings all that was kept, in order, and then has signal.
func (h *handset) back() {
	for {
		h.mu.Lock()
		if len(h.held) == 0 {
			h.away, h.held = false, nil
			h.mu.Unlock()
			return
		}
		bring := h.held[0]
		h.held = h.held[1:]
		h.mu.Unlock()
		bring()
	}
}
