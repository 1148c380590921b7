package load

import (
	"testing"
	"time"
)

// TestANameIsNoReceipt: ten capitals that stand alone are a shop's name, unless they begin
// with the day.
func TestANameIsNoReceipt(t *testing.T) {
	at := time.Date(2026, 11, 22, 22, 30, 0, 0, time.UTC)
	for text, want := range map[string]Ending{
		"Not enough money to pay BLACKSMITH. Nothing was taken.":   EndRefused,
		"The account of ALLSAINTS7 is closed. Nothing was taken.":  EndRefused,
		"WILLIAMSON does not take payments. Nothing was taken.":    EndRefused,
		"UKMA1B2C3D Confirmed. Ksh5.00 sent to BLACKSMITH.":        EndDone,
		"You paid BLACKSMITH. UKNA1B2C3D of tomorrow in Nairobi.":  EndDone,
		"UKLA1B2C3D Confirmed, of the day that was just over.":     EndDone,
		"UKKA1B2C3D Confirmed, and it is a receipt of days ago.":   EndRefused,
		"In progress. Do not repeat the payment to BLACKSMITH yet": EndPromised,
	} {
		if got := read(text, at); got != want {
			t.Errorf("%q is read as %d, want %d", text, got, want)
		}
	}
	for day, want := range map[time.Time]string{time.Date(2006, 1, 9, 0, 0, 0, 0, time.UTC): "AA9", time.Date(2032, 12, 31, 0, 0, 0, 0, time.UTC): "0LV"} {
		if got := dateCode(day); got != want {
			t.Errorf("%s is %s, want %s", day, got, want)
		}
	}
	if plain, receipt := strip("BLACKSMITH paid. UKMA1B2C3D", at); plain != "BLACKSMITH paid. "+noReceipt || receipt != "UKMA1B2C3D" {
		t.Errorf("%q, %q", plain, receipt)
	}
}
