// Package listen takes in what is said and pressed on calls, finds the wish
// not to be called again, and lists the number before it answers.
//
// It does not care who placed the call, or whether anybody did: an opt-out in
// an inbound call counts as much. It listens to calls that have ended too, as
// transcripts may come late.
package listen

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"strings"
	"sync"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/optout"
	"nocall/internal/voice"
)

// Calls keeps the calls that are listened to.
type Calls interface {
	// LastTurns returns a call with its last turns, as many as give the next
	// one its context, or voice.ErrNoCall.
	LastTurns(ctx context.Context, env dnc.Environment, id string) (voice.Call, error)

	// AddTurn appends a turn to a call, or returns voice.ErrNoCall.
	AddTurn(
		ctx context.Context, env dnc.Environment, id string, t voice.Turn,
	) (voice.Call, error)

	// ChangeCall reads a call, changes it and writes it back as one, or
	// returns voice.ErrNoCall, or the error of change.
	ChangeCall(
		ctx context.Context, env dnc.Environment, id string, change func(*voice.Call) error,
	) (voice.Call, error)

	// Review keeps a person's answer to a finding and does what follows from
	// it, as one.
	Review(ctx context.Context, env dnc.Environment, r voice.Review) (voice.Heard, error)
}

// Listener listens to calls. Its exported fields are set once, before use; it
// may be used by many goroutines at once.
//
// What it has heard it takes in to the end, whether or not the caller waits.
// After an error it may be sent again: what was done the first time is not done
// twice. An opt-out that cannot be written down is in force all the same, held in
// memory, and the error is [voice.ErrHeld].
type Listener struct {
	List     *dnc.List
	Calls    Calls
	Detector *optout.Detector

	once sync.Once // makes seed
	seed maphash.Seed
	ears [256]sync.Mutex // held while something is taken in, each for a share of the calls
}

// Turn takes in what one side said. When it returns a finding, the contact's
// number is listed, durably and in force. A turn shows that the call was
// answered.
//
// Turns of one call are taken in one after the other, so that each is judged
// with those before it. Of a partial turn nothing is kept: only when it comes
// with its last words is it judged, for "don't call me" may go on "before
// five".
func (l *Listener) Turn(
	ctx context.Context, env dnc.Environment, callID string, t voice.Turn,
) (voice.Heard, error) {
	if err := t.Validate(); err != nil {
		return voice.Heard{}, err
	}
	ctx = context.WithoutCancel(ctx)
	t.At = whole(t.At)
	ear := l.ear(callID)
	ear.Lock()
	defer ear.Unlock()

	call, err := l.Calls.LastTurns(ctx, env, callID)
	if err != nil || t.Partial {
		return voice.Heard{}, err
	}
	failure := l.answered(ctx, call, t.At)
	var heard voice.Heard
	if found, ok := l.judge(call, t); ok {
		heard, err = l.list(ctx, call, voice.Finding{
			Finding: found, Channel: voice.Speech, At: t.At,
		})
		failure = cmp.Or(err, failure)
	}
	if failure != nil {
		return voice.Heard{}, failure
	}
	if _, err := l.Calls.AddTurn(ctx, env, callID, t); err != nil {
		return voice.Heard{}, err
	}
	l.List.Bell.Ring(env)
	return heard, nil
}

// Keys takes in the keys that the contact pressed. The opt-out key counts
// wherever it stands among them, and whether or not conversations are listened
// to: who presses it has been told what it does.
func (l *Listener) Keys(
	ctx context.Context, env dnc.Environment, callID string, keys voice.Keys,
) (voice.Heard, error) {
	if err := voice.ValidateKeys(keys.Pressed); err != nil {
		return voice.Heard{}, err
	}
	ctx = context.WithoutCancel(ctx)
	at := whole(keys.At)
	ear := l.ear(callID)
	ear.Lock()
	defer ear.Unlock()

	call, err := l.Calls.LastTurns(ctx, env, callID)
	if err != nil {
		return voice.Heard{}, err
	}
	failure := l.answered(ctx, call, at)
	key := cmp.Or(keys.OptOut, voice.DefaultKey)
	if !strings.Contains(keys.Pressed, key) {
		return voice.Heard{}, failure
	}
	found := optout.Finding{
		Verdict: optout.OptOut, Turn: call.TurnCount, Phrase: "key_" + key, Quote: key,
	}
	heard, err := l.list(ctx, call, voice.Finding{Finding: found, Channel: voice.Key, At: at})
	return heard, cmp.Or(err, failure)
}

