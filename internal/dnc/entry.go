package dnc

import (
	"strings"
	"time"
	"unicode/utf8"

	"nocall/internal/e164"
)

// CreatedBy says who put an entry on the list.
type CreatedBy string

// The two ways onto the list.
const (
	User   CreatedBy = "user"   // a person or a program, through any door
	System CreatedBy = "system" // an opt-out heard on a call
)

// ReasonOptOut is the reason of every entry that the system adds.
const ReasonOptOut = "User requested to not be called"

// Reasons that the trail gives for what followed from a person's review.
const (
	ReasonConfirmed = "Reviewed: a request not to be called"
	ReasonReleased  = "Reviewed: no request not to be called"
)

// MaxReason is the greatest length of a reason in characters.
const MaxReason = 500

// Entry is one number on one environment's list.
type Entry struct {
	Environment Environment
	Number      e164.Number
	CreatedBy   CreatedBy
	Reason      string    // optional, as the user wrote it
	User        string    // who added it, a user or a key; "" when CreatedBy is System
	CallID      string    // the call in which the opt-out was heard; "" when CreatedBy is User
	CreatedAt   time.Time // UTC, whole microseconds, different for each entry of an environment
	UpdatedAt   time.Time // moves with an edit; CreatedAt does not
	Provisional bool      // until a person has reviewed what was heard; in force all the same
	Import      string    // that it is of, and is undone with; "" for none
}

// CleanReason returns reason without surrounding white space, control
// characters or broken UTF-8, or [ErrReasonTooLong].
func CleanReason(reason string) (string, error) {
	reason = strings.ToValidUTF8(reason, "\uFFFD")
	reason = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || r == '\r' {
			return ' '
		}
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, reason)
	reason = strings.TrimSpace(reason)
	if utf8.RuneCountInString(reason) > MaxReason {
		return "", ErrReasonTooLong
	}
	return reason, nil
}

// Edit is a change of one entry. A nil field stays as it is.
type Edit struct {
	Environment Environment
	Number      e164.Number // the entry as it stands
	NewNumber   *e164.Number
	NewReason   *string
	By          string // who edits, a user or a key
	At          time.Time
}

// Removal takes one number off a list.
type Removal struct {
	Environment Environment
	Number      e164.Number
	Reason      string // why, for the trail; optional
	By          string // who removes, a user or a key
	At          time.Time
}
