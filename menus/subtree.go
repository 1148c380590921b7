package menus

// ScreenAt is the name of the screen on which a session stands.
func (b *Bundle) ScreenAt(st *State) string {
	if int(st.Screen) >= len(b.screens) {
		return ""
	}
	return b.screens[st.Screen].name
}

// Subtree is a screen and what can be reached through it only: what is cut off with
// it. nil when there is no such screen, or when it is the first.
func (b *Bundle) Subtree(name string) []string {
	cut := nowhere
	for i := range b.screens {
		if b.screens[i].name == name {
			cut = i
		}
	}
	if cut == nowhere || cut == int(b.start) {
		return nil
	}
	reached := make([]bool, len(b.screens))
	todo := []int{int(b.start)}
	for i := range b.begin {
		todo = append(todo, b.begin[i].way.target)
	}
	for _, w := range b.asked {
		todo = append(todo, w.target)
	}
	for len(todo) > 0 {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if at == nowhere || at == cut || reached[at] {
			continue
		}
		reached[at] = true
		todo = append(todo, b.screens[at].onward()...)
	}
	var out []string
	for i := range b.screens {
		if !reached[i] {
			out = append(out, b.screens[i].name)
		}
	}
	return out
}

// onward are the screens that one leads to.
func (s *screen) onward() (out []int) {
	for i := range s.options {
		out = append(out, s.options[i].way.target)
	}
	if s.back != nil {
		out = append(out, s.back.way.target)
	}
	if s.asks() {
		out = append(out, s.next.target)
	}
	if s.call != nil {
		for _, w := range s.call.ways {
			out = append(out, w.target)
		}
	}
	return out
}
