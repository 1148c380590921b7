package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"mlango/internal/cli"
)

// Limits of a call to a running gateway.
const (
	askTimeout = 15 * time.Second // for what is looked at
	actTimeout = time.Minute      // for what is changed: the largest menu is proved meanwhile
	maxAnswer  = 32 << 20
)

// adminFlag names a running gateway.
type adminFlag struct {
	Admin string `placeholder:"ADDR" default:"127.0.0.1:8081" help:"The running gateway's admin address (${default})."`
}

// call asks the running gateway; out, unless nil, gets its answer. What it says of
// itself comes as an error with the mend.
func (f *adminFlag) call(ctx context.Context, method, path string, in, out any) error {
	raw, err := f.raw(ctx, method, path, in)
	if err != nil || out == nil {
		return err
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return cli.Fail(cli.Unreachable, fmt.Errorf("%s does not answer as a gateway: %w", f.Admin, err))
	}
	return nil
}

func (f *adminFlag) raw(ctx context.Context, method, path string, in any) ([]byte, error) {
	if _, _, err := net.SplitHostPort(f.Admin); err != nil {
		return nil, cli.Fail(cli.Usage, fmt.Errorf("--admin %s: write host:port, as `admin:` in the gateway's file", f.Admin))
	}
	patience := actTimeout
	if method == http.MethodGet {
		patience = askTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	body, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://"+f.Admin+path, bytes.NewReader(body))
	if err != nil {
		return nil, cli.Fail(cli.Usage, err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, f.away(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, f.away(err)
	}
	return raw, f.said(resp.StatusCode, raw)
}

// away says that nobody answers, and what to look at.
func (f *adminFlag) away(err error) error {
	if errors.Is(err, context.Canceled) {
		return context.Canceled
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return cli.Fail(cli.Unreachable, fmt.Errorf("the gateway at %s did not answer in time: what was asked of it may be done or not, look before you ask again", f.Admin))
	}
	var op *net.OpError
	if errors.As(err, &op) {
		err = op
	}
	return cli.Fail(cli.Unreachable, fmt.Errorf("no gateway answers at %s: %w – see `admin:` in its file, or name another with --admin", f.Admin, err))
}

// said is the error that an answer is, if it is one.
func (f *adminFlag) said(status int, raw []byte) error {
	var trouble struct{ Error, Mend string }
	switch {
	case status < http.StatusBadRequest:
		return nil
	case json.Unmarshal(raw, &trouble) != nil || trouble.Error == "":
		return cli.Fail(cli.Unreachable, fmt.Errorf("%s answers %d, not as this gateway's version does", f.Admin, status))
	}
	text := trouble.Error
	if trouble.Mend != "" {
		if strings.Contains(text, "\n") {
			text += "\n"
		} else {
			text += " – "
		}
		text += trouble.Mend
	}
	code := cli.Check
	if status == http.StatusUnprocessableEntity {
		code = cli.Usage // a file is wrong
	}
	return cli.Fail(code, errors.New(text))
}
