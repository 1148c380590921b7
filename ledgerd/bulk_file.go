package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"mlango/internal/cli"
	"mlango/internal/msisdn"
	"mlango/ledgerd/ledger"
)

// Limits of a bulk file.
const (
	maxBulk      = 16 << 20 // bytes
	maxBulkLines = 50_000
	maxWrong     = 20 // complaints said at once
	bulkHeader   = "payee,amount,reference"
)

// bulkFile is a read file.
type bulkFile struct {
	bytes []byte
	lines []bulkLine
}

// bulkLine is one payment to make.
type bulkLine struct {
	line    int
	account ledger.Account // zero until the number is looked up
	msisdn  string
	amount  ledger.Amount
	id      ledger.ID
	again   ledger.ID // the line before with the same payee and amount
	result  ledger.Result
	known   bool // the ledger has answered it
}

// shown is whom a line pays, as it may be printed.
func (l *bulkLine) shown() string {
	if l.msisdn != "" {
		return msisdn.Mask(l.msisdn)
	}
	return fmt.Sprintf("account %d", l.account)
}

// readBulk reads a file whole and finds everything that is wrong with it.
func readBulk(path string) (*bulkFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, usage("%w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxBulk+1))
	switch {
	case err != nil:
		return nil, usage("%w", err)
	case len(b) > maxBulk:
		return nil, usage("%s has more than %d bytes: part it", path, maxBulk)
	}
	file := &bulkFile{bytes: b}
	return file, file.parse(path)
}

func (f *bulkFile) parse(path string) error {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(f.bytes, []byte("\xef\xbb\xbf")))) // as spreadsheets begin it
	r.FieldsPerRecord = 3
	header, err := r.Read()
	if err != nil || strings.Join(header, ",") != bulkHeader {
		return usage("%s:1:1: the first line is not %s", path, bulkHeader)
	}
	var wrong []error
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return usage("%s: %w", path, err)
		}
		line, _ := r.FieldPos(0)
		l, err := bulkLineOf(fields)
		if l.line = line; err != nil {
			wrong = append(wrong, fmt.Errorf("%s:%d: %w", path, line, err))
		}
		if f.lines = append(f.lines, l); len(f.lines) > maxBulkLines {
			return usage("%s has more than %d lines: part it", path, maxBulkLines)
		}
	}
	if len(f.lines) == 0 {
		return usage("%s: there is nobody to pay in it", path)
	}
	return complaints(wrong)
}

// bulkLineOf reads a payee and an amount. An amount has its cents: nobody is paid
// a hundredth or a hundredfold.
func bulkLineOf(fields []string) (l bulkLine, err error) {
	payee := strings.TrimSpace(fields[0])
	if l.msisdn, err = msisdn.Parse("KE", payee); err != nil {
		l.msisdn = ""
		n, nerr := strconv.ParseUint(payee, 10, 64)
		if nerr != nil || n == 0 {
			return l, errors.New("the payee is neither a mobile number nor an account's number")
		}
		l.account = ledger.Account(n)
	}
	whole, cents, ok := strings.Cut(strings.TrimSpace(fields[1]), ".")
	n, err := strconv.ParseUint(whole+cents, 10, 63)
	if err == nil && n == 0 {
		return l, errors.New("the amount is nothing")
	}
	if !ok || len(cents) != 2 || err != nil {
		return l, fmt.Errorf("the amount %.20q is not written with its cents, as 15000.00", fields[1])
	}
	l.amount = ledger.Amount(n)
	return l, nil
}

// complaints is what is wrong, not endlessly.
func complaints(wrong []error) error {
	if len(wrong) == 0 {
		return nil
	}
	if more := len(wrong) - maxWrong; more > 0 {
		wrong = append(wrong[:maxWrong], fmt.Errorf("… and %d more", more))
	}
	return cli.Fail(cli.Usage, errors.Join(append(wrong, errors.New("nobody was paid"))...))
}

// hash is of the whole file, who pays, and what for.
func (f *bulkFile) hash(payer uint64, unit ledger.Currency, period string) [32]byte {
	h := sha256.New()
	fmt.Fprintf(h, "mlango/bulk/1\x00%d\x00%s\x00%d\x00%s\x00", payer, unit, len(period), period)
	h.Write(f.bytes)
	return [32]byte(h.Sum(nil))
}

// idOf is the id of a line in one round: the same whenever the same file is run.
func (b *bulk) idOf(i int, began int64) ledger.ID {
	mac := sha256.Sum256(binary.BigEndian.AppendUint64(b.hash[:len(b.hash):len(b.hash)], uint64(i)))
	return ledger.NewID(began, [10]byte(mac[:10]))
}

// paid tells whether the line's money moved.
func (l *bulkLine) paid() bool { return l.known && l.result.Reject == ledger.OK }
