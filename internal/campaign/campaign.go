// Package campaign has the words for calling many contacts: how an attempt
// ended, and why one was not made.
package campaign

// Disposition says how an attempt ended. The empty disposition is no end yet.
type Disposition string

// How an attempt ends.
const (
	Answered Disposition = "answered"
	Busy     Disposition = "busy"
	NoAnswer Disposition = "no_answer"
	Refused  Disposition = "refused"
	Failed   Disposition = "failed"
	Skipped  Disposition = "skipped"  // no call was placed; a SkipReason says why
	Recalled Disposition = "recalled" // listed while it rang; the SkipReason is SkipDNC
)

// Dispositions lists every disposition, in the order of the constants.
func Dispositions() []Disposition {
	return []Disposition{Answered, Busy, NoAnswer, Refused, Failed, Skipped, Recalled}
}

// SkipReason says why no call was placed, or why one was recalled. The empty
// reason is no skip.
type SkipReason string

// Why a contact is skipped.
const (
	SkipDNC      SkipReason = "dnc"      // on the do-not-call list
	SkipRegistry SkipReason = "registry" // in a registry
	SkipWindow   SkipReason = "window"   // outside the calling window
	SkipLimit    SkipReason = "limit"    // too many attempts
)
