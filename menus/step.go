// Package menus is scripted menu trees: parse them, prove them, step them. It is
// pure: it knows neither a network nor a store nor the ledger; what calls and
// orders exist it is told as a Catalogue.
package menus

import "time"

// Limits of a session's menu state and of one step.
const (
	MaxVars      = 16  // variables of a bundle
	MaxVar       = 40  // bytes of one variable's text
	MaxStack     = 16  // screens that "back" remembers
	MaxInput     = 160 // bytes of one input
	MaxCallsHop  = 7   // calls and orders between two screens
	MaxTextBytes = 400 // bytes of a rendered screen
	MaxNote      = 120 // bytes of a note
	MaxState     = 512 // bytes of an encoded state
	MaxLanguage  = 2   // bytes of a language's name
)

// State is a session's place in a bundle. It is small, has no secret, and can be
// saved and loaded between any two hops.
type State struct {
	Screen   uint16   // index in the bundle
	Stack    []uint16 // where "back" goes, newest last
	Vars     []Value  // by the bundle's declaration order
	Language string   // two letters
	Visit    uint32   // rises every time a screen is shown anew: a secret's screen has a new number each time
	Tries    uint8    // wrong answers on this screen
	Refused  uint8    // answers in a row that a call did not take, to one question
	Asked    uint16   // that question
	From     uint16   // the first item that the page shows: 0 is the screen's first page
	Next     uint16   // the first item of the next page; 0 when there is none
	Kept     uint8    // secrets typed before that whoever steps keeps sealed: a bit each, by their number
	Note     string   // one line shown above the next screen ("Use another number"); at most MaxNote bytes
	Waiting  bool     // a call or an order is out; only its outcome goes on
	Offer    bool     // the screen is not shown: whoever dials again is asked whether to go on there
	Rest     string   // of an end's text that is longer than a screen: what was done is done, the next input shows more
}

// Value is one typed variable.
type Value struct {
	Set  bool
	Int  int64  // money in minor units, time in ms, a date's day, a number
	Text string // msisdn, text, digits, a choice's word
}

// EventKind is what happens to a session.
type EventKind uint8

// The events.
const (
	EventBegin   EventKind = iota + 1 // a dial; Text is what follows the short code: "", "1*0722…*500"
	EventInput                        // Text is what was typed
	EventAsked                        // nobody dialled: somebody asks the subscriber for what Text names
	EventOutcome                      // a call or an order ended; Outcome and Values say how
)

// Event is one input of the step function.
type Event struct {
	Kind    EventKind
	Text    string
	Outcome string           // one of the names in the catalogue
	Values  map[string]Value // what the outcome gives, by the catalogue's names
	Rows    []Row            // and its list, where it has one
}

// Facts is what guards and texts may ask about the session.
type Facts struct {
	MSISDN   string
	Known    bool // the dialling number has an account
	Locked   bool // its PIN is locked
	NoPIN    bool // it has no PIN yet
	Frozen   bool
	Agent    bool // the account is an agent's
	Till     bool // the account is a till's
	Septets  int  // a screen's limit
	UCS2     int
	Delayed  bool // payments are slow right now
	Unseen   bool // how the last order ended was on no screen: an SMS tells
	Language string
	Today    int64 // as Day counts
	Zone     int   // minutes east of UTC, for the times a text shows
}

// Action is what a step asks of its caller: exactly one of Show and Call is set. With
// Keep there is a secret to be sealed before anything else.
type Action struct {
	Keep *Secret
	Show *Show
	Call *Call
}

// Show is a screen for the subscriber.
type Show struct {
	Name   string // the screen's, for metrics
	Text   string
	End    bool
	Secret bool // the answer will be a secret
}

// Call asks the caller to do something and to come back with an EventOutcome.
type Call struct {
	Screen  string
	Fn      string // a name in the catalogue
	Args    map[string]Value
	Secret  string        // what was typed at its screen, when it takes a secret; never stored
	Own     string        // the parameter that Secret is
	Takes   []Taken       // the secrets of screens before that it takes
	Visit   uint32        // of the screen that asked for the secret
	Budget  time.Duration // after it the outcome is "timeout" (a call) or "unknown" (an order)
	Effects bool          // an order: it is claimed first
}

// Function is one entry of the catalogue. A type is msisdn, money, time, flag,
// text<=20, digits=4, digits=4..6, int<=9, date or choice=day|week.
type Function struct {
	In       map[string]string   // parameter → type
	Out      map[string]string   // value → type
	Outcomes []string            // every one must be handled by a menu that calls it
	Gives    map[string][]string // outcome → the values of Out that come with it; an outcome that is not here gives none
	Secret   bool                // it takes the PIN
	Secrets  []string            // or it takes several secrets: their parameters
	Spares   map[string][]string // outcome → the secrets that are still kept after it, for nothing was placed
	Rows     Rows                // a list that outcomes give beside their values
	Effects  bool                // it moves money or counts an attempt
	After    string              // an order: the call that must have been answered before it, with the same values
	Shows    []string            // a call: parameters and values that the question for the PIN of an order after it must show
	Later    bool                // after "unknown" its end is told by SMS: each of its other outcomes but ok needs a reason there
}

// Catalogue is what a gateway offers to menus.
type Catalogue map[string]Function
