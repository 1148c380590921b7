package binds

import "time"

// What one bind may cost, and how it behaves when the operator says no.
const (
	maxBindsEach = 16   // connections of one entry
	maxEntries   = 32   // entries of one operator
	maxWindow    = 1000 // as smpp allows
	maxPerSecond = 100_000
	maxWaiting   = 4096 // senders waiting for one bind, each priority

	maxAnswer  = 64 << 10 // octets of an aggregator's answer that are read
	maxAPIID   = 128      // octets of its message ids
	maxAPIWord = 64

	ussdTurns = 9 // USSD sent in a row while SMS waits: SMS has at least a tenth

	leastCalm  = 100 * time.Millisecond // SMS rests after a throttled answer,
	mostCalm   = 5 * time.Second        // twice as long each time in a row
	leastPause = 500 * time.Millisecond // between two attempts to bind,
	mostPause  = 30 * time.Second       // twice as long each time
	refusedGap = 3                      // a refused bind begins that many steps later
	provenLife = 30 * time.Second       // a bind that lived so long forgives all steps
	unbindTime = 3 * time.Second        // for answers and unbind at the end

	roundTrips  = 16                     // of how many last answers the round trip is the mean, about
	maxStatuses = 128                    // kinds of refusals that are counted apart
	stallAfter  = 400 * time.Millisecond // without an answer a bind is asked last,
	stallTrips  = 8                      // or so many round trips, if that is longer
	stallLook   = 100 * time.Millisecond // what waits for a stalled bind goes elsewhere after at most so long

	tripAfter  = 5                // failures in a row open a bind's breaker,
	tripWindow = 10 * time.Second // or half of the last so long,
	tripLeast  = 20               // if so many were sent
	openLeast  = time.Second      // open time, drawn once a bind
	openSpread = 4 * time.Second

	leastTimer = 100 * time.Millisecond
	mostTimer  = 10 * time.Minute

	leastInactivity = time.Second
	mostInactivity  = 24 * time.Hour

	defaultPort     = 2775
	defaultTLSPort  = 3550
	defaultWindow   = 10
	defaultVersion  = 0x34
	defaultMode     = "trx"
	defaultEnquire  = 30 * time.Second
	defaultResponse = 10 * time.Second
)
