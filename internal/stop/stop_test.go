package stop

import "testing"

func TestPassedUnlessNamed(t *testing.T) {
	t.Setenv("MLANGO_STOP", "")
	for _, name := range []string{AfterClaim, AfterPlace, AfterCommitBeforeReply, BeforeSMS, AfterSMSBeforeAck, "none"} {
		At(name)
	}
}
