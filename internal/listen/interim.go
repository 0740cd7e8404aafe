package listen

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/optout"
	"nocall/internal/voice"
)

// standing is how long words that may still change must stand unchanged to be
// kept as if they were the last ones.
const standing = 700 * time.Millisecond

// Limits of what is remembered of words that may still change.
const (
	maxInterims = 4096        // of all calls
	maxOfCall   = 8           // of one call: utterances at once
	interimLife = time.Minute // of one that was kept, and whose last words do not come
)

// interim is what a contact is saying, as it was heard last, if an opt-out may
// be in it.
type interim struct {
	environment dnc.Environment
	callID      string
	turn        voice.Turn
	since       time.Time // when it came in these words
	kept        bool      // the turn is kept on its call
	heard       voice.Heard
}

// interims are the interims of all calls, in memory only: another process knows
// nothing of them. What is done to those of one call is done under its ear.
type interims struct {
	once sync.Once
	news chan struct{} // holds one when there is an interim to wait for

	mu    sync.Mutex // guards following
	calls map[string][]*interim
	count int
}

// hearPartial judges words of a contact that may still change, and remembers
// them while an opt-out may be in them.
func (l *Listener) hearPartial(
	ctx context.Context, call voice.Call, t voice.Turn,
) (voice.Heard, error) {
	if t.Speaker != optout.Contact {
		return voice.Heard{}, nil
	}
	if i := l.interims.find(call.ID, t.Utterance); i != nil && i.turn.Text == t.Text {
		return i.heard, nil
	}
	revised := l.interims.take(call.ID, func(i *interim) bool {
		return i.turn.Utterance == t.Utterance
	})
	f, _, ok := l.judge(ctx, call, t)
	if !ok {
		l.withdrawn(ctx, revised)
		return voice.Heard{}, nil
	}
	heard := voice.Heard{Finding: &f, Provisional: true}
	if slices.ContainsFunc(call.Findings, func(kept voice.Finding) bool { return kept.Same(&f) }) {
		return heard, nil // it is noted; the last words will come
	}
	i := &interim{
		environment: call.Environment, callID: call.ID, turn: t, since: time.Now(), heard: heard,
	}
	if l.interims.put(i) {
		return heard, nil
	}
	t.Partial = false
	return l.keep(ctx, call, t) // too many to wait: better too early than never
}

// withdrawn tells that words in which an opt-out may have been were revised to
// others.
func (l *Listener) withdrawn(ctx context.Context, interims []*interim) {
	for _, i := range interims {
		if !i.kept {
			l.log().DebugContext(ctx, "words revised, a provisional finding is withdrawn",
				"call", i.callID, "phrase", i.heard.Finding.Phrase)
		}
	}
}

// Run keeps words that may still change once they have stood for 700 ms, and asks
// for second opinions, until ctx is done; then it keeps the words that are left.
func (l *Listener) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { l.askAll(ctx) })
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-l.interims.given():
		case <-ctx.Done():
			l.keepStanding(context.WithoutCancel(ctx), 0)
			return nil
		}
		timer.Reset(l.keepStanding(ctx, standing))
	}
}

// keepStanding keeps the interims that have stood for so long, and returns after
// what time to look again.
func (l *Listener) keepStanding(ctx context.Context, long time.Duration) time.Duration {
	due, next := l.interims.due(time.Now(), long)
	for _, i := range due {
		if err := l.keepInterim(ctx, i); err != nil {
			l.log().ErrorContext(ctx, "words that stand are not kept", "call", i.callID, "err", err)
		}
	}
	return next
}

// keepInterim keeps the words of i as if they were the last ones, unless others
// have come meanwhile.
func (l *Listener) keepInterim(ctx context.Context, i *interim) error {
	ear := l.ear(i.callID)
	ear.Lock()
	defer ear.Unlock()
	if !l.interims.has(i) {
		return nil
	}
	return l.keepNow(ctx, i)
}

// keepNow is keepInterim under the ear of the call.
func (l *Listener) keepNow(ctx context.Context, i *interim) error {
	ctx = context.WithoutCancel(ctx)
	call, err := l.Calls.LastTurns(ctx, i.environment, i.callID)
	if err == nil {
		t := i.turn
		t.Partial = false
		i.heard, err = l.keep(ctx, call, t)
	}
	if err == nil || errors.Is(err, voice.ErrNoCall) || errors.Is(err, voice.ErrTurns) {
		l.interims.settle(i)
		return err
	}
	l.interims.delay(i, time.Now())
	return err
}

func (l *Listener) log() *slog.Logger {
	if l.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return l.Log
}
