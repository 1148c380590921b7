package phone

import (
	"context"
	"net/http"
	"slices"
	"time"
)

// languagePatience is how long the list of phones waits for a ledger that is down.
const languagePatience = 300 * time.Millisecond

// tableLanguages are those of the demo's menu, by two letters.
var tableLanguages = []string{"en", "sw", "am"}

// Languages knows what people read, and changes it.
type Languages interface {
	Language(ctx context.Context, msisdn string) (string, error)
	SetLanguage(ctx context.Context, msisdn, language string) error
}

// people are those who may hold a phone, with what they read now; of a ledger that is
// down nobody hears whether that changed.
func (s *Server) people(ctx context.Context) []Person {
	list := append([]Person{}, s.cfg.People...)
	if s.cfg.Languages == nil {
		return list
	}
	ctx, cancel := context.WithTimeout(ctx, languagePatience)
	defer cancel()
	for i := range list {
		if now, err := s.cfg.Languages.Language(ctx, list[i].MSISDN); err == nil && now != "" {
			list[i].Language = now
		}
	}
	return list
}

// apiLanguage is POST /api/phones/{msisdn}/language.
func (s *Server) apiLanguage(r *http.Request) (any, error) {
	var body struct {
		Language string `json:"language"`
	}
	number, err := request(r, &body)
	if err != nil {
		return nil, err
	}
	if s.cfg.Languages == nil || !slices.Contains(tableLanguages, body.Language) {
		return nil, &trouble{status: http.StatusBadRequest, what: "no such language here", mend: "use en, sw or am, on a running demo"}
	}
	if err := s.cfg.Languages.SetLanguage(r.Context(), number, body.Language); err != nil {
		return nil, &trouble{status: http.StatusServiceUnavailable, what: "the ledger did not take the language", mend: "is it running, and does this number have an account?"}
	}
	return struct{}{}, nil
}
