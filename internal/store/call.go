package store

import (
	"context"
	"database/sql"
	"errors"

	"nocall/internal/dnc"
	"nocall/internal/voice"
)

// callColumns are the columns of call that [callRow] reads.
const callColumns = `id, direction, number, caller_id, provider, campaign_id, status,
	disposition, skip_reason, opt_out_detection, revision, by, started_at, answered_at,
	ended_at, findings, turns, rang_at, sip_code, sip_phrase, presses`

// AddCall keeps a new call, with its findings, if any; turns come by AddTurn.
// It returns [dnc.ErrNoEnvironment] where there is none.
func (s *Store) AddCall(ctx context.Context, c voice.Call) error {
	return s.change(ctx, func(x *tx) error { return x.addCall(c) })
}

func (x *tx) addCall(c voice.Call) error {
	l, err := x.list(c.Environment)
	if err != nil {
		return err
	}
	_, err = x.exec(`
		INSERT INTO call (environment_id, `+callColumns+`, opted_out)
		VALUES (`+placeholders(1, 23)+`)`, callArgs(l.id, c)...)
	if err != nil {
		return err
	}
	x.counts[likeOf(l.id, c)]++
	return x.addFindings(l.id, c, 0)
}

// callArgs are the columns of a call, after that of its environment, and whether
// an opt-out was heard on it.
func callArgs(id int64, c voice.Call) []any {
	_, optedOut := c.OptedOut()
	return []any{
		id, c.ID, string(c.Direction), digits(c.Number), digits(c.CallerID), c.Provider,
		c.CampaignID, string(c.Status), string(c.Disposition), string(c.SkipReason),
		c.OptOutDetection, c.Revision, c.By, micros(c.StartedAt), micros(c.AnsweredAt),
		micros(c.EndedAt), int64(len(c.Findings)), int64(c.TurnCount), micros(c.RangAt),
		int64(c.SIPCode), c.SIPPhrase, pressesOf(c.Presses), optedOut,
	}
}

// ChangeCall reads a call with its findings, changes it and writes it back as
// one, and returns it. It returns [voice.ErrNoCall] where there is none, and
// an error of change. Of findings, change may only append; turns are not read,
// and are not written. Change must not use the store, and may be called again
// with what stands then.
func (s *Store) ChangeCall(
	ctx context.Context, env dnc.Environment, id string, change func(*voice.Call) error,
) (voice.Call, error) {
	return write(ctx, s, func(x *tx) (voice.Call, error) {
		l, c, err := x.call(env, id)
		if err != nil {
			return voice.Call{}, err
		}
		return x.changeCall(l.id, c, change)
	})
}

func (x *tx) changeCall(
	id int64, c voice.Call, change func(*voice.Call) error,
) (voice.Call, error) {
	before, had := c, len(c.Findings)
	if err := change(&c); err != nil {
		return voice.Call{}, err
	}
	c.ID, c.Environment, c.TurnCount = before.ID, before.Environment, before.TurnCount
	if err := x.addFindings(id, c, had); err != nil {
		return voice.Call{}, err
	}
	return c, x.writeCall(id, before, c)
}

// writeCall writes what has changed of a call.
func (x *tx) writeCall(id int64, before, after voice.Call) error {
	if sameCall(before, after) {
		return nil
	}
	if was, is := likeOf(id, before), likeOf(id, after); was != is {
		x.counts[was]--
		x.counts[is]++
	}
	_, err := x.exec(`
		UPDATE call
		SET direction = $3, number = $4, caller_id = $5, provider = $6, campaign_id = $7,
			status = $8, disposition = $9, skip_reason = $10, opt_out_detection = $11,
			revision = $12, by = $13, started_at = $14, answered_at = $15, ended_at = $16,
			findings = $17, turns = $18, rang_at = $19, sip_code = $20, sip_phrase = $21,
			presses = $22, opted_out = $23
		WHERE environment_id = $1 AND id = $2`, callArgs(id, after)...)
	return err
}

func sameCall(a, b voice.Call) bool {
	as, bs := callArgs(0, a), callArgs(0, b)
	for i := range as {
		if as[i] != bs[i] {
			return false
		}
	}
	return true
}

// Call returns a call with its turns and findings, or [voice.ErrNoCall].
func (s *Store) Call(ctx context.Context, env dnc.Environment, id string) (voice.Call, error) {
	return s.callWith(ctx, env, id, voice.MaxTurns)
}

// LastTurns returns a call with its findings and its last turns: as many as
// give the next one its context.
func (s *Store) LastTurns(
	ctx context.Context, env dnc.Environment, id string,
) (voice.Call, error) {
	return s.callWith(ctx, env, id, contextTurns-1)
}

