package menus

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestSchemaIsWhatIsRead: the shipped schema is the one of the code. -rewrite
// writes it anew.
func TestSchemaIsWhatIsRead(t *testing.T) {
	const file = "menu.schema.json"
	now, err := Schema(testCatalogue())
	if err != nil {
		t.Fatal(err)
	}
	if *rewrite {
		if err := os.WriteFile(file, now, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	was, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(was, now) {
		t.Fatalf("%s is not what a menu is read by now (%v): go test ./menus -run Schema -rewrite", file, err)
	}
}

// TestSchemaKnowsEveryKey holds it to what the wallet uses.
func TestSchemaKnowsEveryKey(t *testing.T) {
	src, err := Schema(testCatalogue())
	if err != nil {
		t.Fatal(err)
	}
	var s struct {
		Properties map[string]any
		Defs       map[string]struct {
			Properties map[string]struct{ Enum []string }
		} `json:"$defs"`
	}
	if err := json.Unmarshal(src, &s); err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(walletSource(t)), "\n") {
		key, _, ok := strings.Cut(line, ":")
		if ok && key != "" && key[0] >= 'a' && key[0] <= 'z' && s.Properties[key] == nil {
			t.Errorf("no %q in the schema", key)
		}
	}
	for def, keys := range map[string]string{"screen": "text options ask check tries go set call order in keep budget then", "way": "go end note set speak", "option": "key label if go end"} {
		for _, key := range strings.Fields(keys) {
			if _, ok := s.Defs[def].Properties[key]; !ok {
				t.Errorf("no %s of %s in the schema", key, def)
			}
		}
	}
	var want []string
	for name, fn := range testCatalogue() {
		if !fn.Effects {
			want = append(want, name)
		}
	}
	slices.Sort(want)
	if calls := s.Defs["screen"].Properties["call"].Enum; !slices.Equal(calls, want) {
		t.Errorf("calls are %v, not %v", calls, want)
	}
}
