package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"mlango/gateway/bundle"
	"mlango/gateway/dialog"
	"mlango/internal/admin"
	"mlango/internal/conf"
	"mlango/internal/msisdn"
)

// maxMenuOrder bounds the body of a POST to the menus' pages: the largest menu in JSON,
// where a line's end takes two bytes and a bracket six.
const maxMenuOrder = 8 << 20

// menuOrder is what a command asks of a running gateway; each uses some of it.
type menuOrder struct {
	Bundle    string            `json:"bundle,omitempty"` // the first digits of its hash
	Name      string            `json:"name,omitempty"`   // of the file
	Source    string            `json:"source,omitempty"`
	Signature *bundle.Signature `json:"signature,omitempty"`
	Percent   float64           `json:"percent,omitempty"`
	List      []string          `json:"list,omitempty"` // of subscribers
	Screen    string            `json:"screen,omitempty"`
	On        bool              `json:"on,omitempty"`
	Why       string            `json:"why,omitempty"`
}

// menuShown is a published bundle as an approver looks at it.
type menuShown struct {
	Hash     bundle.Hash   `json:"hash"`
	Name     string        `json:"name"`
	Source   string        `json:"source"`
	Against  bundle.Hash   `json:"against"`
	Diff     []bundle.Diff `json:"diff"`
	Approved []string      `json:"approved"`
}

// menuPages move bundles.
func (g *gateway) menuPages(a *admin.Server) {
	a.Func("mlango_menu_trouble", "1 while this gateway does not run the menu that it is asked to, or none.", func() float64 { return number(len(g.menusDegraded()) > 0) })
	a.Func("mlango_menu_trial", "1 while a bundle is on trial.", func() float64 {
		s, _ := g.bundles.State()
		return number(s.Canary != nil)
	})
	a.Handle("GET /menus", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		st, err := g.fleet.Status(r.Context())
		g.menuAnswer(w, st, err)
	}))
	a.Handle("GET /menus/{bundle}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		shown, err := g.menuShown(r.Context(), r.PathValue("bundle"))
		g.menuAnswer(w, shown, err)
	}))
	for what, do := range map[string]func(ctx context.Context, o *menuOrder) (any, error){
		"publish": g.menuPublish, "approve": g.menuApprove, "canary": g.menuCanary,
		"rollback": g.menuRollback, "withdraw": g.menuWithdraw, "disable": g.menuDisable,
	} {
		a.Handle("POST /menus/"+what, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var o menuOrder
			if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxMenuOrder)).Decode(&o); err != nil {
				trouble(w, http.StatusBadRequest, fmt.Errorf("the order cannot be read: %w", err), "use gateway menus "+what)
				return
			}
			out, err := do(r.Context(), &o)
			if err == nil {
				err = g.followMenus(r.Context())
			}
			g.menuAnswer(w, out, err)
		}))
	}
}

// followMenus has this gateway run at once what the others will at their next look.
func (g *gateway) followMenus(ctx context.Context) error {
	if err := g.bundles.Look(ctx); err != nil {
		return fmt.Errorf("it is done, but this gateway cannot follow: %w", err)
	}
	return g.bundles.Tell(ctx)
}

// menuAnswer answers, or says what is wrong and what to do.
func (g *gateway) menuAnswer(w http.ResponseWriter, out any, err error) {
	var file conf.Errors
	status, mend := http.StatusConflict, "nothing changed"
	switch {
	case err == nil:
		admin.JSON(w, http.StatusOK, out)
		return
	case errors.As(err, &file) && errors.Is(err, errOwnMenu):
		status, mend = http.StatusUnprocessableEntity, "nothing is published; mend the file"
	case errors.Is(err, bundle.ErrUnknown):
		status, mend = http.StatusNotFound, "gateway menus status lists the bundles"
	case errors.Is(err, bundle.ErrUnsigned):
		mend = "have it approved: gateway menus approve HASH --key FILE"
	case errors.Is(err, bundle.ErrNotHers):
		status, mend = http.StatusForbidden, "approvers: in the gateway's file names who may, with their keys"
	case errors.Is(err, bundle.ErrRange):
		status = http.StatusBadRequest
	case errors.Is(err, bundle.ErrDamaged):
		status, mend = http.StatusServiceUnavailable, "gateways go on with what they run; look at the store"
	}
	trouble(w, status, err, mend)
}

