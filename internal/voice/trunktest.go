package voice

import (
	"time"

	"nocall/internal/campaign"
)

// TrunkTest is what came of asking a trunk whether it is there (SIP OPTIONS).
type TrunkTest struct {
	OK           bool          // whether it answered in a way that lets calls be placed
	Code         int           // of its answer; 0 for none
	Reason       string        // of its answer, or why there was none
	Took         time.Duration // until the answer
	Registration string        // off, registered, or what is wrong with it
}

// CallTest is what came of a test call, as soon as that was known: when it was
// answered, or had ended without an answer.
type CallTest struct {
	CallID      string
	Disposition campaign.Disposition
	SkipReason  campaign.SkipReason
	Code        int           // of the last answer in SIP; 0 for none
	Reason      string        // of that, or why there was none
	Rang        time.Duration // until it rang; 0 if it did not
	Took        time.Duration // until the answer, or the end
}
