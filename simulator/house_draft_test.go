//go:build house

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestHouseASavedMenuRunsAndABadOneDoesNot: somebody changes the demo's menu in an
// editor. What proves is on the next dial; what does not changes nothing and says where
// to mend it; who is inside finishes on the menu he began with.
func TestHouseASavedMenuRunsAndABadOneDoesNot(t *testing.T) {
	d := startDemo(t)
	path := filepath.Join(d.data, draftName)
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	save := func(old, text string) {
		t.Helper()
		if !strings.Contains(string(src), old) {
			t.Fatalf("the wallet has no %q", old)
		}
		if err := os.WriteFile(path, []byte(strings.Replace(string(src), old, text, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	first := func() string { return d.say(payer).Screen }
	if !strings.Contains(first(), "1 Send money") {
		t.Fatal(first())
	}
	var inside screen
	d.post("/api/phones/"+payee+"/dial", map[string]string{"code": "*334#"}, &inside)
	save("{en: Send money,", "{en: Move money,")
	until(t, "the saved menu runs", func() bool { return strings.Contains(first(), "1 Move money") })
	d.post("/api/phones/"+payee+"/press", map[string]string{"input": "9"}, &inside)
	if !strings.Contains(inside.Screen, "1 Send money") {
		t.Errorf("who was inside sees another menu: %q", inside.Screen)
	}
	save("    go: how_much\n", "    go: how_mach\n")
	until(t, "the demo says what is wrong", func() bool {
		out := d.out.String()
		return strings.Contains(out, "does not run") && strings.Contains(out, `there is no screen "how_mach"`) && strings.Contains(out, draftName+":")
	})
	if !strings.Contains(first(), "1 Move money") {
		t.Errorf("a bad save changed the menu: %q", first())
	}
	save("{en: Send money,", "{en: Give money,")
	until(t, "the mended menu runs", func() bool { return strings.Contains(first(), "1 Give money") })
	d.stop()
}
