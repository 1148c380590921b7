package main

import (
	"fmt"
	"slices"
	"time"

	"mlango/gateway/binds"
	"mlango/internal/conf"
	"mlango/smpp"
)

// Limits of the routes.
const (
	maxRoutes   = 64
	maxVia      = 8
	minValidity = time.Minute
)

// Route says how SMS reach some subscribers; with neither home nor prefixes, all
// whom no other route is for. An operator that no route names as a home has one of
// its own, over its own binds.
type Route struct {
	Home     string        `yaml:"home"`     // subscribers whose account is at home there
	Prefixes []string      `yaml:"prefixes"` // and whose number begins so; with home: the operator's own
	Via      []string      `yaml:"via"`      // operators over whose binds, each while those before it are down
	Sender   string        `yaml:"sender"`   // source address; the home operator's, else that of the first of via
	Validity conf.Duration `yaml:"validity"` // how long the SMSC tries; 0 is its own time
	Receipts string        `yaml:"receipts"` // final, failures or none
}

// tableReceipts are the kinds of delivery receipts by how they are written.
var tableReceipts = map[string]binds.Receipts{"final": binds.FinalReceipts, "failures": binds.FailureReceipts, "none": binds.NoReceipts}

// defaultReceipts is what a route that says nothing asks for.
const defaultReceipts = "final"

// routes are the file's and, for each operator that none of them is about, its own.
func (c *Config) routes() (out binds.Routes) {
	for i := range c.Routes {
		r := &c.Routes[i]
		out = append(out, binds.Route{
			Home: r.Home, Prefixes: r.Prefixes, Via: r.Via, Sender: r.Sender, Validity: r.Validity.D(), Receipts: tableReceipts[r.Receipts],
		})
	}
	for i := range c.Operators {
		if o := &c.Operators[i]; o.Home > 0 && !c.routed(o.Name) {
			out = append(out, binds.Route{
				Home: o.Name, Prefixes: o.Prefixes, Via: []string{o.Name}, Sender: o.Sender, Receipts: tableReceipts[defaultReceipts],
			})
		}
	}
	return out
}

// routed tells whether a route of the file is for an operator's subscribers.
func (c *Config) routed(home string) bool {
	return slices.ContainsFunc(c.Routes, func(r Route) bool { return r.Home == home })
}

// operator finds one by its name.
func (c *Config) operator(name string) *Operator {
	for i := range c.Operators {
		if c.Operators[i].Name == name {
			return &c.Operators[i]
		}
	}
	return nil
}

// carrier tells an operator that only carries SMS: nobody is at home there and
// nobody dials there.
func (o *Operator) carrier() bool {
	return o.Home == 0 && len(o.Prefixes) == 0 && o.USSD.SMPP == "" && o.USSD.HTTP == ""
}

// carries tells whether SMS go over binds of its own.
func (o *Operator) carries() bool {
	return slices.ContainsFunc(o.Binds, func(b Bind) bool { return b.Set == "sms" || b.Set == "both" })
}

// checkRoutes writes the defaults in and says what is wrong.
func (c *Config) checkRoutes(doc *conf.Doc) {
	if len(c.Routes) > maxRoutes {
		doc.Fail("routes", fmt.Sprintf("%d routes", len(c.Routes)), fmt.Sprintf("keep at most %d", maxRoutes))
	}
	homes, prefixes, fallbacks := map[string]bool{}, map[string]bool{}, 0
	for i := range c.Routes {
		r, at := &c.Routes[i], fmt.Sprintf("routes[%d]", i)
		home := c.operator(r.Home)
		switch {
		case r.Home != "" && (home == nil || home.carrier()):
			doc.Fail(at+".home", fmt.Sprintf("nobody is at home at %q", r.Home), "name an operator with home: and prefixes:")
		case r.Home != "" && homes[r.Home]:
			doc.Fail(at+".home", fmt.Sprintf("%q has a route already", r.Home), "keep one; several operators go into its via:")
		case r.Home == "" && len(r.Prefixes) == 0:
			fallbacks++
		}
		if homes[r.Home] = true; fallbacks > 1 {
			doc.Fail(at, "this is a second fallback", "name home: or prefixes:, or put its operators into the other's via:")
		}
		if home != nil && len(r.Prefixes) == 0 {
			r.Prefixes = home.Prefixes
		}
		for j, p := range r.Prefixes {
			if !tablePrefix.MatchString(p) || prefixes[p] {
				doc.Fail(fmt.Sprintf("%s.prefixes[%d]", at, j), fmt.Sprintf("%q is no prefix, or stands in two routes", p), "digits with the country code, each in one route")
			}
			prefixes[p] = true
		}
		c.checkVia(doc, at, r)
		c.checkSMS(doc, at, r, home)
	}
	for i := range c.Operators {
		if o := &c.Operators[i]; !o.carries() && !c.routed(o.Name) {
			doc.Fail(fmt.Sprintf("operators[%d].binds", i), "no bind carries SMS, so nobody would be told", "add a bind with set: sms, or set: both, or a route for this home over another operator")
		}
	}
}

// checkVia asks for operators that carry SMS.
func (c *Config) checkVia(doc *conf.Doc, at string, r *Route) {
	if len(r.Via) == 0 || len(r.Via) > maxVia {
		doc.Fail(at+".via", fmt.Sprintf("a route goes via 1 to %d operators", maxVia), "as via: [safari], in the order they are tried")
	}
	for j, name := range r.Via {
		here := fmt.Sprintf("%s.via[%d]", at, j)
		switch o := c.operator(name); {
		case o == nil:
			doc.Fail(here, fmt.Sprintf("no operator is named %q", name), "name one of operators:")
		case !o.carries():
			doc.Fail(here, fmt.Sprintf("%s has no bind for SMS", name), "add one with set: sms, or set: both")
		case slices.Contains(r.Via[:j], name):
			doc.Fail(here, fmt.Sprintf("%s stands twice", name), "keep one")
		}
	}
}

// checkSMS holds what a route says of its SMS to what SMPP can say.
func (c *Config) checkSMS(doc *conf.Doc, at string, r *Route, home *Operator) {
	if r.Sender == "" && home != nil {
		r.Sender = home.Sender
	}
	if len(r.Via) > 0 && r.Sender == "" && c.operator(r.Via[0]) != nil {
		r.Sender = c.operator(r.Via[0]).Sender
	}
	if !tableSender.MatchString(r.Sender) {
		doc.Fail(at+".sender", fmt.Sprintf("%q is no sender of SMS", r.Sender), "up to 11 letters, a short code, or a number")
	}
	if d := r.Validity.D(); d != 0 && (d < minValidity || d > smpp.MaxValidity) {
		doc.Fail(at+".validity", fmt.Sprintf("%v is out of bounds", d), fmt.Sprintf("give a time from %v to %v, or leave it to the SMSC", minValidity, smpp.MaxValidity))
	}
	if r.Receipts == "" {
		r.Receipts = defaultReceipts
	}
	if _, known := tableReceipts[r.Receipts]; !known {
		doc.Fail(at+".receipts", fmt.Sprintf("%q is no kind of delivery receipts", r.Receipts), "write final, failures or none")
	}
}
