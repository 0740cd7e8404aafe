package voice

import (
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

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
	Partial  bool // the words may still change: they are judged, and not kept

	// Utterance names what a partial turn revises, and the turn that ends it;
	// "" is whatever the speaker is saying.
	Utterance string
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
