package menus

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTranscriptsMeetTheWholeWallet: every screen, option, answer and outcome of
// the shipped wallet stands in a transcript.
func TestTranscriptsMeetTheWholeWallet(t *testing.T) {
	c := NewCoverage(wallet(t))
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Run(file, src, testCatalogue()); err != nil {
			t.Fatal(err)
		}
	}
	missing, all := c.Missing()
	if len(missing) > 0 || all < 100 {
		t.Errorf("of %d no transcript meets:\n%s", all, strings.Join(missing, "\n"))
	}
}

func TestCoverageNamesWhatIsMissing(t *testing.T) {
	c := NewCoverage(wallet(t))
	if err := c.Run("t.txt", []byte("subscriber known\ndial *334#\n\npress 1\n"), testCatalogue()); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := c.Write(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{": who is never answered\n", ": option 2 of home is never picked\n", ": quote never ends in ok\n", "met 4 of "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), ": option 1 of home") || strings.Contains(out.String(), ": who is never shown") {
		t.Error(out.String())
	}
}
