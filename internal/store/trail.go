package store

import (
	"context"
	"strconv"
	"strings"

	"nocall/internal/dnc"
)

// eventColumns are the columns of event that [eventRow] reads.
const eventColumns = `environment, revision, kind, number, new_number, created_by,
	created_at, reason_before, reason_after, by, call_id, at`

// Trail returns one page of env's trail, newest first. The trail of an
// environment that was removed is still there.
func (s *Store) Trail(
	ctx context.Context, env dnc.Environment, q dnc.TrailQuery,
) (dnc.TrailPage, error) {
	var page dnc.TrailPage
	c := trailConditions(env, q)
	err := s.row(ctx, `
		SELECT COUNT(*)
		FROM event
		WHERE `+c.text(), c.args...).Scan(&page.Total)
	if err != nil {
		return dnc.TrailPage{}, err
	}
	if q.After != 0 {
		c.add(`revision < $`, q.After)
	}
	limit := max(q.Limit, 1)
	rows, err := s.query(ctx, `
		SELECT `+eventColumns+`
		FROM event
		WHERE `+c.text()+`
		ORDER BY revision DESC
		LIMIT `+strconv.Itoa(limit+1), c.args...)
	if err != nil {
		return dnc.TrailPage{}, err
	}
	err = readAll(rows, func(r row) error {
		ev, err := eventRow(r)
		page.Events = append(page.Events, ev)
		return err
	})
	if err != nil {
		return dnc.TrailPage{}, err
	}
	if len(page.Events) > limit {
		page.Events = page.Events[:limit]
		page.Next = page.Events[limit-1].Revision
	}
	return page, nil
}

func trailConditions(env dnc.Environment, q dnc.TrailQuery) *conditions {
	c := new(conditions)
	c.add(`environment = $`, string(env))
	if !q.Number.IsZero() {
		c.add(`revision IN (
			SELECT revision FROM event WHERE environment = $ AND number = $
			UNION
			SELECT revision FROM event WHERE environment = $ AND new_number = $
				AND new_number <> 0)`,
			string(env), digits(q.Number), string(env), digits(q.Number))
	}
	if q.Kind != "" {
		c.add(`kind = $`, string(q.Kind))
	}
	if !q.Since.IsZero() {
		c.add(`at >= $`, micros(q.Since))
	}
	if !q.Until.IsZero() {
		c.add(`at < $`, micros(q.Until))
	}
	return c
}

// writeEvents writes the events of the transaction into the trail.
func (x *tx) writeEvents() error {
	return inChunks(x.events, func(chunk []dnc.Event) error {
		args := make([]any, 0, 12*len(chunk))
		for _, ev := range chunk {
			args = append(args, string(ev.Environment), ev.Revision, string(ev.Kind),
				digits(ev.Number), digits(ev.NewNumber), string(ev.CreatedBy),
				micros(ev.CreatedAt), ev.ReasonBefore, ev.ReasonAfter, ev.By, ev.CallID,
				micros(ev.At))
		}
		_, err := x.exec(`
			INSERT INTO event (`+eventColumns+`)
			VALUES `+tuples(len(chunk), 12), args...)
		return err
	})
}

// eventRow reads the columns of event in the order of eventColumns.
func eventRow(r row) (dnc.Event, error) {
	var ev dnc.Event
	var number, newNumber, createdAt, at int64
	err := r.Scan(
		&ev.Environment, &ev.Revision, &ev.Kind, &number, &newNumber, &ev.CreatedBy,
		&createdAt, &ev.ReasonBefore, &ev.ReasonAfter, &ev.By, &ev.CallID, &at)
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
