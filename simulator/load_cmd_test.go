package main

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestLoadFlags: what cannot be run is refused before anything starts.
func TestLoadFlags(t *testing.T) {
	good := loadCmd{Profile: "steady", Users: 2000, Rate: 50, Duration: time.Minute, Drain: 2 * time.Minute, Speed: 1, Stack: true, Seed: 1, Expires: time.Minute, Remember: 10 * time.Minute}
	if _, err := good.check(); err != nil {
		t.Fatal(err)
	}
	redisFault := filepath.Join(t.TempDir(), "faults.yaml")
	if err := os.WriteFile(redisFault, []byte("faults: [{at: 1s, kind: kill, target: redis}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, set := range map[string]func(*loadCmd){
		"no profile":                  func(c *loadCmd) { c.Profile = "payday" },
		"write it as 07:30":           func(c *loadCmd) { c.From = "7h" },
		"say --stack":                 func(c *loadCmd) { c.Stack = false },
		"--rate 0":                    func(c *loadCmd) { c.Rate = 0 },
		"--rate NaN":                  func(c *loadCmd) { c.Rate = math.NaN() },
		"--speed NaN":                 func(c *loadCmd) { c.Speed = math.NaN() },
		"--speed +Inf":                func(c *loadCmd) { c.Speed = math.Inf(1) },
		"--warmup is shorter":         func(c *loadCmd) { c.Warmup = time.Minute },
		"10 users are too few":        func(c *loadCmd) { c.Users = 10 },
		"over 24h0m0s: --users 33760": func(c *loadCmd) { c.Duration, c.Remember = 24*time.Hour, 24*time.Hour }, // 4.32 million dials, 128 each
		`no such dialect: "hubtel", known over smpp: address,`:                                                             func(c *loadCmd) { c.Dialect = "hubtel" },
		`no such dialect: "tata", known over http: africastalking,`:                                                        func(c *loadCmd) { c.HTTP, c.Dialect = true, "tata" },
		"--drain 10s: a payment without an answer is only known not to be made when its order is over – use 1m15s or more": func(c *loadCmd) { c.Drain = 10 * time.Second },
		"--listen -1s":                             func(c *loadCmd) { c.Listen = -time.Second },
		"--remember 1m0s: use 1m30s to 24h0m0s":    func(c *loadCmd) { c.Remember = time.Minute },
		"--expires 0s":                             func(c *loadCmd) { c.Expires = 0 },
		"the run has no Redis – add --redis start": func(c *loadCmd) { c.Fault = redisFault },
		"faults.yaml:1:25: the Redis at redis://10.0.0.1/0 is not the run's own to kill": func(c *loadCmd) { c.Fault, c.Redis = redisFault, "redis://10.0.0.1/0" },
		"no field screens.p98_ms": func(c *loadCmd) { c.Gate = []string{"screens.p98_ms < 50"} },
	} {
		c := good
		set(&c)
		if _, err := c.check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
