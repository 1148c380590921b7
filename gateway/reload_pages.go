package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"mlango/gateway/versions"
	"mlango/internal/admin"
	"mlango/internal/conf"
)

// Names of two texts that are no version's.
const (
	nameActive = "active" // in force
	nameFile   = "file"   // in the file, in force or not
)

// maxOrder bounds the body of a POST to the operators' pages.
const maxOrder = 4 << 10

// trouble answers with an error in words and what to do.
func trouble(w http.ResponseWriter, status int, err error, mend string) {
	admin.JSON(w, status, map[string]string{"error": err.Error(), "mend": mend})
}

// versionPages show, compare and change the operators' configurations.
func (g *gateway) versionPages(a *admin.Server) {
	a.Handle("GET /operators/versions", http.HandlerFunc(g.versionsPage))
	a.Handle("GET /operators/versions/{version}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, err := g.operators.store.Get(r.PathValue("version"))
		if err != nil {
			trouble(w, http.StatusNotFound, err, "gateway operator versions lists those that are kept")
			return
		}
		admin.JSON(w, http.StatusOK, v)
	}))
	a.Handle("GET /operators/diff", http.HandlerFunc(g.diffPage))
	a.Handle("POST /operators/reload", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		did, err := g.reload("reload", r.URL.Query().Get("dry") != "")
		g.reloadAnswer(w, did, err)
	}))
	a.Handle("POST /operators/rollback", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var order struct{ Version string }
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxOrder)).Decode(&order); err != nil || order.Version == "" {
			trouble(w, http.StatusBadRequest, errors.New("no version is named"), `post {"version":"3"}`)
			return
		}
		did, err := g.rollback(order.Version)
		g.reloadAnswer(w, did, err)
	}))
}

func (g *gateway) reloadAnswer(w http.ResponseWriter, did reloaded, err error) {
	var file conf.Errors
	switch {
	case errors.As(err, &file):
		trouble(w, http.StatusUnprocessableEntity, err, fmt.Sprintf("nothing changed: version %d is in force; mend the file and reload", g.operators.number()))
	case errors.Is(err, versions.ErrNone), errors.Is(err, versions.ErrDamaged):
		trouble(w, http.StatusNotFound, err, "gateway operator versions lists those that are kept")
	case err != nil:
		trouble(w, http.StatusConflict, err, fmt.Sprintf("nothing changed: version %d is in force", g.operators.number()))
	default:
		admin.JSON(w, http.StatusOK, did)
	}
}

// listed is a version as it is listed.
type listed struct {
	versions.Version
	Active bool `json:"active"`
}

func (g *gateway) versionsPage(w http.ResponseWriter, _ *http.Request) {
	all, err := g.operators.store.List()
	if err != nil {
		trouble(w, http.StatusInternalServerError, err, "see the data folder")
		return
	}
	out := []listed{}
	for _, v := range all {
		out = append(out, listed{v, v.Number == g.operators.number()})
	}
	admin.JSON(w, http.StatusOK, out)
}

// compared is how two texts differ.
type compared struct {
	From string `json:"from"`
	To   string `json:"to"`
	Diff string `json:"diff"`
}

// diffPage compares from with to: versions, what is in force, or the file.
func (g *gateway) diffPage(w http.ResponseWriter, r *http.Request) {
	texts, names := [2]versions.Version{}, [2]string{r.URL.Query().Get("from"), r.URL.Query().Get("to")}
	for i, name := range names {
		var err error
		if texts[i], err = g.text(name); err != nil {
			trouble(w, http.StatusNotFound, fmt.Errorf("%s: %w", name, err), "name two of: a version, active, file")
			return
		}
	}
	admin.JSON(w, http.StatusOK, compared{label(names[0], &texts[0]), label(names[1], &texts[1]), difference(&texts[0], &texts[1])})
}

// text is what a name stands for.
func (g *gateway) text(name string) (versions.Version, error) {
	switch name {
	case nameActive:
		return *g.operators.at.Load(), nil
	case nameFile:
		if g.operators.path == "" {
			return versions.Version{}, errNoFile
		}
		cfg := defaults()
		if fresh, err := Load(g.operators.path, false); fresh != nil && err == nil {
			cfg = fresh // else its text can be shown, not the dialects it names
		}
		cfg.path = g.operators.path
		return cfg.version("")
	}
	return g.operators.store.Get(name)
}

func label(name string, v *versions.Version) string {
	if v.Number == 0 {
		return name
	}
	return fmt.Sprintf("version %d (%s)", v.Number, v.Short())
}

// difference is how two versions differ, dialects too.
func difference(a, b *versions.Version) string {
	out := versions.Diff(a.Text, b.Text)
	names := map[string]bool{}
	for _, files := range []map[string]string{a.Files, b.Files} {
		for name := range files {
			names[name] = true
		}
	}
	for _, name := range sorted(names) {
		if d := versions.Diff(a.Files[name], b.Files[name]); d != "" {
			out += name + "\n" + d
		}
	}
	return out
}
