package main

import (
	"context"
	"strings"
	"sync"
	"time"

	"mlango/simulator/operator"
)

// tableMO is the mix of texts that SMSC developers test with (smscgateway#229): 25
// characters of GSM 7-bit 45 %, 150 of them 45 %, 70 of UCS-2 10 %.
var tableMO = []struct {
	of   int // 20
	text string
}{
	{9, strings.Repeat("PRICE OF MAIZE IN NAKURU ", 1)[:25]},
	{9, strings.Repeat("price of maize in nakuru today please ", 4)[:150]},
	{2, string([]rune(strings.Repeat("የዛሬ የበቆሎ ዋጋ ስንት ነው ", 4))[:70])},
}

// Of SMS that subscribers write.
const (
	moTurns    = 20  // after so many the mix repeats
	moOpen     = 500 // unanswered at once; while so many are, nobody writes
	moPatience = 15 * time.Second
	moTries    = 3 // of an SMS that is not taken now
	moPause    = 2 * time.Second
)

// moText is the n-th text: the mix is even, not drawn.
func moText(n int) string {
	turn := n * 7 % moTurns // 7 and 20 share no divisor
	for _, m := range tableMO {
		if turn -= m.of; turn < 0 {
			return m.text
		}
	}
	return tableMO[0].text
}

// writes lets subscribers write until ctx ends. Before anybody is bound nothing is sent.
func (c *smscCmd) writes(ctx context.Context, op *operator.Operator) {
	if c.MO <= 0 {
		return
	}
	var open sync.WaitGroup
	defer open.Wait()
	slots := make(chan struct{}, moOpen)
	began, every := time.Now(), time.Duration(float64(time.Second)/c.MO)
	for n := 0; ; n++ {
		if pause(ctx, time.Until(began.Add(time.Duration(n)*every))) != nil {
			return
		}
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		open.Go(func() {
			defer func() { <-slots }()
			c.write(ctx, op, n)
		})
	}
}

// write lets a subscriber's SMS be sent until it is taken, or refused for good; its
// events tell. Before anybody is bound there are none.
func (c *smscCmd) write(ctx context.Context, op *operator.Operator, n int) {
	text := c.MOText
	if text == "" {
		text = moText(n)
	}
	for range moTries {
		sending, cancel := context.WithTimeout(ctx, moPatience)
		err := op.Write(sending, c.MSISDN[n%len(c.MSISDN)], c.MOTo, text)
		cancel()
		if !operator.Again(err) || pause(ctx, moPause) != nil {
			return
		}
	}
}
