// Package stop names the instants at which a test kills a program by the hardest
// means there is. In a build with the tag stoppoints, MLANGO_STOP=<name>[:n] makes
// the process kill -9 itself the n-th time it passes that point, and
// MLANGO_STOP=@<file> has it look into the file each time; in every other build At
// is an empty function that the compiler removes.
package stop

// The stop points of a payment's way.
const (
	AfterClaim             = "after_claim"               // the hop is claimed, no order is placed
	AfterPlace             = "after_place"               // the order stands in the queue
	AfterCommitBeforeReply = "after_commit_before_reply" // the ledger answered, no screen left
	BeforeSMS              = "before_sms"                // a notice was read, no submit_sm left
	AfterSMSBeforeAck      = "after_sms_before_ack"      // the SMSC took it, the lane is not acknowledged

	AfterJudge   = "after_judge"   // ledgerd: the entry is made, nothing is written
	AfterAppend  = "after_append"  // ledgerd: the journal has it, no sync yet
	AfterSync    = "after_sync"    // ledgerd: durable, not applied
	AfterApply   = "after_apply"   // ledgerd: applied, no feed knows
	BeforeAnswer = "before_answer" // ledgerd: feeds know, nobody was answered
)
