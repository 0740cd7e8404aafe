package listen

import (
	"context"
	"sync"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/optout"
	"nocall/internal/voice"
)

// How many calls a provider may refuse as unwanted within a while, and in which
// share of its calls, before it is doubted that people say so.
const (
	unwantedMost  = 10
	unwantedWhile = time.Minute
	unwantedShare = 2 // one in so many
)

// Burst is the family of a SIP 607 among so many that it may be the network's
// doing, or a machine's, and not the contact's.
const Burst = "unwanted_burst"

// unwanted counts the calls that providers refused as unwanted of late.
type unwanted struct {
	mu    sync.Mutex // guards following
	since map[provider][]time.Time
}

// provider is one provider of one environment.
type provider struct {
	environment dnc.Environment
	name        string
}

// Unwanted takes in that the contact refused the call as unwanted, with SIP
// 607 (RFC 8197): an opt-out without a word. Where a provider refuses most of
// its calls so all of a sudden, further ones are for a person to review.
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
	for _, f := range call.Findings {
		if f.Channel == voice.Signal {
			return l.again(ctx, call, f)
		}
	}
	f := voice.Finding{Channel: voice.Signal, At: whole(at), Finding: optout.Finding{
		Verdict: optout.OptOut, Phrase: "sip_607", Quote: "607 Unwanted",
	}}
	if l.burst(ctx, call) {
		f.Verdict, f.Doubt, f.Family = optout.Review, optout.Ambiguous, Burst
	}
	return l.note(ctx, call, f, l.preset(ctx, env))
}

// burst counts a call that was refused as unwanted, and reports whether that is
// one of too many. Where it cannot be known, it is not.
func (l *Listener) burst(ctx context.Context, call voice.Call) bool {
	at := time.Now()
	n := l.unwanted.count(provider{call.Environment, call.Provider}, at)
	if n <= unwantedMost {
		return false
	}
	calls, err := l.Calls.CallsSince(
		ctx, call.Environment, call.Provider, at.Add(-unwantedWhile))
	return err == nil && n*unwantedShare > calls
}

// count counts one more at the time, and returns how many there were within a
// while. What is older is forgotten.
func (u *unwanted) count(p provider, at time.Time) int {
	u.mu.Lock()
	defer u.mu.Unlock()
	for q, since := range u.since {
		for len(since) > 0 && at.Sub(since[0]) >= unwantedWhile {
			since = since[1:]
		}
		u.since[q] = since
		if len(since) == 0 {
			delete(u.since, q)
		}
	}
	if u.since == nil {
		u.since = make(map[provider][]time.Time)
	}
	u.since[p] = append(u.since[p], at)
	return len(u.since[p])
}
