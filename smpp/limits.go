package smpp

import "time"

// What one link may cost us, and how long we wait. A peer that goes past a size
// is refused before anything of that size is allocated.
const (
	headerLen  = 16
	maxPDU     = 64 << 10  // command_length
	maxText    = 254       // short_message
	maxTLVs    = 64        // optional parameters of one message
	maxOwed    = 256 << 10 // octets of responses waiting for a peer that does not read
	maxWindow  = 1000      // our own requests in flight
	maxLinger  = 1 << 20   // octets of input read and dropped while closing
	maxHello   = 16        // PDUs looked at before the bind is through
	answerRun  = 16        // responses gathered before the writer is woken
	firstRead  = 2 << 10   // read buffer of a quiet link
	busyRead   = 16 << 10  // read buffer of a busy one
	keptOut    = 64 << 10  // a larger write buffer is given back after use
	sweepParts = 10        // sweeps in the shortest timer
	leaseAfter = 4         // answers to lone requests in a row before reading is lent
	leaseWary  = 1000      // and so many more after a caller was called back

	maxJoined      = 64 << 10 // octets of one long text that is not whole
	maxSuspects    = 4096     // addresses and names whose wrong passwords, and addresses whose pace, we remember
	maxShut        = 32       // addresses whose connections the kernel drops at once, see shutter: well within the memory that older kernels give a socket's filters
	shutAfter      = 300      // connections of one address turned away within a second, from which on they are
	linesEach      = 10       // lines a second about connections that were not let in or did not bind
	mostCongestion = 100      // congestion_state is a percentage

	defaultWindow      = 10
	defaultVersion     = 0x34
	defaultInit        = 5 * time.Second
	defaultEnquireLink = 30 * time.Second
	defaultResponse    = 10 * time.Second
	defaultHalfPDU     = 10 * time.Second
	defaultWrite       = 10 * time.Second
	defaultMaxConns    = 1000
	defaultAddrPace    = 10 // connections a second of one address that do not bind,
	addrBurst          = 10 // and so many seconds' worth at once
	defaultWrong       = 5
	defaultWrongAddr   = 50
	defaultLockout     = time.Minute
	shutFor            = 10 * time.Second
	leastSweep         = time.Millisecond
	leaseTick          = time.Millisecond // see lease
	lingerTime         = time.Second
	acceptPause        = 50 * time.Millisecond

	firstServerSeq = 0x40000000 // our server's own requests, see newSession
	lastSeq        = 0x7FFFFFFF // SMPP 3.4 §5.1.4
)
