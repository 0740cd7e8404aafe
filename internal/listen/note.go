package listen

import (
	"context"
	"errors"
	"fmt"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/optout"
	"nocall/internal/voice"
)

// judge returns what the contact asks for in t, said after the turns of call,
// and the preset by which it was judged.
func (l *Listener) judge(
	ctx context.Context, call voice.Call, t voice.Turn,
) (voice.Finding, optout.Preset, bool) {
	if t.Speaker != optout.Contact || !call.OptOutDetection {
		return voice.Finding{}, "", false
	}
	said := conversation(call.Turns, t)
	o := optout.Options{Language: t.Language, Preset: optout.Cautious}
	found, ok := l.Detector.FindLast(said, o)
	if !ok { // what is nothing to the cautious is nothing
		return voice.Finding{}, "", false
	}
	if o.Preset = l.preset(ctx, call.Environment); o.Preset != optout.Cautious {
		found, ok = l.Detector.FindLast(said, o)
	}
	return spoken(found, call.TurnCount-len(call.Turns), t.At), o.Preset, ok
}

// conversation returns turns as the detector takes them.
func conversation(turns []voice.Turn, more ...voice.Turn) []optout.Turn {
	said := make([]optout.Turn, 0, len(turns)+len(more))
	for _, part := range [][]voice.Turn{turns, more} {
		for _, t := range part {
			said = append(said, optout.Turn{Speaker: t.Speaker, Text: t.Text})
		}
	}
	return said
}

// spoken returns what was found in a conversation whose first turn has a place
// in its call.
func spoken(found optout.Finding, first int, at time.Time) voice.Finding {
	found.Turn += first
	if found.Before != nil {
		before := *found.Before
		before.Turn += first
		found.Before = &before
	}
	return voice.Finding{
		Finding: found, Engine: optout.Version, Channel: voice.Speech, At: at,
	}
}

// preset returns the preset of an environment: the cautious one where it has
// none, or that cannot be read.
func (l *Listener) preset(ctx context.Context, env dnc.Environment) optout.Preset {
	if l.Worlds == nil {
		return optout.Cautious
	}
	w, err := l.Worlds.World(ctx, env)
	if err != nil || w.Settings.OptOutPreset == "" {
		return optout.Cautious
	}
	return optout.Preset(w.Settings.OptOutPreset)
}

// note does what follows from a finding on a call: it puts the contact on the
// list, if the preset says so, and then the finding on the call, for what matters
// most is done first. A withheld number cannot be listed; the finding is kept
// for a person to look at. A request that was heard before is not noted again.
func (l *Listener) note(
	ctx context.Context, call voice.Call, f voice.Finding, preset optout.Preset,
) (voice.Heard, error) {
	for i := range call.Findings {
		if call.Findings[i].Same(&f) {
			return l.again(ctx, call, call.Findings[i])
		}
	}
	f.Review = reviewOf(call, f, preset)
	var heard voice.Heard
	if preset.Suppresses(f.Finding) && !call.Number.IsZero() {
		entry, err := l.list(ctx, call, f)
		if err != nil {
			return voice.Heard{}, err
		}
		heard.Entry = &entry
		f.Listed, f.Provisional = true, f.Verdict != optout.OptOut
	}
	kept, err := l.Calls.ChangeCall(ctx, call.Environment, call.ID, func(c *voice.Call) error {
		f = c.Note(f)
		return nil
	})
	if err != nil {
		return voice.Heard{}, err
	}
	if place := kept.Place(f); place >= 0 && f.Review == voice.ReviewOpen {
		l.doubtful(ctx, kept, place)
	}
	heard.Finding = &f
	l.List.Bell.Ring(call.Environment)
	if f.Provisional {
		return l.again(ctx, call, f)
	}
	return heard, nil
}

// reviewOf returns whether a person is to look at a finding: at what is in
// doubt, at a scope without another offered, and at an opt-out whose number is
// withheld.
func reviewOf(call voice.Call, f voice.Finding, preset optout.Preset) voice.ReviewState {
	open := false
	switch f.Verdict {
	case optout.OptOut:
		open = call.Number.IsZero()
	case optout.Review:
		open = true
	case optout.Scoped:
		open = f.Family != "" && preset != optout.Strict
	}
	if open {
		return voice.ReviewOpen
	}
	return ""
}

// again returns what came of a finding that is kept. Its number is listed again
// where it is not any more, as after a release of another finding in the same
// moment; but not where a person has reviewed it.
func (l *Listener) again(
	ctx context.Context, call voice.Call, f voice.Finding,
) (voice.Heard, error) {
	heard := voice.Heard{Finding: &f}
	reviewed := f.Review == voice.Confirmed || f.Review == voice.Released
	if call.Number.IsZero() || !f.Listed && !reviewed {
		return heard, nil
	}
	entry, err := l.List.Entry(ctx, call.Environment, call.Number)
	switch {
	case errors.Is(err, dnc.ErrNotListed) && reviewed:
		return heard, nil
	case errors.Is(err, dnc.ErrNotListed),
		err == nil && entry.Provisional && f.Verdict == optout.OptOut && !reviewed:
		entry, err = l.list(ctx, call, f)
	}
	if err != nil {
		return voice.Heard{}, err
	}
	heard.Entry = &entry
	return heard, nil
}

// list puts the contact of a call on the list, until a person has looked unless
// f is a clear opt-out.
func (l *Listener) list(
	ctx context.Context, call voice.Call, f voice.Finding,
) (dnc.Entry, error) {
	wanted := dnc.Entry{
		Environment: call.Environment, Number: call.Number,
		CreatedBy: dnc.System, Reason: dnc.ReasonOptOut,
		CallID: call.ID, CreatedAt: whole(time.Now()),
		Provisional: f.Verdict != optout.OptOut,
	}
	entry, _, err := l.List.Add(ctx, wanted)
	if err != nil {
		return dnc.Entry{}, l.hold(wanted, err)
	}
	return entry, nil
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
