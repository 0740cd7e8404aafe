package store

import (
	"context"
	"errors"
	"slices"

	"nocall/internal/dnc"
	"nocall/internal/voice"
)

// Review keeps a person's answer to a finding and does what follows from it, as
// one. It returns the finding, and the entry of its number if that is listed
// then. The same answer again changes nothing.
//
// What is confirmed is listed for good. What is released comes off the list
// again, if its entry is provisional and nothing else that was heard holds it.
//
// It returns [voice.ErrNoCall], [voice.ErrNoFinding], or [voice.ErrReviewed]
// where another answer was given before.
func (s *Store) Review(
	ctx context.Context, env dnc.Environment, r voice.Review,
) (voice.Heard, error) {
	return write(ctx, s, func(x *tx) (voice.Heard, error) { return x.review(env, r) })
}

func (x *tx) review(env dnc.Environment, r voice.Review) (voice.Heard, error) {
	l, before, err := x.call(env, r.CallID)
	if err != nil {
		return voice.Heard{}, err
	}
	if r.Place < 0 || r.Place >= len(before.Findings) {
		return voice.Heard{}, voice.ErrNoFinding
	}
	after := before
	after.Findings = slices.Clone(before.Findings)
	f := &after.Findings[r.Place]
	if f.Review != r.Answer {
		if f.Review == voice.Confirmed || f.Review == voice.Released {
			return voice.Heard{}, voice.ErrReviewed
		}
		f.Review, f.ReviewedBy, f.ReviewedAt = r.Answer, r.By, r.At
		if err := x.follow(l, before, r); err != nil {
			return voice.Heard{}, err
		}
		f.Listed = f.Listed || r.Answer == voice.Confirmed && !before.Number.IsZero()
		if err := x.writeReview(r, *f); err != nil {
			return voice.Heard{}, err
		}
		if err := x.writeCall(l.id, before, after); err != nil {
			return voice.Heard{}, err
		}
	}
	heard := voice.Heard{Finding: f}
	e, err := x.entry(env, l.id, before.Number)
	if err == nil {
		heard.Entry = &e
	}
	if errors.Is(err, dnc.ErrNotListed) {
		err = nil
	}
	return heard, err
}

func (x *tx) writeReview(r voice.Review, f voice.Finding) error {
	_, err := x.exec(`
		UPDATE finding
		SET review = $3, reviewed_by = $4, reviewed_at = $5, listed = $6
		WHERE call_id = $1 AND place = $2`,
		r.CallID, int64(r.Place), string(f.Review), f.ReviewedBy, micros(f.ReviewedAt), f.Listed)
	return err
}

// follow does to the list what follows from a review of a finding on c.
func (x *tx) follow(l *list, c voice.Call, r voice.Review) error {
	if c.Number.IsZero() {
		return nil
	}
	e, err := x.entry(c.Environment, l.id, c.Number)
	listed := err == nil
	if err != nil && !errors.Is(err, dnc.ErrNotListed) {
		return err
	}
	switch {
	case r.Answer == voice.Confirmed && !listed:
		return x.addConfirmed(l, c, r)
	case r.Answer == voice.Confirmed && e.Provisional:
		return x.confirmEntry(l, e, r)
	case r.Answer == voice.Released && listed && e.Provisional:
		return x.releaseEntry(l, e, r)
	}
	return nil
}

// addConfirmed lists the number of c, of which a person says that it was asked
// for.
func (x *tx) addConfirmed(l *list, c voice.Call, r voice.Review) error {
	e := dnc.Entry{
		Environment: c.Environment, Number: c.Number, CreatedBy: dnc.System,
		Reason: dnc.ReasonOptOut, CallID: c.ID, CreatedAt: r.At,
	}
	ev := added(e)
	ev.By = r.By
	e.CreatedAt = x.note(l, ev).At
	e.UpdatedAt = e.CreatedAt
	return x.insertEntries([]dnc.Entry{e})
}

func (x *tx) confirmEntry(l *list, e dnc.Entry, r voice.Review) error {
	return x.makeDefinite([]dnc.Entry{x.noteConfirmed(l, e, dnc.Event{
		Environment: e.Environment, Number: e.Number, CreatedBy: e.CreatedBy,
		CreatedAt: e.CreatedAt, ReasonAfter: dnc.ReasonConfirmed, By: r.By, CallID: r.CallID,
		At: r.At,
	})})
}

// releaseEntry takes a provisional entry away, unless something else that was
// heard holds it.
func (x *tx) releaseEntry(l *list, e dnc.Entry, r voice.Review) error {
	held, err := x.exists(`
		SELECT 1
		FROM call
		JOIN finding ON finding.call_id = call.id
		WHERE call.environment_id = $1 AND call.number = $2 AND call.findings > 0
			AND finding.listed AND finding.review IN ('open', 'confirmed')
			AND (finding.call_id <> $3 OR finding.place <> $4)
		LIMIT 1`, l.id, digits(e.Number), r.CallID, int64(r.Place))
	if err != nil || held {
		return err
	}
	return x.removeEntry(dnc.Removal{
		Environment: e.Environment, Number: e.Number, Reason: dnc.ReasonReleased,
		By: r.By, At: r.At,
	})
}
