//go:build house

package main

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"mlango/gateway/edge"
	"mlango/internal/redistest"
)

const signedCall = "sessionId=s1&phoneNumber=%2B254722000001&serviceCode=%2A334%23&networkCode=63902&text="

// TestACallIsGoodAtOneGateway: what one of two gateways took, signed, the other refuses,
// each after the other and both at the same moment.
func TestACallIsGoodAtOneGateway(t *testing.T) {
	const secret = "a secret that signs its calls, long enough"
	t.Setenv("MLANGO_TEST_SIGN", secret)
	redis, _ := redistest.Start(t)
	var doors [2]string
	for i := range doors {
		admin := port(t)
		doors[i] = port(t)
		serve(t, write(t, "gateway.yaml", fmt.Sprintf(`name: gw%d
admin: %s
listen: %s
data: %s
short_codes: ["334"]
ledger: {node: %s}
redis: {addrs: ["%s"]}
operators:
  - name: safari
    home: 1
    prefixes: ["25472"]
    sender: M-WALLET
    ussd: {http: africastalking, proof: {sign_env: MLANGO_TEST_SIGN}}
    binds:
      - {set: sms, host: 127.0.0.1, port: 1, system_id: mlango}
`, i, admin, doors[i], t.TempDir(), port(t), redis.Options().Addr)), admin)
	}
	for n := range 20 {
		at, nonce := strconv.FormatInt(time.Now().Unix(), 10), fmt.Sprintf("nonce-%04d", n)
		sum := edge.Sign([]byte(secret), at, nonce, "POST", "/ussd/safari", []byte(signedCall))
		call := func(door string) (status int) {
			req, err := http.NewRequest("POST", "http://"+door+"/ussd/safari", strings.NewReader(signedCall))
			if err != nil {
				t.Error(err)
				return 0
			}
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set(edge.SignatureHeader, "t="+at+",n="+nonce+",s="+hex.EncodeToString(sum))
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Error(err)
				return 0
			}
			_ = resp.Body.Close()
			return resp.StatusCode
		}
		got := make(chan int, 2)
		for i := range doors {
			ask := func() { got <- call(doors[(i+n)%2]) }
			if n%2 == 0 {
				ask()
			} else {
				go ask()
			}
		}
		if a, b := <-got, <-got; min(a, b) != http.StatusOK || max(a, b) != http.StatusForbidden {
			t.Errorf("call %d: %d and %d", n, a, b)
		}
	}
}
