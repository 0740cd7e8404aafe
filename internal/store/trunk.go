package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/voice"
)

// Sealer seals secrets, so that nobody reads them out of the database. What
// was sealed about one thing cannot be opened about another.
type Sealer interface {
	Seal(plain, about string) (string, error)
	Open(sealed, about string) (string, error)
}

// ErrNoSealer reports a secret that a store without a [Sealer] is to keep, or
// to give.
var ErrNoSealer = errors.New("store: there is no key to seal secrets with")

// SealWith has secrets sealed by a sealer. It is called once, before the store
// is used.
func (s *Store) SealWith(sealer Sealer) { s.sealer = sealer }

// trunkColumns are the columns of trunk that [Store.trunkRow] reads.
const trunkColumns = `name, kind, address, transport, username, password, register, proxy,
	failover, tech_prefix, caller_id, srtp, unwanted, max_calls, created_at`

// trunksText asks for trunks, up to a condition.
var trunksText = `
	SELECT environment.name, ` + qualified("trunk", trunkColumns) + `
	FROM trunk
	JOIN environment ON environment.id = trunk.environment_id
	WHERE `

// AddTrunk keeps a new trunk. It returns [dnc.ErrNoEnvironment] where there is
// none, [voice.ErrExists] for a name that is taken, and [ErrNoSealer] for a
// password that cannot be sealed.
func (s *Store) AddTrunk(ctx context.Context, t voice.Trunk) error {
	return s.change(ctx, func(x *tx) error {
		l, err := x.roomFor(trunks, t.Environment, t.Name)
		if err != nil {
			return err
		}
		args, err := s.trunkArgs(l.id, t)
		if err != nil {
			return err
		}
		_, err = x.exec(`
			INSERT INTO trunk (environment_id, `+trunkColumns+`)
			VALUES (`+placeholders(1, 16)+`)`, args...)
		return err
	})
}

// trunkArgs are the columns of a trunk, after that of its environment.
func (s *Store) trunkArgs(environmentID int64, t voice.Trunk) ([]any, error) {
	password, err := s.seal(t)
	if err != nil {
		return nil, err
	}
	failover, err := jsonTexts(t.Failover)
	if err != nil {
		return nil, err
	}
	return []any{
		environmentID, t.Name, t.Kind, t.Address, t.Transport, t.Username, password,
		t.Register, t.Proxy, failover[0], t.TechPrefix, digits(t.CallerID), t.SRTP, t.Unwanted,
		int64(t.MaxCalls), micros(t.CreatedAt),
	}, nil
}

// seal returns the password of a trunk as it is stored.
func (s *Store) seal(t voice.Trunk) (string, error) {
	if t.Password == "" {
		return "", nil
	}
	if s.sealer == nil {
		return "", ErrNoSealer
	}
	return s.sealer.Seal(t.Password, secretOf(t))
}

// secretOf names the secret of a trunk.
func secretOf(t voice.Trunk) string { return string(t.Environment) + "/" + t.Name }

// Trunk returns a trunk, or [voice.ErrNoProvider].
func (s *Store) Trunk(
	ctx context.Context, env dnc.Environment, name string,
) (voice.Trunk, error) {
	return s.readTrunk(s.reading(ctx), env, name)
}

func (s *Store) readTrunk(
	query querier, env dnc.Environment, name string,
) (voice.Trunk, error) {
	found, err := s.readTrunks(
		query, `environment.name = $1 AND trunk.name = $2`, string(env), name)
	return only(found, err, voice.ErrNoProvider)
}

// Trunks returns the trunks of env, by name.
func (s *Store) Trunks(ctx context.Context, env dnc.Environment) ([]voice.Trunk, error) {
	id, err := s.environmentID(ctx, env)
	if err != nil {
		return nil, err
	}
	return s.readTrunks(s.reading(ctx), `trunk.environment_id = $1`, id)
}

// AllTrunks returns the trunks of all environments, by environment and name.
func (s *Store) AllTrunks(ctx context.Context) ([]voice.Trunk, error) {
	return s.readTrunks(s.reading(ctx), `TRUE`)
}

// readTrunks reads the trunks for which condition holds.
func (s *Store) readTrunks(
	query querier, condition string, args ...any,
) ([]voice.Trunk, error) {
	var all []voice.Trunk
	err := query(func(r row) error {
		t, err := s.trunkRow(r)
		all = append(all, t)
		return err
	}, trunksText+condition, args...)
	slices.SortFunc(all, func(a, b voice.Trunk) int {
		return cmp.Or(cmp.Compare(a.Environment, b.Environment), cmp.Compare(a.Name, b.Name))
	})
	return all, err
}

// ChangeTrunk reads a trunk, changes it and writes it back as one, and returns
// it. It returns [voice.ErrNoProvider] where there is none, and an error of
// change. Name and Environment stay. Change must not use the store, and may be
// called again with what stands then.
func (s *Store) ChangeTrunk(
	ctx context.Context, env dnc.Environment, name string, change func(*voice.Trunk) error,
) (voice.Trunk, error) {
	return write(ctx, s, func(x *tx) (voice.Trunk, error) {
		t, err := s.readTrunk(x.query, env, name)
		if err != nil {
			return voice.Trunk{}, err
		}
		if err := change(&t); err != nil {
			return voice.Trunk{}, err
		}
		t.Name, t.Environment = name, env
		l, err := x.list(env)
		if err != nil {
			return voice.Trunk{}, err
		}
		args, err := s.trunkArgs(l.id, t)
		if err != nil {
			return voice.Trunk{}, err
		}
		_, err = x.exec(`
			UPDATE trunk
			SET kind = $3, address = $4, transport = $5, username = $6, password = $7,
				register = $8, proxy = $9, failover = $10, tech_prefix = $11, caller_id = $12,
				srtp = $13, unwanted = $14, max_calls = $15, created_at = $16
			WHERE environment_id = $1 AND name = $2`, args...)
		return t, err
	})
}

// RemoveTrunk removes a trunk. It returns [voice.ErrNoProvider] where there is
// none, and [voice.ErrInUse] while it carries one of our numbers, or a campaign
// that is not finished.
func (s *Store) RemoveTrunk(ctx context.Context, env dnc.Environment, name string) error {
	return s.change(ctx, func(x *tx) error {
		return x.removeTool(trunks, env, name, uses{
			number:   func(n voice.OwnNumber) bool { return n.Provider == name },
			campaign: func(c campaign.Campaign) bool { return c.Provider == name },
		})
	})
}

// trunkRow reads the name of an environment and then the columns of trunk in
// the order of trunkColumns.
func (s *Store) trunkRow(r row) (voice.Trunk, error) {
	var t voice.Trunk
	var password, failover string
	var callerID, createdAt int64
	err := r.Scan(
		&t.Environment, &t.Name, &t.Kind, &t.Address, &t.Transport, &t.Username, &password,
		&t.Register, &t.Proxy, &failover, &t.TechPrefix, &callerID, &t.SRTP, &t.Unwanted,
		&t.MaxCalls, &createdAt)
	if err != nil {
		return voice.Trunk{}, err
	}
	t.CallerID, t.CreatedAt = number164(callerID), timeOf(createdAt)
	if err := fromJSON(failover, &t.Failover); err != nil || password == "" {
		return t, err
	}
	if s.sealer == nil {
		return t, fmt.Errorf("provider %s: %w", secretOf(t), ErrNoSealer)
	}
	if t.Password, err = s.sealer.Open(password, secretOf(t)); err != nil {
		return t, fmt.Errorf("provider %s: %w", secretOf(t), err)
	}
	return t, nil
}
