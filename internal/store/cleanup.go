package store

import (
	"database/sql"
	"errors"
)

// clearPart is how many rows of a table are cleared away at once.
const clearPart = 2000

// clearAway removes a part of what is left of one environment that was
// removed, and reports whether there may be more.
func (x *tx) clearAway() (more bool, err error) {
	var id int64
	err = x.row([]any{&id}, `
		SELECT id
		FROM removed_environment
		ORDER BY id
		LIMIT 1`)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for _, text := range []string{
		`DELETE FROM dnc_entry
		WHERE environment_id = $1 AND number IN (
			SELECT number FROM dnc_entry WHERE environment_id = $1 LIMIT $2)`,
		`DELETE FROM turn
		WHERE call_id IN (
			SELECT id FROM call WHERE environment_id = $1 ORDER BY started_at, id LIMIT $2)`,
		`DELETE FROM finding
		WHERE call_id IN (
			SELECT id FROM call WHERE environment_id = $1 ORDER BY started_at, id LIMIT $2)`,
		`DELETE FROM call
		WHERE id IN (
			SELECT id FROM call WHERE environment_id = $1 ORDER BY started_at, id LIMIT $2)`,
	} {
		changed, err := x.exec(text, id, int64(clearPart))
		if err != nil {
			return false, err
		}
		more = more || changed > 0
	}
	if more {
		return true, nil
	}
	for _, text := range []string{
		`DELETE FROM call_count WHERE environment_id = $1`,
		`DELETE FROM removed_environment WHERE id = $1`,
	} {
		if _, err := x.exec(text, id); err != nil {
			return false, err
		}
	}
	return true, nil
}
