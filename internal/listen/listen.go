// Package listen takes in what is said and pressed on calls, finds the wish
// not to be called again, and lists the number before it answers.
//
// It does not care who placed the call, or whether anybody did: an opt-out in
// an inbound call counts as much. It listens to calls that have ended too, as
// transcripts may come late.
//
// What is clear is listed for good. What is in doubt waits for a person's review,
// and lists the number until then if the environment's preset says so (note.go).
// Words that may still change are judged as they come, and kept once they stand
// (interim.go). When a call ends, all of it is judged once more (ended.go). About
// what is in doubt somebody else may be asked, who can only say yes (opinion.go).
package listen

import (
	"cmp"
	"context"
	"hash/maphash"
	"log/slog"
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

	// Call returns a call with all its turns, or voice.ErrNoCall.
	Call(ctx context.Context, env dnc.Environment, id string) (voice.Call, error)

	// AddTurn appends a turn to a call, or returns voice.ErrNoCall.
	AddTurn(
		ctx context.Context, env dnc.Environment, id string, t voice.Turn,
	) (voice.Call, error)

	// ChangeCall reads a call, changes it and writes it back as one, or
	// returns voice.ErrNoCall, or the error of change.
	ChangeCall(
		ctx context.Context, env dnc.Environment, id string, change func(*voice.Call) error,
	) (voice.Call, error)

	// CallsSince counts the calls of a provider that started at since or later.
	CallsSince(
		ctx context.Context, env dnc.Environment, provider string, since time.Time,
	) (int, error)

	// Review keeps a person's answer to a finding and does what follows from
	// it, as one.
	Review(ctx context.Context, env dnc.Environment, r voice.Review) (voice.Heard, error)
}

// Worlds knows the environments and their settings.
type Worlds interface {
	World(ctx context.Context, env dnc.Environment) (dnc.World, error)
}

// Detector hears what a conversation asks for: [optout.Detector].
type Detector interface {
	Find(turns []optout.Turn, o optout.Options) (optout.Finding, bool)
	FindLast(turns []optout.Turn, o optout.Options) (optout.Finding, bool)
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
	Worlds   Worlds // for the preset of an environment; nil to be cautious everywhere
	Detector Detector
	Log      *slog.Logger // nil for none

	// Second is asked about findings that a person is to look at; nil for none.
	Second voice.SecondOpinion

	once sync.Once // makes seed
	seed maphash.Seed
	ears [256]sync.Mutex // held while something is taken in, each for a share of the calls

	interims interims
	unwanted unwanted
	doubts   doubts
}

// Turn takes in what one side said. When it returns a finding that is listed,
// the contact's number is listed, durably and in force. A turn shows that the
// call was answered.
//
// Turns of one call are taken in one after the other, so that each is judged
// with those before it. Of a partial turn nothing is kept at first: what is
// found in it is provisional, for "don't call me" may go on "before five". Its
// words are kept when they come as the last ones, once they have stood for a
// while (see [Listener.Run]), and when the call ends.
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
	if err != nil {
		return voice.Heard{}, err
	}
	if t.Partial {
		return l.hearPartial(ctx, call, t)
	}
	revised := l.interims.end(call.ID, t)
	for _, i := range revised {
		if i.kept && i.turn.Text == t.Text {
			return i.heard, nil
		}
	}
	heard, err := l.keep(ctx, call, t)
	if err == nil && heard.Finding == nil {
		l.withdrawn(ctx, revised)
	}
	return heard, err
}

// keep judges a turn, said after those of call, and keeps it.
func (l *Listener) keep(
	ctx context.Context, call voice.Call, t voice.Turn,
) (voice.Heard, error) {
	failure := l.answered(ctx, call, t.At)
	var heard voice.Heard
	if f, preset, ok := l.judge(ctx, call, t); ok {
		var err error
		heard, err = l.note(ctx, call, f, preset)
		failure = cmp.Or(err, failure)
	}
	if failure != nil {
		return voice.Heard{}, failure
	}
	if _, err := l.Calls.AddTurn(ctx, call.Environment, call.ID, t); err != nil {
		return voice.Heard{}, err
	}
	l.List.Bell.Ring(call.Environment)
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
		return voice.Heard{}, cmp.Or(failure, l.pressed(ctx, call, keys.Pressed, at))
	}
	found := optout.Finding{
		Verdict: optout.OptOut, Turn: call.TurnCount, Phrase: "key_" + key, Quote: key,
	}
	f := voice.Finding{Finding: found, Channel: voice.Key, At: at}
	heard, err := l.note(ctx, call, f, optout.Cautious)
	return heard, cmp.Or(err, failure)
}

// pressed keeps keys that opt nobody out.
func (l *Listener) pressed(
	ctx context.Context, call voice.Call, keys string, at time.Time,
) error {
	_, err := l.Calls.ChangeCall(ctx, call.Environment, call.ID, func(c *voice.Call) error {
		c.Press(keys, at)
		return nil
	})
	if err == nil {
		l.List.Bell.Ring(call.Environment)
	}
	return err
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

// ear returns the lock under which something is taken in from a call.
func (l *Listener) ear(callID string) *sync.Mutex {
	l.once.Do(func() { l.seed = maphash.MakeSeed() })
	return &l.ears[maphash.String(l.seed, callID)%uint64(len(l.ears))]
}

// whole returns t as times are kept: UTC, whole microseconds.
func whole(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