// callWith returns a call with its findings and its last turns, or
// [voice.ErrNoCall].
func (s *Store) callWith(
	ctx context.Context, env dnc.Environment, id string, turns int,
) (voice.Call, error) {
	t, err := s.engine.read.BeginTx(ctx, s.engine.snapshot)
	if err != nil {
		return voice.Call{}, err
	}
	defer t.Rollback() // it changes nothing

	query := within(ctx, t)
	var environmentID int64
	err = query(func(r row) error { return r.Scan(&environmentID) }, `
		SELECT id
		FROM environment
		WHERE name = $1 AND id IS NOT NULL`, string(env))
	if err != nil {
		return voice.Call{}, err
	}
	c, err := readCall(query, env, environmentID, id)
	if err != nil {
		return voice.Call{}, err
	}
	c.Turns, err = readTurns(query, id, turns)
	return c, err
}

// OpenCalls returns every call that has not ended, with its findings and
// without its turns.
func (s *Store) OpenCalls(ctx context.Context) ([]voice.Call, error) {
	return s.calls(ctx, `
		SELECT environment.name, `+qualified("call", callColumns)+`
		FROM call
		JOIN environment ON environment.id = call.environment_id
		WHERE call.status <> 'ended'
		ORDER BY call.started_at, call.id`)
}

// calls returns the calls that a query finds, whose first column is the name
// of the environment, with their findings.
func (s *Store) calls(ctx context.Context, text string, args ...any) ([]voice.Call, error) {
	rows, err := s.query(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	var calls []voice.Call
	err = readAll(rows, func(r row) error {
		c, err := callRow(r, true)
		calls = append(calls, c)
		return err
	})
	if err != nil {
		return nil, err
	}
	return calls, s.readFindings(ctx, calls)
}

// call returns a call with its findings, and the list of its environment.
func (x *tx) call(env dnc.Environment, id string) (*list, voice.Call, error) {
	l, err := x.list(env)
	if errors.Is(err, dnc.ErrNoEnvironment) {
		return nil, voice.Call{}, voice.ErrNoCall
	}
	if err != nil {
		return nil, voice.Call{}, err
	}
	c, err := readCall(x.query, env, l.id, id)
	return l, c, err
}

// querier runs a query and reads each of its rows.
type querier func(read func(row) error, text string, args ...any) error

// readCall reads one call with its findings.
func readCall(
	query querier, env dnc.Environment, environmentID int64, id string,
) (voice.Call, error) {
	err := sql.ErrNoRows
	var c voice.Call
	failure := query(func(r row) error {
		c, err = callRow(r, false)
		return err
	}, `
		SELECT `+callColumns+`
		FROM call
		WHERE environment_id = $1 AND id = $2`, environmentID, id)
	if failure != nil {
		return voice.Call{}, failure
	}
	if err != nil {
		return voice.Call{}, voice.ErrNoCall
	}
	c.Environment = env
	if cap(c.Findings) == 0 {
		return c, nil
	}
	return c, query(func(r row) error {
		_, f, err := findingRow(r)
		c.Findings = append(c.Findings, f)
		return err
	}, `
		SELECT `+findingColumns+`
		FROM finding
		WHERE call_id = $1
		ORDER BY place`, id)
}

// callRow reads the columns of call in the order of callColumns, after the
// name of the environment if named. It makes room for the findings.
func callRow(r row, named bool) (voice.Call, error) {
	var c voice.Call
	var number, callerID, startedAt, answeredAt, endedAt, findings, rangAt int64
	var presses string
	dest := []any{
		&c.Environment,
		&c.ID, &c.Direction, &number, &callerID, &c.Provider, &c.CampaignID, &c.Status,
		&c.Disposition, &c.SkipReason, &c.OptOutDetection, &c.Revision, &c.By,
		&startedAt, &answeredAt, &endedAt, &findings, &c.TurnCount, &rangAt, &c.SIPCode,
		&c.SIPPhrase, &presses,
	}
	if !named {
		dest = dest[1:]
	}
	if err := r.Scan(dest...); err != nil {
		return voice.Call{}, err
	}
	c.Number, c.CallerID = number164(number), number164(callerID)
	c.StartedAt, c.RangAt, c.AnsweredAt, c.EndedAt =
		timeOf(startedAt), timeOf(rangAt), timeOf(answeredAt), timeOf(endedAt)
	if findings > 0 {
		c.Findings = make([]voice.Finding, 0, findings)
	}
	var err error
	c.Presses, err = pressesIn(presses)
	return c, err
}
