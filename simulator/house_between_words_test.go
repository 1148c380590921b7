//go:build house

package main

import "bytes"

// tableLastDone is what only the last screen of a payment has.
var tableLastDone = [][]byte{[]byte(" Confirmed. "), []byte(". Fee Ksh"), []byte(". Balance Ksh")}

// deniesPayments says in one confirmation of a few that nothing was done.
func deniesPayments() func(p []byte) [][]byte {
	n := 0
	return func(p []byte) [][]byte {
		if text := textOf(p); !bytes.Contains(text, []byte("New balance is")) || !bytes.Contains(text, []byte(" sent to ")) {
			return [][]byte{p}
		}
		if n++; n%lieEvery != 0 {
			return [][]byte{p}
		}
		return [][]byte{withText(p, []byte("Your transaction of Ksh500.00 to 0722***002 was not completed: it took too long. Nothing was taken."))}
	}
}

// swapsLastFigures lets one last screen of a few say the fee where it says balance.
func swapsLastFigures() func(p []byte) [][]byte {
	n := 0
	return func(p []byte) [][]byte {
		text := textOf(p)
		for _, words := range tableLastDone {
			if !bytes.Contains(text, words) {
				return [][]byte{p}
			}
		}
		if n++; n%lieEvery != 0 {
			return [][]byte{p}
		}
		swapped := bytes.Replace(text, []byte(". Fee Ksh"), []byte(". Sum Ksh"), 1)
		swapped = bytes.Replace(swapped, []byte(". Balance Ksh"), []byte(". Fee Ksh"), 1)
		return [][]byte{withText(p, bytes.Replace(swapped, []byte(". Sum Ksh"), []byte(". Balance Ksh"), 1))}
	}
}

// hidesFees lets one screen of a few that asks for the PIN show no fee.
func hidesFees() func(p []byte) [][]byte {
	n := 0
	return func(p []byte) [][]byte {
		text := textOf(p)
		at := bytes.Index(text, []byte("\nFee Ksh"))
		if at < 0 || !bytes.Contains(text, []byte("\nEnter PIN")) {
			return [][]byte{p}
		}
		if n++; n%lieEvery != 0 {
			return [][]byte{p}
		}
		end := at + 1 + bytes.IndexByte(text[at+1:], '\n')
		return [][]byte{withText(p, bytes.Join([][]byte{text[:at], []byte("Fee Ksh0.00"), text[end+1:]}, []byte("\n")))}
	}
}
