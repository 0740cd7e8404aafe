package store

import (
	"context"
	"slices"
	"strings"

	"nocall/internal/dnc"
	"nocall/internal/voice"
)

// contextTurns is how many turns AddTurn returns: what was said last.
const contextTurns = 50

// AddTurn appends a turn to a call, at the next place, and returns the call
// with its findings and its last turns, the new one included: at most 50, so
// that a long call costs no more than a short one. It returns
// [voice.ErrNoCall] where there is none, and [voice.ErrTurns] for a call that
// has [voice.MaxTurns].
func (s *Store) AddTurn(
	ctx context.Context, env dnc.Environment, id string, t voice.Turn,
) (voice.Call, error) {
	return write(ctx, s, func(x *tx) (voice.Call, error) { return x.addTurn(env, id, t) })
}

func (x *tx) addTurn(env dnc.Environment, id string, t voice.Turn) (voice.Call, error) {
	l, c, err := x.call(env, id)
	if err != nil {
		return voice.Call{}, err
	}
	if c.TurnCount >= voice.MaxTurns {
		return voice.Call{}, voice.ErrTurns
	}
	if c.Turns, err = readTurns(x.query, id, contextTurns-1); err != nil {
		return voice.Call{}, err
	}
	t.Index = c.TurnCount
	_, err = x.exec(`
		INSERT INTO turn (call_id, place, speaker, text, folded, language, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		id, int64(t.Index), string(t.Speaker), t.Text, fold(t.Text), t.Language, micros(t.At))
	if err != nil {
		return voice.Call{}, err
	}
	before := c
	c.Turns = append(c.Turns, t)
	c.TurnCount++
	return c, x.writeCall(l.id, before, c)
}

// readTurns reads the last turns of a call, in order.
func readTurns(query querier, callID string, last int) ([]voice.Turn, error) {
	var turns []voice.Turn
	err := query(func(r row) error {
		t, err := turnRow(r)
		turns = append(turns, t)
		return err
	}, `
		SELECT place, speaker, text, language, at
		FROM turn
		WHERE call_id = $1
		ORDER BY place DESC
		LIMIT $2`, callID, int64(last))
	slices.Reverse(turns)
	return turns, err
}

func turnRow(r row) (voice.Turn, error) {
	var t voice.Turn
	var at int64
	err := r.Scan(&t.Index, &t.Speaker, &t.Text, &t.Language, &at)
	t.At = timeOf(at)
	return t, err
}

// fold returns text as words are searched in it: in one case, whichever the
// script, with single spaces.
func fold(text string) string {
	return strings.Join(strings.Fields(strings.ToLower(strings.ToUpper(text))), " ")
}
