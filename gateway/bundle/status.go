package bundle

import (
	"context"
	"errors"
	"fmt"
)

// Settles is how long a fleet may take to follow a change before it counts as not
// healthy: two looks, two tellings and the store's answers.
const Settles = 2*(lookEach+tellEach) + 2*storeWaits

// lags is what to do about a gateway that says of no trouble and does not follow.
const lags = "it hangs, or does not reach the store; look at its log and start it again"

// Status is what the fleet is asked to run, and what each gateway runs.
type Status struct {
	State    State               `json:"state"`
	Gateways []Announced         `json:"gateways"`
	Numbers  []Verdict           `json:"numbers"` // of the trial under way, the worst first
	Wrong    []string            `json:"wrong"`   // why it is not healthy
	Settling bool                `json:"settling"`
	Approved map[string][]string `json:"approved"` // hash → the persons whose word holds
}

// Status looks at the whole fleet.
func (f *Fleet) Status(ctx context.Context) (st Status, err error) {
	if st.State, err = f.State(ctx); err != nil {
		return st, err
	}
	if st.Gateways, err = f.Gateways(ctx); err != nil {
		return st, err
	}
	st.Approved = map[string][]string{}
	for _, p := range st.State.Published {
		st.Approved[p.Hash.String()] = f.Approvers.Signed(p.Hash, p.Signatures)
	}
	if c := st.State.Canary; c != nil {
		counts, err := f.Counts(ctx, c.Serial)
		if err != nil {
			return st, err
		}
		st.Numbers = Judge(counts, f.now())
	}
	st.Wrong = wrong(&st.State, st.Gateways)
	st.Settling = len(st.Wrong) > 0 && f.now().Sub(st.State.At) < Settles
	return st, nil
}

// inWords is what is wrong with a gateway's bundles, and what to do.
func inWords(err error) string {
	mend := ""
	switch {
	case errors.Is(err, ErrUnsigned):
		mend = "name the same approvers: in its file as in the others' (gateway check --config FILE shows them), start it again; or have them sign it (gateway menus approve)"
	case errors.Is(err, ErrDamaged), errors.Is(err, ErrNone), errors.Is(err, ErrUnknown):
		mend = "publish that bundle again (gateway menus publish FILE), or roll back"
	case errors.Is(err, ErrCannot):
		mend = "start it again with the others' program, or roll back (gateway menus rollback)"
	default:
		mend = "look at the store of its menus: Redis, or its data folder"
	}
	return err.Error() + " – " + mend
}

// wrong says where gateways do not run what they are asked to, or differ, and what to do.
func wrong(s *State, all []Announced) (out []string) {
	if len(all) == 0 {
		return []string{"no gateway is alive: start one"}
	}
	if s.Active == (Hash{}) {
		out = append(out, "no bundle was made the running one yet: publish one, have two approve it, then gateway menus canary HASH --percent 100")
	}
	canary := Hash{}
	if s.Canary != nil {
		canary = s.Canary.Hash
	}
	for _, a := range all {
		switch {
		case a.Trouble != "":
			out = append(out, fmt.Sprintf("%s is in trouble: %s", a.Name, a.Trouble))
		case a.Active != s.Active:
			out = append(out, fmt.Sprintf("%s runs %s, asked for is %s: %s", a.Name, a.Active.Short(), s.Active.Short(), lags))
		case a.Canary != canary:
			out = append(out, fmt.Sprintf("%s tries %s, asked for is %s: %s", a.Name, a.Canary.Short(), canary.Short(), lags))
		case a.Serial != s.Serial:
			out = append(out, fmt.Sprintf("%s has not seen the newest change: %s", a.Name, lags))
		}
	}
	return out
}
