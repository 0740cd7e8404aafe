package voice

import "time"

// TrunkTest is what came of asking a trunk whether it is there (SIP OPTIONS).
type TrunkTest struct {
	OK           bool          // whether it answered in a way that lets calls be placed
	Code         int           // of its answer; 0 for none
	Reason       string        // of its answer, or why there was none
	Took         time.Duration // until the answer
	Registration string        // off, registered, or what is wrong with it
}
