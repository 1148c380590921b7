package main

import (
	"errors"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"mlango/internal/cli"
	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/vault"
)

var tableReceipt = regexp.MustCompile(`receipt ([0-9A-Z]{10})`)

// TestShowTellsAHoldAndItsEnd, from the hold and from the end.
func TestShowTellsAHoldAndItsEnd(t *testing.T) {
	c := newCounter(t)
	cfg, _, err := Load(c.config)
	if err != nil {
		t.Fatal(err)
	}
	client, err := ledgerclient.Dial(ledgerclient.Config{Node: cfg.Listen, Gateway: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	now := time.Now()
	expires := now.Add(time.Minute).UnixMilli()
	hold, post := newID(now), newID(now)
	results, err := client.Admin(t.Context(), []ledger.Command{&ledger.Move{Transfer: ledger.Transfer{ID: hold, Kind: ledger.KindPayout, From: 600001, To: 1,
		Amount: 5000, Currency: benchKES(), Expires: expires, Until: now.Add(time.Hour).UnixMilli()}}})
	if err != nil || results[0].Reject != ledger.OK {
		t.Fatal(results, err)
	}
	c.must(cli.Done, "; it stands", "show", hold.String())
	if results, err = client.Admin(t.Context(), []ledger.Command{ledger.Post{ID: post, Hold: hold, Amount: 3000, Expires: expires}}); err != nil || results[0].Reject != ledger.OK {
		t.Fatal(results, err)
	}
	said := c.must(cli.Done, "; it is over", "show", hold.String())
	if !strings.Contains(said, "ended by payout post") || !strings.Contains(said, post.String()) || !strings.Contains(said, "30.00") {
		t.Fatal(said)
	}
	if said = c.must(cli.Done, "of payout", "show", post.String()); !strings.Contains(said, hold.String()) || !strings.Contains(said, "postings") {
		t.Fatal(said)
	}
	c.stopped()
	for _, id := range []ledger.ID{hold, post} {
		c.ask(cli.Done, "payout", "show", id.String(), "--data", c.data)
	}
	offline := c.ask(cli.Done, "JANE W", "show", post.String(), "--data", c.data, "--whole")
	if !strings.Contains(offline, "254722000001") || strings.Contains(said, "254722000001") {
		t.Fatal(offline)
	}
}

// TestShowTellsAReversalWhole: from the transfer to what brought it back and from there
// to the transfer, each with its two people; and the second person saw whom it is of.
func TestShowTellsAReversalWhole(t *testing.T) {
	o := newOffice(t, map[string]string{"jane": "admin", "paul": "admin", "audit": "auditor"})
	defer o.stop()
	o.must(cli.Done, "done", "jane", "admin", "open", "600001", "--kind", "paybill")
	o.must(cli.Done, "done", "jane", "admin", "open", "1", "--name", "ANN M", "--msisdn", "0722000001", "--pin-env", "FIRST_PIN")
	o.approve(o.must(cli.Check, "Nothing was done", "jane", "admin", "issue", "900001", "600001", "10000000"))
	file := o.file("one.csv", "0722000001,500.00,NOV\n")
	o.approve(o.must(cli.Check, "open 1", "jane", "bulk", file, "--from", "600001"))
	paid := ""
	for _, line := range strings.Split(o.must(cli.Done, "payout", "jane", "account", "1", "--lines", "1"), "\n") {
		if strings.Contains(line, "payout") {
			paid = strings.Fields(line)[1]
		}
	}
	asked := o.must(cli.Check, "Nothing was done", "paul", "admin", "reverse", paid, "--amount", "20000")
	hash := tableHash.FindStringSubmatch(asked)[1]
	seen := o.must(cli.Check, "account 1: wallet, 2547*****001, ANN M, has KES 500.00", "jane", "admin", "approve", hash)
	for _, want := range []string{"paul asked at 20", "+03:00", "payout KES 500.00 from account 600001 to account 1", "m", " left", "as the books are now"} {
		if !strings.Contains(seen, want) {
			t.Errorf("no %q in what the second person sees:\n%s", want, seen)
		}
	}
	done := tableReceipt.FindAllStringSubmatch(o.must(cli.Done, "receipt", "jane", "admin", "approve", hash, "--yes"), -1)
	back := done[len(done)-1][1] // the one before is of the transfer
	transfer := o.must(cli.Done, "came back: reversal", "audit", "show", paid)
	for _, want := range []string{back, "200.00", "paul and jane", "brought back so far: 200.00 of 500.00", "approved by    jane and paul, who agreed at 20", "wallet, 2547*****001\n"} {
		if !strings.Contains(transfer, want) {
			t.Errorf("no %q in\n%s", want, transfer)
		}
	}
	if said := o.must(cli.Done, "of payout", "audit", "show", back); !strings.Contains(said, paid) || !strings.Contains(said, "jane and paul") || strings.Contains(said, "ANN") {
		t.Error(said)
	}
	o.must(cli.Check, "may not see whole numbers", "audit", "show", back, "--whole")
	o.must(cli.Done, "254722000001", "jane", "show", back, "--whole")
}

// TestOnePersonsNameIsInTheJournal too: who set a tier, who erased, as the two who set a tariff; and an
// erasure that carries a name destroys the key as any other.
func TestOnePersonsNameIsInTheJournal(t *testing.T) {
	o := newOffice(t, map[string]string{"jane": "admin", "paul": "admin", "audit": "auditor"})
	o.must(cli.Done, "done", "jane", "admin", "open", "1", "--name", "ANN M", "--msisdn", "0722000001", "--pin-env", "FIRST_PIN")
	o.must(cli.Done, "done", "paul", "admin", "tier", "1", "2")
	o.approve(o.must(cli.Check, "Nothing was done", "jane", "admin", "tariff", "withdraw", "10000:1000:0:500"))
	limits := o.must(cli.Check, "Nothing was done", "jane", "admin", "limits", "send", "--max", "25000000")
	o.must(cli.Check, "limits of send\n", "paul", "admin", "approve", tableHash.FindStringSubmatch(limits)[1])
	o.approve(limits)
	if rules := o.must(cli.Done, "by jane and paul, entry ", "audit", "admin", "tariffs"); !strings.Contains(rules, "100.00 and more") {
		t.Error(rules)
	}
	if limits := o.must(cli.Done, "250,000.00", "audit", "admin", "limits"); !strings.Contains(limits, "jane and paul") {
		t.Error(limits)
	}
	o.must(cli.Usage, "no kind of transfer called \"sned\"", "audit", "admin", "tariffs", "sned")
	o.must(cli.Done, `"version": 1`, "audit", "admin", "limits", "send", "--json")
	o.must(cli.Done, "done", "paul", "admin", "erase", "1", "--yes")
	o.stop()
	data := filepath.Join(o.dir, "books")
	_, deeds, _ := call(t, t.Context(), "export", "--admin", "--data", data)
	for _, want := range []string{",OpenAccount,1,ok,jane,,", ",SetTier,1,ok,paul,,", ",SetTariff,0,ok,jane,paul,", ",SetLimits,0,ok,jane,paul,", ",ErasePerson,1,ok,paul,,"} {
		if !strings.Contains(deeds, want) {
			t.Errorf("no %q in\n%s", want, deeds)
		}
	}
	if code, out, errs := call(t, t.Context(), "admin", "tariffs", "--data", data); code != cli.Done || !strings.Contains(out, "by jane and paul") {
		t.Errorf("offline: exit %d, %s%s", code, out, errs)
	}
	v, err := vault.Load(filepath.Join(data, "vault"))
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if _, _, err := v.OpenPerson(1, make([]byte, 64)); !errors.Is(err, vault.ErrForgotten) {
		t.Errorf("the erased person's key: %v", err)
	}
	if code, out, errs := call(t, t.Context(), "verify", "--data", data); code != cli.Done {
		t.Errorf("verify: exit %d, %s%s", code, out, errs)
	}
}
