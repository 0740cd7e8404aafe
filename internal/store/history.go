package store

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/voice"
)

// Calls returns one page of the calls of env, newest first, with their
// findings and without their turns.
func (s *Store) Calls(
	ctx context.Context, env dnc.Environment, q voice.CallQuery,
) (voice.CallPage, error) {
	id, err := s.environmentID(ctx, env)
	if err != nil {
		return voice.CallPage{}, err
	}
	c := callConditions(id, q)
	var page voice.CallPage
	if page.Total, err = s.countCalls(ctx, id, q, c); err != nil {
		return voice.CallPage{}, err
	}
	if q.After != "" {
		startedAt, err := s.startedAt(ctx, id, q.After)
		if err != nil {
			return voice.CallPage{}, err
		}
		c.add(`started_at <= $ AND (started_at < $ OR call.id < $)`,
			startedAt, startedAt, q.After)
	}
	limit := max(q.Limit, 1)
	page.Calls, err = s.calls(ctx, `
		SELECT environment.name, `+qualified("call", callColumns)+`
		FROM call
		JOIN environment ON environment.id = call.environment_id
		WHERE `+c.text()+`
		ORDER BY call.started_at DESC, call.id DESC
		LIMIT `+strconv.Itoa(limit+1), c.args...)
	if err != nil {
		return voice.CallPage{}, err
	}
	if len(page.Calls) > limit {
		page.Calls = page.Calls[:limit]
		page.Next = page.Calls[limit-1].ID
	}
	return page, nil
}

// startedAt returns when a call started, or [voice.ErrNoCall].
func (s *Store) startedAt(ctx context.Context, environmentID int64, id string) (int64, error) {
	var at int64
	err := s.row(ctx, `
		SELECT started_at
		FROM call
		WHERE environment_id = $1 AND id = $2`, environmentID, id).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, voice.ErrNoCall
	}
	return at, err
}

func callConditions(environmentID int64, q voice.CallQuery) *conditions {
	c := new(conditions)
	c.add(`call.environment_id = $`, environmentID)
	if !q.Number.IsZero() {
		c.add(`number = $`, digits(q.Number))
	}
	if q.Part != "" {
		c.add(`CAST(number AS TEXT) LIKE $ ESCAPE '\'`, containing(q.Part))
	}
	for _, f := range []struct{ condition, value string }{
		{`direction = $`, string(q.Direction)},
		{`disposition = $`, string(q.Disposition)},
		{`skip_reason = $`, string(q.SkipReason)},
		{`campaign_id = $`, q.CampaignID},
	} {
		if f.value != "" {
			c.add(f.condition, f.value)
		}
	}
	if q.CampaignID != "" {
		c.add(`campaign_id <> ''`) // so that the index over those serves
	}
	if q.OptOut != nil {
		c.add(map[bool]string{true: `opted_out`, false: `NOT opted_out`}[*q.OptOut])
	}
	if words := fold(q.Words); words != "" {
		c.add(`EXISTS (
			SELECT 1
			FROM turn
			WHERE turn.call_id = call.id AND turn.folded LIKE $ ESCAPE '\')`, containing(words))
	}
	if !q.Since.IsZero() {
		c.add(`started_at >= $`, micros(q.Since))
	}
	if !q.Until.IsZero() {
		c.add(`started_at < $`, micros(q.Until))
	}
	return c
}

// containing returns the pattern of LIKE for text that has part in it.
func containing(part string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(part) + "%"
}

// alike is what calls have in common that are counted together.
type alike struct {
	environmentID int64
	direction     voice.Direction
	status        voice.Status
	disposition   campaign.Disposition
	skipReason    campaign.SkipReason
	optedOut      bool
}

func likeOf(environmentID int64, c voice.Call) alike {
	_, optedOut := c.OptedOut()
	return alike{
		environmentID, c.Direction, c.Status, c.Disposition, c.SkipReason, optedOut,
	}
}

