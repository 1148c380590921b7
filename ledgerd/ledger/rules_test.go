package ledger

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// RULES.md names every reject by its number, and the numbers rise as apply asks.
func TestRulesNameEveryReject(t *testing.T) {
	page, err := os.ReadFile("RULES.md")
	if err != nil {
		t.Fatal(err)
	}
	list := Rejects()
	for _, r := range list[1:] {
		row := fmt.Sprintf("| %d | %s", r, r)
		transient := strings.Contains(string(page), row+" (transient) ")
		if !transient && !strings.Contains(string(page), row+" ") || transient != r.Transient() {
			t.Errorf("RULES.md does not say %d %s as it is", r, r)
		}
	}
	if !slices.IsSorted(list) {
		t.Error("the rejects are not in their order")
	}
	if Reject(255).String() != "unknown_reject" {
		t.Error("a reject nobody knows has a name")
	}
}
