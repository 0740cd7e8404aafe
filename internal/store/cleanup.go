package store

import (
	"database/sql"
	"errors"
)

// clearPart is how many rows of a table are cleared away at once.
const clearPart = 2000

// clearAway removes a part of what is left of one campaign or environment that
// was removed, or of an import that was not finished, and reports whether there
// may be more.
func (x *tx) clearAway() (more bool, err error) {
	if more, err = x.clearContacts(); more || err != nil {
		return more, err
	}
	if more, err = x.clearImport(); more || err != nil {
		return more, err
	}
	return x.clearEnvironment()
}

// clearContacts removes a part of the contacts of one campaign that was
// removed, and reports whether there may be more.
func (x *tx) clearContacts() (more bool, err error) {
	var serial int64
	err = x.row([]any{&serial}, `
		SELECT serial
		FROM removed_campaign
		ORDER BY serial
		LIMIT 1`)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	changed, err := x.exec(`
		DELETE FROM contact
		WHERE campaign = $1 AND place IN (
			SELECT place FROM contact WHERE campaign = $1 ORDER BY place LIMIT $2)`,
		serial, int64(clearPart))
	if err != nil || changed > 0 {
		return true, err
	}
	for _, text := range []string{
		`DELETE FROM contact_count WHERE campaign = $1`,
		`DELETE FROM removed_campaign WHERE serial = $1`,
	} {
		if _, err := x.exec(text, serial); err != nil {
			return false, err
		}
	}
	return true, nil
}

// clearEnvironment removes a part of what is left of one environment that was
// removed, and reports whether there may be more.
func (x *tx) clearEnvironment() (more bool, err error) {
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