// writeCounts writes how many calls more or fewer there are of each kind.
func (x *tx) writeCounts() error {
	for a, n := range x.counts {
		if n == 0 {
			continue
		}
		_, err := x.exec(`
			INSERT INTO call_count (environment_id, direction, status, disposition,
				skip_reason, opted_out, calls)
			VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (environment_id, direction, status, disposition, skip_reason, opted_out)
			DO UPDATE SET calls = call_count.calls + $7`,
			a.environmentID, string(a.direction), string(a.status), string(a.disposition),
			string(a.skipReason), a.optedOut, n)
		if err != nil {
			return err
		}
	}
	return nil
}

// countCalls returns how many calls a query asks for, on all pages. Unless it
// asks for single calls, they have been counted already.
func (s *Store) countCalls(
	ctx context.Context, environmentID int64, q voice.CallQuery, c *conditions,
) (int, error) {
	single := !q.Number.IsZero() || q.Part != "" || q.CampaignID != "" ||
		q.Words != "" || !q.Since.IsZero() || !q.Until.IsZero()
	var total int
	if single {
		err := s.row(ctx, `
			SELECT COUNT(*)
			FROM call
			WHERE `+c.text(), c.args...).Scan(&total)
		return total, err
	}
	err := s.eachCount(ctx, environmentID, func(a alike, n int) {
		if (q.Direction == "" || q.Direction == a.direction) &&
			(q.Disposition == "" || q.Disposition == a.disposition) &&
			(q.SkipReason == "" || q.SkipReason == a.skipReason) &&
			(q.OptOut == nil || *q.OptOut == a.optedOut) {
			total += n
		}
	})
	return total, err
}

// CallsSince counts the calls of a provider in env that started at since or
// later.
func (s *Store) CallsSince(
	ctx context.Context, env dnc.Environment, provider string, since time.Time,
) (n int, err error) {
	id, err := s.environmentID(ctx, env)
	if err != nil {
		return 0, err
	}
	err = s.row(ctx, `
		SELECT COUNT(*)
		FROM call
		WHERE environment_id = $1 AND started_at >= $2 AND provider = $3`,
		id, micros(since), provider).Scan(&n)
	return n, err
}

// CallCounts counts the calls of env that started at since or later; the zero
// time counts all, at once.
func (s *Store) CallCounts(
	ctx context.Context, env dnc.Environment, since time.Time,
) (voice.Counts, error) {
	id, err := s.environmentID(ctx, env)
	if err != nil {
		return voice.Counts{}, err
	}
	counts := voice.Counts{
		Direction:   make(map[voice.Direction]int),
		Disposition: make(map[campaign.Disposition]int),
		SkipReason:  make(map[campaign.SkipReason]int),
	}
	count := func(a alike, n int) {
		counts.Calls += n
		counts.Direction[a.direction] += n
		if a.optedOut {
			counts.OptOuts += n
		}
		if a.disposition != "" {
			counts.Disposition[a.disposition] += n
		}
		if a.skipReason != "" {
			counts.SkipReason[a.skipReason] += n
		}
	}
	if since.IsZero() {
		return counts, s.eachCount(ctx, id, count)
	}
	rows, err := s.query(ctx, `
		SELECT direction, status, disposition, skip_reason, opted_out, COUNT(*)
		FROM call
		WHERE environment_id = $1 AND started_at >= $2
		GROUP BY direction, status, disposition, skip_reason, opted_out`,
		id, micros(since))
	if err != nil {
		return voice.Counts{}, err
	}
	return counts, readCounts(rows, count)
}

// eachCount gives the counts of an environment's calls that are kept.
func (s *Store) eachCount(
	ctx context.Context, environmentID int64, give func(a alike, n int),
) error {
	rows, err := s.query(ctx, `
		SELECT direction, status, disposition, skip_reason, opted_out, calls
		FROM call_count
		WHERE environment_id = $1 AND calls > 0`, environmentID)
	if err != nil {
		return err
	}
	return readCounts(rows, give)
}

func readCounts(rows *sql.Rows, give func(a alike, n int)) error {
	return readAll(rows, func(r row) error {
		var a alike
		var n int
		err := r.Scan(&a.direction, &a.status, &a.disposition, &a.skipReason, &a.optedOut, &n)
		if err == nil {
			give(a, n)
		}
		return err
	})
}
