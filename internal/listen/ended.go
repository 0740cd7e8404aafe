package listen

import (
	"context"
	"errors"

	"nocall/internal/dnc"
	"nocall/internal/optout"
	"nocall/internal/voice"
)

// Ended takes in that a call has ended: words that could still change are kept
// as they stand, and the whole conversation is judged once more, as it stands at
// its end. An opt-out that was missed is listed; one that was taken back goes to
// review, and its number stays listed until a person says otherwise. Ended
// returns the call as it is kept then, without its turns. It may be called again.
func (l *Listener) Ended(
	ctx context.Context, env dnc.Environment, callID string,
) (voice.Call, error) {
	ctx = context.WithoutCancel(ctx)
	ear := l.ear(callID)
	ear.Lock()
	defer ear.Unlock()

	failure := l.endCall(ctx, callID)
	call, err := l.Calls.Call(ctx, env, callID)
	if err != nil {
		return voice.Call{}, errors.Join(failure, err)
	}
	if f, preset, ok := l.judgeWhole(ctx, call); ok && missed(call, f) {
		heard, err := l.note(ctx, call, f, preset)
		failure = errors.Join(failure, err)
		if err == nil {
			call.Note(*heard.Finding)
		}
	}
	call.Turns = nil
	return call, failure
}

// endCall keeps the interims of a call that are left, and forgets them.
func (l *Listener) endCall(ctx context.Context, callID string) (failure error) {
	all := func(*interim) bool { return true }
	for _, i := range l.interims.take(callID, all) {
		if i.kept {
			continue
		}
		if err := l.keepNow(ctx, i); err != nil {
			l.interims.put(i) // Run tries again
			failure = errors.Join(failure, err)
		}
	}
	return failure
}

// judgeWhole returns what the whole of a call comes to.
func (l *Listener) judgeWhole(
	ctx context.Context, call voice.Call,
) (voice.Finding, optout.Preset, bool) {
	if !call.OptOutDetection || len(call.Turns) == 0 {
		return voice.Finding{}, "", false
	}
	preset := l.preset(ctx, call.Environment)
	found, ok := l.Detector.Find(conversation(call.Turns), optout.Options{
		Language: languageOf(call.Turns), Preset: preset,
	})
	if !ok {
		return voice.Finding{}, "", false
	}
	return spoken(found, call.Turns[0].Index, call.Turns[found.Turn].At), preset, true
}

// languageOf returns the language of what a contact says on a call, or "" where
// it is not known or changes.
func languageOf(turns []voice.Turn) string {
	language, first := "", true
	for _, t := range turns {
		if t.Speaker != optout.Contact {
			continue
		}
		if !first && t.Language != language {
			return ""
		}
		language, first = t.Language, false
	}
	return language
}

// missed reports whether a call tells more with f, found at its end, than with
// what was found as it went on.
func missed(call voice.Call, f voice.Finding) bool {
	for i := range call.Findings {
		kept := &call.Findings[i]
		if kept.Same(&f) {
			return false
		}
		if kept.Channel == voice.Speech && kept.Turn == f.Turn && f.Doubt != optout.Withdrawn &&
			strength(kept.Verdict) >= strength(f.Verdict) {
			return false
		}
	}
	return true
}

// strength orders verdicts: the stronger asks for more.
func strength(v optout.Verdict) int {
	switch v {
	case optout.OptOut:
		return 3
	case optout.Review:
		return 2
	case optout.Scoped:
		return 1
	}
	return 0
}
