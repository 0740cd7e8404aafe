// Package listen takes in what is said and pressed on calls, finds the wish
// not to be called again, and lists the number before it answers.
//
// It does not care who placed the call, or whether anybody did: an opt-out in
// an inbound call counts as much. It listens to calls that have ended too, as
// transcripts may come late.
package listen

import (
	"context"
	"strings"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/optout"
	"nocall/internal/voice"
)

// DefaultKey is the key that opts out unless a campaign or an agent says
// otherwise.
const DefaultKey = "9"

// Calls keeps the calls that are listened to.
type Calls interface {
	// AddTurn appends a turn to a call and returns the call with all its
	// turns, or voice.ErrNoCall.
	AddTurn(
		ctx context.Context, env dnc.Environment, id string, t voice.Turn,
	) (voice.Call, error)

	// ChangeCall reads a call, changes it and writes it back as one, or
	// returns voice.ErrNoCall, or the error of change.
	ChangeCall(
		ctx context.Context, env dnc.Environment, id string, change func(*voice.Call) error,
	) (voice.Call, error)
}

// Listener listens to calls. Its fields are set once, before use; it may be
// used by many goroutines at once.
type Listener struct {
	List     *dnc.List
	Calls    Calls
	Detector *optout.Detector
	Key      string // the key that opts out; "" for DefaultKey
}

// Turn takes in what one side said. When it returns a finding, the contact's
// number is listed, durably and in force. A turn of the contact also shows
// that the call was answered.
func (l *Listener) Turn(
	ctx context.Context, env dnc.Environment, callID string, t voice.Turn,
) (voice.Heard, error) {
	if err := t.Validate(); err != nil {
		return voice.Heard{}, err
	}
	call, err := l.Calls.AddTurn(ctx, env, callID, t)
	if err != nil {
		return voice.Heard{}, err
	}
	defer l.List.Bell.Ring(env)
	if call, err = l.answered(ctx, call, t.At); err != nil {
		return voice.Heard{}, err
	}
	if t.Speaker != optout.Contact || !call.OptOutDetection {
		return voice.Heard{}, nil
	}

	found, ok := l.Detector.FindLast(words(call.Turns), t.Language)
	if !ok {
		return voice.Heard{}, nil
	}
	found.Turn = call.Turns[len(call.Turns)-1].Index
	return l.list(ctx, call, voice.Finding{Finding: found, Channel: voice.Speech, At: t.At})
}

// Keys takes in the keys that the contact pressed. The opt-out key counts
// whether or not conversations are listened to: who presses it has been told
// what it does.
func (l *Listener) Keys(
	ctx context.Context, env dnc.Environment, callID, keys string, at time.Time,
) (voice.Heard, error) {
	if err := voice.ValidateKeys(keys); err != nil {
		return voice.Heard{}, err
	}
	call, err := l.Calls.ChangeCall(ctx, env, callID, func(c *voice.Call) error {
		c.Answer(at)
		return nil
	})
	if err != nil {
		return voice.Heard{}, err
	}
	defer l.List.Bell.Ring(env)

	key := l.Key
	if key == "" {
		key = DefaultKey
	}
	if !strings.Contains(keys, key) {
		return voice.Heard{}, nil
	}
	found := optout.Finding{Turn: call.TurnCount, Phrase: "key_" + key, Quote: key}
	return l.list(ctx, call, voice.Finding{Finding: found, Channel: voice.Key, At: at})
}

// Unwanted takes in that the contact refused the call as unwanted, with SIP
// 607 (RFC 8197): an opt-out without a word.
func (l *Listener) Unwanted(
	ctx context.Context, env dnc.Environment, callID string, at time.Time,
) (voice.Heard, error) {
	call, err := l.Calls.ChangeCall(ctx, env, callID, func(*voice.Call) error { return nil })
	if err != nil {
		return voice.Heard{}, err
	}
	defer l.List.Bell.Ring(env)
	found := optout.Finding{Phrase: "sip_607", Quote: "607 Unwanted"}
	return l.list(ctx, call, voice.Finding{Finding: found, Channel: voice.Signal, At: at})
}

// answered notes on a call that somebody speaks on it.
func (l *Listener) answered(
	ctx context.Context, call voice.Call, at time.Time,
) (voice.Call, error) {
	if call.Status == voice.InProgress || call.Status == voice.Ended {
		return call, nil
	}
	turns := call.Turns
	call, err := l.Calls.ChangeCall(ctx, call.Environment, call.ID, func(c *voice.Call) error {
		c.Answer(at)
		return nil
	})
	call.Turns = turns
	return call, err
}

// list puts the contact of a call on the list, and then the finding on the
// call: what matters most is done first. A withheld number cannot be listed;
// the finding is kept for a person to look at.
func (l *Listener) list(
	ctx context.Context, call voice.Call, f voice.Finding,
) (voice.Heard, error) {
	heard := voice.Heard{Finding: &f}
	if !call.Number.IsZero() {
		entry, _, err := l.List.Add(ctx, dnc.Entry{
			Environment: call.Environment, Number: call.Number,
			CreatedBy: dnc.System, Reason: dnc.ReasonOptOut,
			CallID: call.ID, CreatedAt: f.At,
		})
		if err != nil {
			return voice.Heard{}, err
		}
		heard.Entry = &entry
		f.Listed = true
	}
	_, err := l.Calls.ChangeCall(ctx, call.Environment, call.ID, func(c *voice.Call) error {
		c.Findings = append(c.Findings, f)
		return nil
	})
	return heard, err
}

func words(turns []voice.Turn) []optout.Turn {
	said := make([]optout.Turn, len(turns))
	for i, t := range turns {
		said[i] = optout.Turn{Speaker: t.Speaker, Text: t.Text}
	}
	return said
}
