package phone

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// stubLanguages knows one person, and no other.
type stubLanguages map[string]string

// Language is what was set.
func (l stubLanguages) Language(_ context.Context, number string) (string, error) {
	if l[number] == "" {
		return "", errors.New("nobody")
	}
	return l[number], nil
}

// SetLanguage sets it.
func (l stubLanguages) SetLanguage(ctx context.Context, number, language string) error {
	if _, err := l.Language(ctx, number); err != nil {
		return err
	}
	l[number] = language
	return nil
}

// TestLanguage: what the ledger knows goes before what the list said, and changes by a
// call.
func TestLanguage(t *testing.T) {
	people := []Person{{MSISDN: anna, Name: "AMINA", Language: "en"}, {MSISDN: ben, Name: "BEN", Language: "en"}}
	h := New(Config{Network: newStub(), People: people, Languages: stubLanguages{anna: "sw"}}).Handler()
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "/api/world", "", 200, `"languages":["en","sw","am"]`},
		{"GET", "/api/phones", "", 200, `[{"msisdn":"254722000001","name":"AMINA","language":"sw"},{"msisdn":"254722000002","name":"BEN","language":"en"}]`},
		{"POST", "/api/phones/" + anna + "/language", `{"language":"am"}`, 200, `{}`},
		{"GET", "/api/phones", "", 200, `"name":"AMINA","language":"am"`},
		{"POST", "/api/phones/" + anna + "/language", `{"language":"tlh"}`, 400, `no such language`},
		{"POST", "/api/phones/" + ben + "/language", `{"language":"am"}`, 503, `did not take`},
	} {
		if status, body := ask(t, h, c.method, c.path, c.body); status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s %s: %d %s", c.method, c.path, status, body)
		}
	}
	plain := New(Config{Network: newStub(), People: people}).Handler()
	if status, _ := ask(t, plain, "POST", "/api/phones/"+anna+"/language", `{"language":"am"}`); status != 400 {
		t.Errorf("without languages: %d", status)
	}
}
