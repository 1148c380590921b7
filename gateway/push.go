package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"mlango/gateway/dialog"
	"mlango/internal/admin"
)

// maxPush is how many bytes the body of POST /push may have.
const maxPush = 4 << 10

// push is the body of POST /push: one of code and text.
type push struct {
	Operator string `json:"operator"`
	MSISDN   string `json:"msisdn"`
	Code     string `json:"code"` // opens a dialogue as if it had been dialled
	Text     string `json:"text"` // is shown, and nobody answers
}

// tablePushTrouble is what to do about a push that was not taken.
var tablePushTrouble = []struct {
	err    error
	status int
	mend   string
}{
	{dialog.ErrNoOpener, http.StatusNotFound, "name an operator with ussd: {smpp: …}, or one whose HTTP dialect has push:"},
	{dialog.ErrNotOurs, http.StatusBadRequest, "an MSISDN in E.164 digits, and a code that begins with one of short_codes"},
	{dialog.ErrLong, http.StatusBadRequest, "shorten it to what the dialect's units say"},
	{dialog.ErrFull, http.StatusServiceUnavailable, "try again when fewer hops are under way"},
	{dialog.ErrNoScreen, http.StatusServiceUnavailable, "see /readyz: the ledger or the store may be away"},
}

// pushPage puts a screen on the handset of somebody who did not dial. It stands on
// the admin address: who reaches that may do it.
func pushPage(o dialog.Opener) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var p push
		in := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxPush))
		in.DisallowUnknownFields()
		if err := in.Decode(&p); err != nil || (p.Code == "") == (p.Text == "") {
			admin.JSON(w, http.StatusBadRequest, map[string]string{"error": "no push",
				"mend": `{"operator":"…","msisdn":"254…"} with "code":"*334#" or "text":"…"`})
			return
		}
		if err := p.run(r.Context(), o); err != nil {
			status, mend := http.StatusBadGateway, "the operator did not take it: see its binds"
			for _, t := range tablePushTrouble {
				if errors.Is(err, t.err) {
					status, mend = t.status, t.mend
				}
			}
			admin.JSON(w, status, map[string]string{"error": err.Error(), "mend": mend})
			return
		}
		admin.JSON(w, http.StatusOK, struct{}{})
	})
}

func (p *push) run(ctx context.Context, o dialog.Opener) error {
	if p.Code != "" {
		return o.Open(ctx, p.Operator, p.MSISDN, p.Code)
	}
	return o.Notify(ctx, p.Operator, p.MSISDN, p.Text)
}
