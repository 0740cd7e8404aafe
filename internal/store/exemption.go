package store

import (
	"context"
	"errors"
	"strconv"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/registry"
)

// exemptionColumns are the columns of exemption that [exemptionRow] reads.
const exemptionColumns = `id, number, ground, registry, evidence, since, until, created_at,
	created_by, ended_at, ended_by`

// exemptionsText asks for exemptions, up to a condition.
var exemptionsText = `
	SELECT environment.name, ` + qualified("exemption", exemptionColumns) + `
	FROM exemption
	JOIN environment ON environment.id = exemption.environment_id
	WHERE `

// AllExemptions implements [registry.Store].
func (s *Store) AllExemptions(ctx context.Context) ([]registry.Exemption, error) {
	return readExemptions(s.reading(ctx), `TRUE`)
}

// Exemptions implements [registry.Store]. It returns [dnc.ErrNoEnvironment] where
// there is none.
func (s *Store) Exemptions(
	ctx context.Context, env dnc.Environment, q registry.ExemptionQuery,
) (registry.ExemptionPage, error) {
	id, err := s.environmentID(ctx, env)
	if err != nil {
		return registry.ExemptionPage{}, err
	}
	c := new(conditions)
	c.add(`exemption.environment_id = $`, id)
	if !q.Number.IsZero() {
		c.add(`exemption.number = $`, digits(q.Number))
	}
	var page registry.ExemptionPage
	err = s.row(ctx, `
		SELECT COUNT(*)
		FROM exemption
		WHERE `+c.text(), c.args...).Scan(&page.Total)
	if err != nil {
		return page, err
	}
	if q.After != "" {
		c.add(`exemption.id < $`, q.After)
	}
	limit := max(q.Limit, 1)
	c.args = append(c.args, int64(limit+1))
	page.Exemptions, err = readExemptions(s.reading(ctx), c.text()+`
		ORDER BY exemption.id DESC
		LIMIT $`+strconv.Itoa(len(c.args)), c.args...)
	if page.More = len(page.Exemptions) > limit; page.More {
		page.Exemptions = page.Exemptions[:limit]
	}
	return page, err
}

// readExemptions reads the exemptions for which condition holds.
func readExemptions(
	query querier, condition string, args ...any,
) ([]registry.Exemption, error) {
	var all []registry.Exemption
	err := query(func(r row) error {
		e, err := exemptionRow(r)
		all = append(all, e)
		return err
	}, exemptionsText+condition, args...)
	return all, err
}

// exemptionRow reads the name of an environment, and the columns of exemption in
// the order of exemptionColumns.
func exemptionRow(r row) (registry.Exemption, error) {
	var e registry.Exemption
	var number, since, until, createdAt, endedAt int64
	err := r.Scan(&e.Environment, &e.ID, &number, &e.Ground, &e.Registry, &e.Evidence, &since,
		&until, &createdAt, &e.By, &endedAt, &e.EndedBy)
	e.Number = e164.FromUint64(uint64(number))
	e.Since, e.Until = timeOf(since), timeOf(until)
	e.CreatedAt, e.EndedAt = timeOf(createdAt), timeOf(endedAt)
	return e, err
}

// AddExemption implements [registry.Store]. It leaves an event in the trail, and
// returns [dnc.ErrNoEnvironment] where there is no environment.
func (s *Store) AddExemption(ctx context.Context, e registry.Exemption) error {
	return s.change(ctx, func(x *tx) error {
		l, err := x.list(e.Environment)
		if err != nil {
			return err
		}
		_, err = x.exec(`
			INSERT INTO exemption (environment_id, `+exemptionColumns+`)
			VALUES (`+placeholders(1, 12)+`)`,
			l.id, e.ID, digits(e.Number), string(e.Ground), e.Registry, e.Evidence,
			micros(e.Since), micros(e.Until), micros(e.CreatedAt), e.By, micros(e.EndedAt),
			e.EndedBy)
		if err != nil {
			return err
		}
		x.note(l, dnc.Event{
			Environment: e.Environment, Kind: dnc.Exempted, Number: e.Number, By: e.By,
			ReasonAfter: e.Evidence, At: e.CreatedAt,
		})
		return nil
	})
}

// EndExemption implements [registry.Store]. It leaves an event in the trail.
func (s *Store) EndExemption(
	ctx context.Context, env dnc.Environment, id, by string, at time.Time,
) (registry.Exemption, error) {
	return write(ctx, s, func(x *tx) (registry.Exemption, error) {
		l, err := x.list(env)
		if errors.Is(err, dnc.ErrNoEnvironment) {
			err = registry.ErrNoExemption
		}
		if err != nil {
			return registry.Exemption{}, err
		}
		found, err := readExemptions(x.query, `exemption.environment_id = $1 AND exemption.id = $2
			AND exemption.ended_at = 0`, l.id, id)
		e, err := only(found, err, registry.ErrNoExemption)
		if err != nil {
			return e, err
		}
		e.EndedAt, e.EndedBy = at, by
		_, err = x.exec(`
			UPDATE exemption
			SET ended_at = $3, ended_by = $4
			WHERE environment_id = $1 AND id = $2`, l.id, id, micros(at), by)
		if err != nil {
			return e, err
		}
		x.note(l, dnc.Event{
			Environment: env, Kind: dnc.ExemptionEnded, Number: e.Number, By: by,
			ReasonBefore: e.Evidence, At: at,
		})
		return e, nil
	})
}
