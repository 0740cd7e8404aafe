package store

import (
	"cmp"
	"context"
	"slices"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/voice"
)

// numberColumns are the columns of own_number that [numberRow] reads.
const numberColumns = `number, provider, label, tags, inbound_agent, pace, created_at`

// numbersText asks for our own numbers, up to a condition.
var numbersText = `
	SELECT environment.name, ` + qualified("own_number", numberColumns) + `
	FROM own_number
	JOIN environment ON environment.id = own_number.environment_id
	WHERE `

// AddNumber keeps one of our own numbers. It returns [dnc.ErrNoEnvironment]
// where there is none, and [voice.ErrExists] for a number that env has.
func (s *Store) AddNumber(ctx context.Context, n voice.OwnNumber) error {
	return s.change(ctx, func(x *tx) error {
		l, err := x.roomFor(ownNumbers, n.Environment, digits(n.Number))
		if err != nil {
			return err
		}
		args, err := numberArgs(l.id, n)
		if err != nil {
			return err
		}
		_, err = x.exec(`
			INSERT INTO own_number (environment_id, `+numberColumns+`)
			VALUES (`+placeholders(1, 8)+`)`, args...)
		return err
	})
}

// numberArgs are the columns of a number, after that of its environment.
func numberArgs(environmentID int64, n voice.OwnNumber) ([]any, error) {
	texts, err := jsonTexts(n.Tags, numberPace(n.Pace))
	if err != nil {
		return nil, err
	}
	return []any{
		environmentID, digits(n.Number), n.Provider, n.Label, texts[0], n.InboundAgent,
		texts[1], micros(n.CreatedAt),
	}, nil
}

// Number returns one of our own numbers, or [voice.ErrNoNumber].
func (s *Store) Number(
	ctx context.Context, env dnc.Environment, n e164.Number,
) (voice.OwnNumber, error) {
	return readNumber(s.reading(ctx), env, n)
}

// Numbers returns our own numbers in env, in their order.
func (s *Store) Numbers(ctx context.Context, env dnc.Environment) ([]voice.OwnNumber, error) {
	id, err := s.environmentID(ctx, env)
	if err != nil {
		return nil, err
	}
	return readNumbers(s.reading(ctx), `own_number.environment_id = $1`, id)
}

// NumbersCalled returns what every environment that has n as its own knows of
// it, by environment: whose call it is that comes in there.
func (s *Store) NumbersCalled(ctx context.Context, n e164.Number) ([]voice.OwnNumber, error) {
	return readNumbers(s.reading(ctx), `own_number.number = $1`, digits(n))
}

// ChangeNumber reads one of our own numbers, changes it and writes it back as
// one, and returns it. It returns [voice.ErrNoNumber] where there is none, and
// an error of change. Number and Environment stay. Change must not use the
// store, and may be called again with what stands then.
func (s *Store) ChangeNumber(
	ctx context.Context, env dnc.Environment, n e164.Number, change func(*voice.OwnNumber) error,
) (voice.OwnNumber, error) {
	return write(ctx, s, func(x *tx) (voice.OwnNumber, error) {
		own, err := readNumber(x.query, env, n)
		if err != nil {
			return voice.OwnNumber{}, err
		}
		if err := change(&own); err != nil {
			return voice.OwnNumber{}, err
		}
		own.Number, own.Environment = n, env
		l, err := x.list(env)
		if err != nil {
			return voice.OwnNumber{}, err
		}
		args, err := numberArgs(l.id, own)
		if err != nil {
			return voice.OwnNumber{}, err
		}
		_, err = x.exec(`
			UPDATE own_number
			SET provider = $3, label = $4, tags = $5, inbound_agent = $6, pace = $7,
				created_at = $8
			WHERE environment_id = $1 AND number = $2`, args...)
		return own, err
	})
}

// RemoveNumber removes one of our own numbers. It returns [voice.ErrNoNumber]
// where there is none, and [voice.ErrInUse] while a campaign that is not
// finished names it as a caller ID.
func (s *Store) RemoveNumber(ctx context.Context, env dnc.Environment, n e164.Number) error {
	return s.change(ctx, func(x *tx) error {
		return x.removeTool(ownNumbers, env, digits(n), uses{
			campaign: func(c campaign.Campaign) bool { return slices.Contains(c.CallerIDs, n) },
		})
	})
}

// readNumber reads one of our own numbers, or returns [voice.ErrNoNumber].
func readNumber(
	query querier, env dnc.Environment, n e164.Number,
) (voice.OwnNumber, error) {
	own, err := readNumbers(
		query, `environment.name = $1 AND own_number.number = $2`, string(env), digits(n))
	return only(own, err, voice.ErrNoNumber)
}

// readNumbers reads our own numbers for which condition holds.
func readNumbers(query querier, condition string, args ...any) ([]voice.OwnNumber, error) {
	var numbers []voice.OwnNumber
	err := query(func(r row) error {
		n, err := numberRow(r)
		numbers = append(numbers, n)
		return err
	}, numbersText+condition, args...)
	slices.SortFunc(numbers, func(a, b voice.OwnNumber) int {
		return cmp.Or(
			cmp.Compare(a.Number.Uint64(), b.Number.Uint64()),
			cmp.Compare(a.Environment, b.Environment))
	})
	return numbers, err
}

// numberRow reads the name of an environment and then the columns of
// own_number in the order of numberColumns.
func numberRow(r row) (voice.OwnNumber, error) {
	var n voice.OwnNumber
	var number, createdAt int64
	var tags, pace string
	err := r.Scan(
		&n.Environment, &number, &n.Provider, &n.Label, &tags, &n.InboundAgent, &pace,
		&createdAt)
	if err != nil {
		return voice.OwnNumber{}, err
	}
	n.Number, n.CreatedAt = number164(number), timeOf(createdAt)
	return n, cmp.Or(fromJSON(tags, &n.Tags), fromJSON(pace, (*numberPace)(&n.Pace)))
}