// Unwanted takes in that the contact refused the call as unwanted, with SIP
// 607 (RFC 8197): an opt-out without a word.
func (l *Listener) Unwanted(
	ctx context.Context, env dnc.Environment, callID string, at time.Time,
) (voice.Heard, error) {
	ctx = context.WithoutCancel(ctx)
	ear := l.ear(callID)
	ear.Lock()
	defer ear.Unlock()

	call, err := l.Calls.LastTurns(ctx, env, callID)
	if err != nil {
		return voice.Heard{}, err
	}
	found := optout.Finding{Verdict: optout.OptOut, Phrase: "sip_607", Quote: "607 Unwanted"}
	return l.list(ctx, call, voice.Finding{
		Finding: found, Channel: voice.Signal, At: whole(at),
	})
}

// answered notes on a call that somebody speaks on it. It comes before a
// listing, which recalls what has not been answered.
func (l *Listener) answered(ctx context.Context, call voice.Call, at time.Time) error {
	if call.Status == voice.InProgress || call.Status == voice.Ended {
		return nil
	}
	_, err := l.Calls.ChangeCall(ctx, call.Environment, call.ID, func(c *voice.Call) error {
		c.Answer(at)
		return nil
	})
	if err == nil {
		l.List.Bell.Ring(call.Environment)
	}
	return err
}

// judge reports whether t, said after the turns of call, is an opt-out.
func (l *Listener) judge(call voice.Call, t voice.Turn) (optout.Finding, bool) {
	if t.Speaker != optout.Contact || !call.OptOutDetection {
		return optout.Finding{}, false
	}
	said := make([]optout.Turn, 0, len(call.Turns)+1)
	for _, t := range append(call.Turns, t) {
		said = append(said, optout.Turn{Speaker: t.Speaker, Text: t.Text})
	}
	found, ok := l.Detector.FindLast(said, optout.Options{Language: t.Language})
	found.Turn = call.TurnCount
	return found, ok
}

// list puts the contact of a call on the list, and then the finding on the
// call: what matters most is done first. A withheld number cannot be listed;
// the finding is kept for a person to look at.
func (l *Listener) list(
	ctx context.Context, call voice.Call, f voice.Finding,
) (voice.Heard, error) {
	heard := voice.Heard{Finding: &f}
	if !call.Number.IsZero() {
		wanted := dnc.Entry{
			Environment: call.Environment, Number: call.Number,
			CreatedBy: dnc.System, Reason: dnc.ReasonOptOut,
			CallID: call.ID, CreatedAt: whole(time.Now()),
		}
		entry, _, err := l.List.Add(ctx, wanted)
		if err != nil {
			return voice.Heard{}, l.hold(wanted, err)
		}
		heard.Entry = &entry
		f.Listed = true
	}
	_, err := l.Calls.ChangeCall(ctx, call.Environment, call.ID, func(c *voice.Call) error {
		c.Note(f)
		return nil
	})
	if err != nil {
		return voice.Heard{}, err
	}
	l.List.Bell.Ring(call.Environment)
	return heard, nil
}

// hold keeps in memory an opt-out that could not be written down because of
// err: it is in force at once, and written down later.
func (l *Listener) hold(e dnc.Entry, err error) error {
	if errors.Is(err, dnc.ErrNoEnvironment) {
		return err
	}
	l.List.Hold(e)
	return fmt.Errorf("%w: %w", voice.ErrHeld, err)
}

// ear returns the lock under which something is taken in from a call.
func (l *Listener) ear(callID string) *sync.Mutex {
	l.once.Do(func() { l.seed = maphash.MakeSeed() })
	return &l.ears[maphash.String(l.seed, callID)%uint64(len(l.ears))]
}

// whole returns t as times are kept: UTC, whole microseconds.
func whole(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
