package voice

import (
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"nocall/internal/dnc"
	"nocall/internal/optout"
)

// MaxText is the greatest length of a turn's text in bytes.
const MaxText = 16 << 10

// MaxTurns is the greatest number of turns that are kept of one call.
const MaxTurns = 10_000

// MaxKeys is the greatest number of keys pressed at once.
const MaxKeys = 64

// Errors of turns and keys.
var (
	ErrSpeaker     = errors.New("voice: speaker is neither contact nor agent")
	ErrText        = errors.New("voice: text of a turn is empty or not UTF-8")
	ErrTextTooLong = fmt.Errorf("voice: text of a turn is longer than %d bytes", MaxText)
	ErrKeys        = fmt.Errorf("voice: keys want 1 to %d of 0-9, A-D, * and #", MaxKeys)
	ErrTurns       = fmt.Errorf("voice: call has %d turns, no more are kept", MaxTurns)

	// ErrHeld says that an opt-out is in force but only in memory, as it could
	// not be written down yet.
	ErrHeld = errors.New("voice: opt-out is in force, but not written down yet")
)

// Turn is what one side said before the other spoke.
type Turn struct {
	Index    int // place in the call, from 0
	Speaker  optout.Speaker
	Text     string
	Language string // IETF tag; "" if unknown
	At       time.Time
	Partial  bool // the words may still change: they are neither kept nor judged
}

// Validate reports what is wrong with a turn that came from outside.
func (t Turn) Validate() error {
	switch {
	case t.Speaker != optout.Contact && t.Speaker != optout.Agent:
		return ErrSpeaker
	case len(t.Text) > MaxText:
		return ErrTextTooLong
	case t.Text == "" || !utf8.ValidString(t.Text):
		return ErrText
	}
	return nil
}

// ValidateKeys reports whether keys can have been pressed on a telephone.
func ValidateKeys(keys string) error {
	if keys == "" || len(keys) > MaxKeys {
		return ErrKeys
	}
	for i := range len(keys) {
		c := keys[i]
		onPhone := c >= '0' && c <= '9' || c >= 'A' && c <= 'D' || c == '*' || c == '#'
		if !onPhone {
			return ErrKeys
		}
	}
	return nil
}

// DefaultKey is the key that opts out unless a campaign or an agent says
// otherwise.
const DefaultKey = "9"

// Keys are what a contact pressed, one key or several at once.
type Keys struct {
	Pressed string
	OptOut  string // the key that opts out on this call; "" for DefaultKey
	At      time.Time
}

// Channel says through which channel an opt-out came.
type Channel string

// The channels of an opt-out on a call.
const (
	Speech Channel = "speech"
	Key    Channel = "key"    // a keypress
	Signal Channel = "signal" // SIP 607 Unwanted, RFC 8197
)

// Finding is an opt-out found on a call. For a channel other than speech the
// words are those of the channel: the keys, or the signal.
type Finding struct {
	optout.Finding
	Engine      string // the version of the detector that found it; "" where nothing was said
	Channel     Channel
	At          time.Time
	Listed      bool // false where the caller withheld their number, or nothing was to be listed
	Provisional bool // it was listed until a person has looked
	Review      ReviewState
	ReviewedBy  string // the user or key; "" while none has
	ReviewedAt  time.Time
}

// ReviewState says how far a person's look at a finding has come.
type ReviewState string

// The states of a review. A clear opt-out needs none: its state is "".
const (
	ReviewOpen ReviewState = "open"
	Confirmed  ReviewState = "confirmed" // it was an opt-out: its number stays listed
	Released   ReviewState = "released"  // it was not: its number is off the list again
)

// Heard is what came of a turn or of keys: nothing, or a finding and the entry
// that stands on the list for it.
type Heard struct {
	Finding *Finding
	Entry   *dnc.Entry // nil where nothing could be listed, see Finding.Listed
}
