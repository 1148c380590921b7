package ledger

// The limits of the books, in one place. All are part of what the books decide:
// changing one changes the outcome of a replay.
const (
	// MaxAmount bounds one transfer, in minor units, whatever the limits say.
	MaxAmount Amount = 100_000_000_000_000
	// MaxSealedPerson bounds a sealed name and number, in bytes.
	MaxSealedPerson = 512
	// MaxOpenNotices bounds what a consumer may leave unacknowledged of one home
	// operator's notices. Beyond it, transfers that would tell its people by SMS are
	// Overloaded: an operator that is down stops its own and nobody else's. Any other
	// consumer loses its oldest notices there, which the journal still has.
	MaxOpenNotices = 1 << 24
	// MaxHomes bounds the numbers of home operators: the lanes of each take 40 KB once it
	// has told something.
	MaxHomes = 1 << 10
	// MaxGateways, MaxOperators and MaxBundles bound the names that the books hold for
	// ever. A country has tens of gateways and operators, and a new menu every day is a
	// century and more. What one gateway brings is bounded too, by a share that leaves
	// room for all others; a wish that names more is CommandForbidden and leaves no trace.
	MaxGateways  = 4096
	MaxOperators = 4096
	MaxBundles   = 1 << 16
	// MaxWhy bounds what is said of a change of the rules, in bytes; MaxRulesBands the bands
	// that one sets in all.
	MaxWhy        = 64
	MaxRulesBands = 256
	// MaxTries is how many wrong PINs an epoch allows.
	MaxTries = 3
	// MaxReceiptsAsked is how many questions about receipts an account has in each ten
	// minutes of the clock, over all gateways.
	MaxReceiptsAsked = 10

	maxOperatorsEach = 64               // names of operators that one gateway brings
	maxBundlesEach   = 1024             // and hashes of bundles
	idPast           = 10 * minute      // an id may be this much older than leader time
	idAhead          = 5 * second       // and this much newer
	receiptWindow    = 10 * minute      // for MaxReceiptsAsked
	repeatWindow     = 10 * minute      // until SetRepeatWindow
	maxRepeatWindow  = 24 * 60 * minute // bounds what the rule must remember
	maxPosted        = Amount(1) << 62  // bounds an account's debits and its credits
	maxBands         = 64               // of one tariff
	maxVersions      = 8                // of a table that wait for their time
	maxFormer        = 64               // of a table that held once and are still shown
	maxRuled         = 256              // changes of the rules that are still told
	giveUpAtOnce     = 4096             // notices that a consumer which is too far behind loses at a time
	maxGrants        = 4096             // ranges of lanes with an owner, per consumer
	maxOwner         = 64               // bytes of an owner's name
	forgetPerCommit  = 4                // stale repeats dropped with each commit
	forgetPerTick    = 4096             // and with each tick
	expirePerTick    = 1024             // holds and requests that expire with one tick
	overPerTick      = 8 * 4096         // and due times of holds that are over which one tick passes
	maxHold          = MaxHold * day
	milestone        = 64          // lines of an account between two that lead far back
	idLate           = 60 * minute // an id so much older is refused, and the refusal not remembered
	idEarly          = 60 * minute // and so is one that is so much newer
	minHorizon       = 3 * idLate  // of the ids; an hour of them leaves as a whole
	second           = int64(1000) // ms
	minute           = 60 * second
	day              = 24 * 60 * minute
	kindCount        = 10  // kinds of transfer
	expiryLeg        = 255 // ID.Leg of a hold's expiry
	newPINLeg        = 254 // of a new PIN's seal
	receiptRounds    = 10
	receiptTail      = 7 // characters after the date code
)

// What stands in memory and what has left it decides nothing: an answer is the
// same, only later.
const (
	// Horizon is how long ids stay in memory unless Options say otherwise, in ms.
	Horizon = 72 * 60 * minute

	// KeepPages of 64 KiB are what stays in memory of records, and of lines.
	KeepPages = 128

	shedEvery    = 64      // records between two looks at what may leave
	shedPages    = 4       // that leave at once
	shedShards   = 1       // of ids, about 400 each, that leave at once
	frozenBuffer = 1 << 20 // bytes
	maxSiblings  = 64      // aliases of an account among which a mark is looked for
)
