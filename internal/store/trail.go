package store

import (
	"context"
	"strconv"
	"strings"

	"nocall/internal/dnc"
)

// eventColumns are the columns of event that [eventRow] reads.
const eventColumns = `environment, revision, kind, number, new_number, created_by,
	created_at, reason_before, reason_after, by, call_id, at, provisional,
	import_id`

// Trail returns one page of env's trail, newest first. The trail of an
// environment that was removed is still there.
func (s *Store) Trail(
	ctx context.Context, env dnc.Environment, q dnc.TrailQuery,
) (dnc.TrailPage, error) {
	span, err := s.span(ctx, env, q)
	if err != nil {
		return dnc.TrailPage{}, err
	}
	told, err := s.toldOfImports(ctx, env, q)
	if err != nil {
		return dnc.TrailPage{}, err
	}
	c := trailConditions(env, q, span, told)
	page := dnc.TrailPage{Total: int(span.until - span.since)} // it has no holes
	if !q.Number.IsZero() || q.Kind != "" {
		err := s.row(ctx, `
			SELECT COUNT(*)
			FROM event
			WHERE `+c.text(), c.args...).Scan(&page.Total)
		if err != nil {
			return dnc.TrailPage{}, err
		}
	}
	if q.After != 0 {
		c.add(`revision < $`, q.After)
	}
	limit := max(q.Limit, 1)
	if page.Events, err = s.events(ctx, c, limit+1); err != nil {
		return dnc.TrailPage{}, err
	}
	told.fill(page.Events)
	if len(page.Events) > limit {
		page.Events = page.Events[:limit]
		page.Next = page.Events[limit-1].Revision
	}
	return page, nil
}

func (s *Store) events(ctx context.Context, c *conditions, limit int) ([]dnc.Event, error) {
	rows, err := s.query(ctx, `
		SELECT `+eventColumns+`
		FROM event
		WHERE `+c.text()+`
		ORDER BY revision DESC
		LIMIT `+strconv.Itoa(limit), c.args...)
	if err != nil {
		return nil, err
	}
	var events []dnc.Event
	err = readAll(rows, func(r row) error {
		ev, err := eventRow(r)
		events = append(events, ev)
		return err
	})
	return events, err
}

// span is a part of a trail by revisions: from since until before until.
type span struct{ since, until int64 }

// span returns the part of a trail that lies in the time that q asks for.
func (s *Store) span(ctx context.Context, env dnc.Environment, q dnc.TrailQuery) (span, error) {
	var last int64
	err := s.row(ctx, `
		SELECT COALESCE(MAX(revision), 0)
		FROM event
		WHERE environment = $1`, string(env)).Scan(&last)
	if err != nil {
		return span{}, err
	}
	part := span{1, last + 1}
	if !q.Since.IsZero() {
		if part.since, err = s.revisionAt(ctx, env, last, micros(q.Since)); err != nil {
			return span{}, err
		}
	}
	if !q.Until.IsZero() {
		part.until, err = s.revisionAt(ctx, env, last, micros(q.Until))
	}
	part.until = max(part.until, part.since)
	return part, err
}

// revisionAt returns the first revision that came at the given time or later;
// one more than last where there is none. Times rise with revisions, so no
// index of times is needed to find it.
func (s *Store) revisionAt(
	ctx context.Context, env dnc.Environment, last, micros int64,
) (int64, error) {
	low, high := int64(1), last+1
	for low < high {
		middle := low + (high-low)/2
		var at int64
		err := s.row(ctx, `
			SELECT at
			FROM event
			WHERE environment = $1 AND revision = $2`, string(env), middle).Scan(&at)
		if err != nil {
			return 0, err
		}
		if at < micros {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low, nil
}

func trailConditions(
	env dnc.Environment, q dnc.TrailQuery, part span, told toldByImports,
) *conditions {
	c := new(conditions)
	c.add(`environment = $`, string(env))
	c.add(`revision >= $ AND revision < $`, part.since, part.until)
	revisions, args := told.revisions()
	if !q.Number.IsZero() {
		c.add(`(revision IN (
			SELECT revision FROM event WHERE environment = $ AND number = $
			UNION
			SELECT revision FROM event WHERE environment = $ AND new_number = $
				AND new_number <> 0) OR `+revisions+`)`,
			append([]any{
				string(env), digits(q.Number), string(env), digits(q.Number),
			}, args...)...)
	}
	switch {
	case q.Kind == "":
	case len(told) > 0:
		c.add(`(kind = $ OR `+revisions+`)`, append([]any{string(q.Kind)}, args...)...)
	case q.Kind == dnc.Added:
		c.add(`kind = $`, string(q.Kind))
	default:
		c.add(`kind = $ AND kind <> 'added'`, string(q.Kind)) // as the index has it
	}
	return c
}

// writeEvents writes the events of the transaction into the trail.
func (x *tx) writeEvents() error {
	return inChunks(x.events, func(chunk []dnc.Event) error {
		args := make([]any, 0, 14*len(chunk))
		for _, ev := range chunk {
			args = append(args, string(ev.Environment), ev.Revision, string(ev.Kind),
				digits(ev.Number), digits(ev.NewNumber), string(ev.CreatedBy),
				micros(ev.CreatedAt), ev.ReasonBefore, ev.ReasonAfter, ev.By, ev.CallID,
				micros(ev.At), ev.Provisional, ev.Import)
		}
		_, err := x.exec(`
			INSERT INTO event (`+eventColumns+`)
			VALUES `+tuples(len(chunk), 14), args...)
		return err
	})
}

// eventRow reads the columns of event in the order of eventColumns.
func eventRow(r row) (dnc.Event, error) {
	var ev dnc.Event
	var number, newNumber, createdAt, at int64
	err := r.Scan(
		&ev.Environment, &ev.Revision, &ev.Kind, &number, &newNumber, &ev.CreatedBy,
		&createdAt, &ev.ReasonBefore, &ev.ReasonAfter, &ev.By, &ev.CallID, &at,
		&ev.Provisional, &ev.Import)
	ev.Number, ev.NewNumber = number164(number), number164(newNumber)
	ev.CreatedAt, ev.At = timeOf(createdAt), timeOf(at)
	return ev, err
}

// conditions are what a query asks for, all of it, with their arguments.
type conditions struct {
	texts []string
	args  []any
}

// add adds a condition, in which each $ stands for the next of args.
func (c *conditions) add(text string, args ...any) {
	var b strings.Builder
	for part := range strings.SplitSeq(text, "$") {
		if b.Len() > 0 {
			c.args = append(c.args, args[0])
			args = args[1:]
			b.WriteString("$" + strconv.Itoa(len(c.args)))
		}
		b.WriteString(part)
	}
	c.texts = append(c.texts, b.String())
}

// text returns all conditions as one.
func (c *conditions) text() string { return strings.Join(c.texts, " AND ") }
