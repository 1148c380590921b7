package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"mlango/internal/cli"
)

// desk is an office with a file of rules.
type desk struct {
	*office
	file string
}

func newDesk(t *testing.T) *desk {
	d := &desk{office: newOffice(t, map[string]string{"jane": "admin", "paul": "admin", "audit": "auditor"})}
	d.file = filepath.Join(d.dir, "rules.yaml")
	return d
}

// edit takes the rules in force into the file, with some texts replaced.
func (d *desk) edit(pairs ...string) {
	d.t.Helper()
	text := d.must(cli.Done, "tariffs:", "audit", "admin", "rules", "get")
	if err := os.WriteFile(d.file, []byte(strings.NewReplacer(pairs...).Replace(text)), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

// both is one who asks and another who approves.
func (d *desk) both(says string, args ...string) {
	d.t.Helper()
	asked := d.must(cli.Check, "another person must approve this", "jane", append([]string{"admin", "rules"}, append(args, "--yes")...)...)
	hash := tableHash.FindStringSubmatch(asked)[1]
	d.must(cli.Check, says, "paul", "admin", "approve", hash)
	d.must(cli.Done, "done, version", "paul", "admin", "approve", hash, "--yes")
}

// TestRulesGoThroughTwoPeople from the file to the journal, and back to an older version.
func TestRulesGoThroughTwoPeople(t *testing.T) {
	d := newDesk(t)
	d.edit("send: free", "send:\n    - {upto: 100, fee: 0}\n    - {upto: 250000, fee: 7, tax: 1.05}", "  send: none", "  send:\n    least: 1\n    most: 250000\n    tiers:\n      2: {most: 1000}")
	d.must(cli.Done, "above 100.00: fee 0.00 → 7.00, of it tax 0.00 → 1.05; who pays 200.00 is charged 207.00 instead of 200.00", "audit", "admin", "rules", "diff", d.file)
	d.must(cli.Check, "may not call Admin", "audit", "admin", "rules", "publish", d.file, "--yes")
	d.must(cli.Check, "say --yes", "jane", "admin", "rules", "publish", d.file)
	d.must(cli.Done, "send: free", "jane", "admin", "rules", "get") // nothing was done
	d.both("limits of send, tier 2", "publish", d.file, "--why", "as the board said")
	d.must(cli.Done, "nothing changes: version 1 is the same", "audit", "admin", "rules", "diff", d.file)
	d.must(cli.Check, "since came 1 by jane and paul", "jane", "admin", "rules", "publish", d.file, "--yes")

	d.edit("fee: 7, tax: 1.05", "fee: 9", "    tiers:\n      2: {most: 1000}\n", "", "till: free", "till:\n    - {upto: 1000, fee: 0}")
	stale := d.must(cli.Check, "another person", "jane", "admin", "rules", "publish", d.file, "--yes")
	airtime := d.must(cli.Check, "another person", "paul", "admin", "tariff", "airtime", "10000:0")
	d.must(cli.Done, "done, version 1", "jane", "admin", "approve", tableHash.FindStringSubmatch(airtime)[1], "--yes") // meanwhile
	hash := tableHash.FindStringSubmatch(stale)[1]
	d.must(cli.Check, "it would be refused: it was to be version 2, and there is 2 already", "paul", "admin", "approve", hash)
	d.must(cli.Check, "somebody else changed it meanwhile", "paul", "admin", "approve", hash, "--yes")

	d.edit("fee: 7, tax: 1.05", "fee: 9", "    tiers:\n      2: {most: 1000}\n", "")
	d.both("none of its own any more", "publish", d.file)
	d.must(cli.Done, "send:\n    - {upto: 100, fee: 0}\n    - {upto: 250000, fee: 9}", "audit", "admin", "rules", "get")
	d.must(cli.Done, "fee: 7, tax: 1.05", "audit", "admin", "rules", "get", "1")
	d.must(cli.Check, "there is no version 7", "jane", "admin", "rules", "rollback", "7")
	d.both("bringing back version 1", "rollback", "1", "--why", "complaints")
	d.must(cli.Done, "fee: 7, tax: 1.05", "audit", "admin", "rules", "get")
	d.must(cli.Done, "2: {most: 1000}", "audit", "admin", "rules", "get")
	history := d.must(cli.Done, "brings back 1: complaints", "audit", "admin", "rules", "history")
	d.stop()

	data := filepath.Join(d.dir, "books")
	if code, offline, errs := call(t, t.Context(), "admin", "rules", "history", "--data", data); code != cli.Done || offline != history {
		t.Errorf("exit %d after a stop:\n%s%swas\n%s", code, offline, errs, history)
	}
	_, deeds, _ := call(t, t.Context(), "export", "--admin", "--data", data)
	for _, want := range []string{",SetRules,0,ok,jane,paul,", ",SetRules,0,stale_version,jane,paul,", `because ""as the board said""`, "bringing back version 1"} {
		if !strings.Contains(deeds, want) {
			t.Errorf("no %q in\n%s", want, deeds)
		}
	}
}

// TestRulesToComeAreNoWayBack: what is planned, and what never came to hold, is named so and
// not taken for what people paid.
func TestRulesToComeAreNoWayBack(t *testing.T) {
	d := newDesk(t)
	d.edit("send: free", "send:\n    - {upto: 100, fee: 0}\n    - {upto: 250000, fee: 7}")
	d.both("version 1", "publish", d.file)
	d.edit("fee: 7", "fee: 9")
	d.both("version 2", "publish", d.file, "--from", "2099-01-01T00:00:00+03:00")

	now := d.must(cli.Done, "# Not in here: version 2, which holds from 2099-01-01T00:00:00+03:00", "audit", "admin", "rules", "get")
	if !strings.Contains(now, "fee: 7") {
		t.Error(now)
	}
	planned := d.must(cli.Done, "# Version 2 DOES NOT HOLD YET: it will from 2099-01-01T00:00:00+03:00.", "audit", "admin", "rules", "get", "2")
	if !strings.Contains(planned, "fee: 9") {
		t.Error(planned)
	}
	d.must(cli.Done, "The rules as version 1 began to hold: from 20", "audit", "admin", "rules", "get", "1")
	d.must(cli.Check, "there is nothing to go back to; if it shall hold sooner, `ledgerd admin rules get 2 > rules.yaml`", "jane", "admin", "rules", "rollback", "2", "--yes")

	d.edit("fee: 7", "fee: 8")
	d.both("version 3", "publish", d.file)
	given := d.must(cli.Done, "# Version 2 NEVER HELD: it was to from 2099-01-01T00:00:00+03:00", "audit", "admin", "rules", "get", "2")
	if !strings.Contains(given, "fee: 9") {
		t.Error(given)
	}
	d.must(cli.Check, "version 2 never held", "jane", "admin", "rules", "rollback", "2", "--yes")
	d.both("bringing back version 1", "rollback", "1")
	d.must(cli.Done, "fee: 7", "audit", "admin", "rules", "get")
	history := d.must(cli.Done, "never held", "audit", "admin", "rules", "history")
	for _, row := range []string{"4 +1 +in force", "3 +1 +former", "2 +1 +never held", "1 +1 +former"} {
		if !regexp.MustCompile(row).MatchString(history) {
			t.Errorf("no %q in\n%s", row, history)
		}
	}
	d.stop()
}

// TestRulesThatAreWrongStayInTheFile: nothing is asked of anybody.
func TestRulesThatAreWrongStayInTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rules.yaml")
	if err := os.WriteFile(path, []byte("tariffs:\n  send:\n    - {upto: 1, fee: 2}\nlimits: {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		want int
		says string
		args []string
	}{
		{cli.Usage, "rules.yaml:", []string{"check", path}},
		{cli.Usage, "write `airtime: free` if it costs nothing", []string{"publish", path, "--node", "127.0.0.1:1"}},
		{cli.Usage, "no such file", []string{"diff", path + "x", "--node", "127.0.0.1:1"}},
		{cli.Usage, "say where to look", []string{"history"}},
		{cli.Usage, "<version>", []string{"rollback", "--node", "127.0.0.1:1"}},
	} {
		if code, out, errs := call(t, t.Context(), append([]string{"admin", "rules"}, c.args...)...); code != c.want || !strings.Contains(out+errs, c.says) {
			t.Errorf("%v: exit %d, want %d\n%s%s", c.args, code, c.want, out, errs)
		}
	}
}
