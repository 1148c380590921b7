package menus

import "errors"

// Bundle is a menu in its compiled form: immutable, named by its content's hash.
// Any number of sessions may step in it at once.
type Bundle struct {
	hash [32]byte
	src  []byte
}

// Hash is SHA-256 of the source.
func (b *Bundle) Hash() [32]byte { return b.hash }

// Source is the text that the bundle was parsed from.
func (b *Bundle) Source() []byte { return b.src }

// Parse reads, proves and compiles a menu; name stands in the errors, which are
// conf.Errors: each file:line:col: what – mend.
func Parse(name string, src []byte, cat Catalogue) (*Bundle, error) {
	return nil, errors.New("menus: not written yet")
}

// Begin is the state of a new session; its first step is an EventBegin.
func (b *Bundle) Begin(facts Facts) State { return State{Language: facts.Language} }

// Step moves a session by one event. It changes st in place, its slices too
// (Clone it first to keep the old one), and asks for exactly one thing.
func (b *Bundle) Step(st *State, ev Event, facts Facts) (Action, error) {
	return Action{}, errors.New("menus: not written yet")
}

// SMS writes the text of a template in a language. Besides the template's values
// vals holds "zone": minutes east of UTC in Int.
func (b *Bundle) SMS(template, lang string, vals map[string]Value) (string, error) {
	return "", errors.New("menus: not written yet")
}