// errOwnMenu says that the menu is wrong by this gateway's own proof.
var errOwnMenu = errors.New("the menu is refused")

// errNoneBefore says that there is no way back.
var errNoneBefore = errors.New("no bundle ran before this one, or it was withdrawn and never runs again")

func (g *gateway) menuPublish(ctx context.Context, o *menuOrder) (any, error) {
	if o.Source == "" {
		return nil, fmt.Errorf("%w: no menu", bundle.ErrRange)
	}
	r, err := g.fleet.Publish(ctx, o.Name, []byte(o.Source), dialog.Catalogue())
	var file conf.Errors
	if errors.As(err, &file) && r.Hash == (bundle.Hash{}) {
		err = fmt.Errorf("%w:\n%w", errOwnMenu, err)
	}
	return r, err
}

// menuNamed finds a bundle by the first digits of its hash.
func (g *gateway) menuNamed(ctx context.Context, digits string) (bundle.State, bundle.Hash, error) {
	s, err := g.fleet.State(ctx)
	if err != nil {
		return s, bundle.Hash{}, err
	}
	h, err := s.Named(digits)
	return s, h, err
}

func (g *gateway) menuShown(ctx context.Context, digits string) (out menuShown, err error) {
	s, h, err := g.menuNamed(ctx, digits)
	if err != nil {
		return out, err
	}
	src, err := g.fleet.Source(ctx, h)
	if err != nil {
		return out, err
	}
	p := s.Find(h)
	out = menuShown{Hash: h, Name: p.Name, Source: string(src), Against: s.Active, Approved: g.fleet.Approvers.Signed(h, p.Signatures)}
	out.Diff, err = g.fleet.Compare(ctx, s.Active, h)
	return out, err
}

func (g *gateway) menuApprove(ctx context.Context, o *menuOrder) (any, error) {
	_, h, err := g.menuNamed(ctx, o.Bundle)
	if err != nil {
		return nil, err
	}
	if o.Signature == nil {
		return nil, bundle.ErrNotHers
	}
	if _, err := g.fleet.Approve(ctx, h, *o.Signature); err != nil {
		return nil, err
	}
	return g.menuShown(ctx, h.String())
}

func (g *gateway) menuCanary(ctx context.Context, o *menuOrder) (any, error) {
	_, h, err := g.menuNamed(ctx, o.Bundle)
	if err != nil {
		return nil, err
	}
	var list []bundle.Mark
	for _, typed := range o.List {
		number, err := msisdn.Parse(g.cfg.Region, typed)
		if err != nil {
			return nil, fmt.Errorf("%w: line %d of the list is no subscriber's number", bundle.ErrRange, len(list)+1)
		}
		list = append(list, bundle.MarkOf(number))
	}
	return g.fleet.Canary(ctx, h, o.Percent, list)
}

func (g *gateway) menuRollback(ctx context.Context, o *menuOrder) (any, error) {
	if o.Bundle != "" {
		_, h, err := g.menuNamed(ctx, o.Bundle)
		if err != nil {
			return nil, err
		}
		return g.fleet.Rollback(ctx, h, o.Why)
	}
	s, err := g.fleet.State(ctx)
	if err != nil {
		return nil, err
	}
	h := s.Previous()
	if h == (bundle.Hash{}) {
		return nil, errNoneBefore
	}
	return g.fleet.Rollback(ctx, h, o.Why)
}

func (g *gateway) menuWithdraw(ctx context.Context, o *menuOrder) (any, error) {
	_, h, err := g.menuNamed(ctx, o.Bundle)
	if err != nil {
		return nil, err
	}
	return g.fleet.Withdraw(ctx, h, o.Why)
}

func (g *gateway) menuDisable(ctx context.Context, o *menuOrder) (any, error) {
	if b := g.bundles.Active(); !o.On && (b == nil || len(b.Subtree(o.Screen)) == 0) {
		return nil, fmt.Errorf("%w: the running bundle has no screen %.64q that can be switched off alone", bundle.ErrRange, o.Screen)
	}
	return g.fleet.Disable(ctx, o.Screen, o.Why, o.On)
}
