package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mlango/internal/cli"
	"mlango/ledgerd/ledger"
)

// bulkOffice is an office with an employer who has money, and three who work.
func bulkOffice(t *testing.T) *office {
	o := newOffice(t, map[string]string{"jane": "admin", "paul": "admin"})
	o.must(cli.Done, "done", "jane", "admin", "open", "600001", "--kind", "paybill")
	for _, n := range []string{"1", "2", "3"} {
		o.must(cli.Done, "done", "jane", "admin", "open", n, "--msisdn", "072200000"+n)
	}
	o.approve(o.must(cli.Check, "Nothing was done", "jane", "admin", "issue", "900001", "600001", "10000000"))
	return o
}

// approve is paul, who stands behind whatever jane asked for.
func (o *office) approve(asked string) {
	o.t.Helper()
	for _, m := range tableHash.FindAllStringSubmatch(asked, -1) {
		o.as("paul", "admin", "approve", m[1], "--yes")
	}
}

func (o *office) file(name, text string) string {
	o.t.Helper()
	path := filepath.Join(o.dir, name)
	if err := os.WriteFile(path, []byte("payee,amount,reference\n"+text), 0o600); err != nil {
		o.t.Fatal(err)
	}
	return path
}

// TestASalaryFilePaysOnce: asked for, approved, looked at, run again, run without
// its note.
func TestASalaryFilePaysOnce(t *testing.T) {
	o := bulkOffice(t)
	defer o.stop()
	o.must(cli.Done, "done", "jane", "admin", "freeze", "3")
	file := o.file("nov.csv", "0722000001,15000.00,NOV\n2,12000.50,NOV\n0722000002,12000.50,BONUS\n0722000003,9000.00,NOV\n")
	run := func(want int, says string, more ...string) string {
		t.Helper()
		return o.must(want, says, "jane", append([]string{"bulk", file, "--from", "600001"}, more...)...)
	}
	run(cli.Check, "account 600001 has KES 100,000.00, and would have KES 60,999.00", "--dry-run") // 3 is frozen
	run(cli.Check, "a dry run: nobody was paid", "--dry-run")
	run(cli.Check, "REFUSED: payee_frozen", "--dry-run")
	run(cli.Check, "would be paid now: 3 lines, KES 39,001.00; fees KES 0.00; together KES 39,001.00", "--dry-run")
	if _, err := os.Stat(file + ".begun"); err == nil {
		t.Fatal("a dry run left a note")
	}
	asked := run(cli.Check, "open 4")
	run(cli.Check, asked[strings.Index(asked, "admin approve"):strings.Index(asked, " --config")]) // the same wish, one request
	if list := o.must(cli.Done, "", "paul", "admin", "pending"); strings.Count(list, "jane asked") != 1 {
		t.Fatal(list)
	}
	if !strings.Contains(asked, "4 payments, KES 48,001.00") {
		t.Fatal(asked)
	}
	if err := os.Remove(file + ".begun"); err != nil {
		t.Fatal(err)
	}
	o.approve(run(cli.Check, "open 4")) // the same ids, found among what waits
	o.approve(asked)
	run(cli.Check, "paid 3, together KES 39,001.00", "--period", "")
	if err := os.Remove(file + ".begun"); err != nil {
		t.Fatal(err)
	}
	run(cli.Check, "nov.csv:5: 2547*****003 was not paid: payee_frozen") // the ledger knows
	o.must(cli.Done, "balance KES 60,999.00", "jane", "account", "600001")

	o.must(cli.Done, "done", "jane", "admin", "freeze", "3", "--off")
	o.approve(run(cli.Check, "open 1", "--again"))
	run(cli.Done, "paid 4, together KES 48,001.00, fees KES 0.00; refused 0; open 0")
	o.must(cli.Done, "balance KES 51,999.00", "jane", "account", "600001")

	o.file("nov.csv", "0722000001,1.00,NOV\n")
	run(cli.Usage, "was begun with other content")
}

