package store

import (
	"context"
	"time"
)

// TakeLease gives the lease of that name to holder until a time, and reports
// whether holder has it: it is nobody's, holder's already, or out at now.
func (s *Store) TakeLease(
	ctx context.Context, name, holder string, now, until time.Time,
) (bool, error) {
	return write(ctx, s, func(x *tx) (bool, error) {
		others, err := x.exists(`
			SELECT 1
			FROM lease
			WHERE name = $1 AND holder <> $2 AND held_until > $3`, name, holder, micros(now))
		if err != nil || others {
			return false, err
		}
		_, err = x.exec(`
			INSERT INTO lease (name, holder, held_until)
			VALUES ($1, $2, $3)
			ON CONFLICT (name) DO UPDATE SET holder = $2, held_until = $3`,
			name, holder, micros(until))
		return err == nil, err
	})
}