func TestBulkFilesAreReadStrictly(t *testing.T) {
	o := bulkOffice(t)
	defer o.stop()
	for _, c := range []struct {
		text, says string
		want       int
	}{
		{"", "there is nobody to pay", cli.Usage},
		{"0722000001,15000,NOV\n", ":2: the amount \"15000\" is not written with its cents", cli.Usage},
		{"0722000001,0.00,NOV\n", "the amount is nothing", cli.Usage},
		{"0722000001,-5.00,NOV\n", "not written with its cents", cli.Usage},
		{"0722000001,+5.00,NOV\n", "not written with its cents", cli.Usage},
		{"0722000001,1e9.00,NOV\n", "not written with its cents", cli.Usage},
		{"0722000001,\"1,000.00\",NOV\n", "not written with its cents", cli.Usage},
		{"0722000001,99999999999999999999.00,NOV\n", "not written with its cents", cli.Usage},
		{"JANE,5.00,NOV\n", "neither a mobile number nor an account", cli.Usage},
		{"0722000009,5.00,NOV\n0722000001,5.00,NOV\n", ":2: nobody has 2547*****009", cli.Usage},
		{"0722000001,5.00\n", "wrong number of fields", cli.Usage},
		{"0722000001,999999.00,NOV\n", "nobody was paid", cli.Check},
		{strings.Repeat("x,5.00,NOV\n", 30), "… and 10 more", cli.Usage},
	} {
		o.must(c.want, c.says, "jane", "bulk", o.file("bad.csv", c.text), "--from", "600001")
	}
	o.must(cli.Usage, "there is no account 77", "jane", "bulk", o.file("ok.csv", "0722000001,5.00,\n"), "--from", "77")
	o.must(cli.Usage, "is in KES, not in UGX", "jane", "bulk", o.file("ok.csv", "0722000001,5.00,\n"), "--from", "600001", "--currency", "UGX")
	o.must(cli.Usage, "no such file", "jane", "bulk", "none.csv", "--from", "600001")
}

// TestASpreadsheetsMarkIsNoContent of the header.
func TestASpreadsheetsMarkIsNoContent(t *testing.T) {
	file := &bulkFile{bytes: []byte("\xef\xbb\xbfpayee,amount,reference\n2,5.00,NOV\n")}
	if err := file.parse("f.csv"); err != nil || len(file.lines) != 1 {
		t.Fatal(err)
	}
}

// TestBulkIDs: of the file, the line and the round, and of nothing else.
func TestBulkIDs(t *testing.T) {
	kes := ledger.Currency{'K', 'E', 'S'}
	file := &bulkFile{bytes: []byte("a")}
	b := &bulk{hash: file.hash(1, kes, "")}
	seen := map[ledger.ID]bool{}
	for _, other := range []*bulk{b, {hash: file.hash(2, kes, "")}, {hash: file.hash(1, kes, "x")}, {hash: (&bulkFile{bytes: []byte("b")}).hash(1, kes, "")}} {
		for line := range 3 {
			for _, began := range []int64{1000, 2000} {
				id := other.idOf(line, began)
				if seen[id] || id.Time() != began || id != other.idOf(line, began) {
					t.Fatalf("line %d of round %d: id %s", line, began, id)
				}
				seen[id] = true
			}
		}
	}
}

// FuzzBulk: a file is read whole or refused, and nobody is paid nothing or less.
func FuzzBulk(f *testing.F) {
	f.Add([]byte("payee,amount,reference\n0722000001,15000.00,NOV\n2,12000.50,\"a,b\"\n"))
	f.Add([]byte("payee,amount,reference\n2,922337203685477580.07,x\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		file := &bulkFile{bytes: b}
		if file.parse("f.csv") != nil {
			return
		}
		for _, l := range file.lines {
			if l.amount <= 0 || (l.account == 0) == (l.msisdn == "") || l.line < 2 {
				t.Fatalf("%+v", l)
			}
		}
	})
}
