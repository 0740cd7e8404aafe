package store

import (
	"context"
	"database/sql"

	"nocall/internal/dnc"
	"nocall/internal/e164"
)

// importColumns are the columns of list_import that [importRow] reads.
const importColumns = `serial, id, name, file, reason, by, revision, created_at, at, file_rows,
	added, already_listed, repeated, invalid, undone_by, undone_at, undone, removed`

// importRow reads the columns of list_import in the order of importColumns.
func importRow(r row, env dnc.Environment) (pastImport, dnc.Import, error) {
	m := dnc.Import{Environment: env}
	p := pastImport{imported: imported{environment: env}}
	var at, undoneAt int64
	err := r.Scan(
		&p.serial, &m.ID, &m.Name, &m.File, &m.Reason, &m.By, &p.revision, &p.createdAt, &at,
		&m.Rows, &m.Added, &m.AlreadyListed, &m.Repeated, &m.Invalid,
		&m.UndoneBy, &undoneAt, &p.undone, &m.Removed)
	m.At, m.UndoneAt = timeOf(at), timeOf(undoneAt)
	p.id, p.reason, p.by = m.ID, m.Reason, m.By
	return p, m, err
}

// findImport returns an import that is in force or was undone, or
// [dnc.ErrNoImport].
func findImport(
	query querier, env dnc.Environment, environmentID int64, id string,
) (p pastImport, m dnc.Import, err error) {
	found := false
	err = query(func(r row) (err error) {
		p, m, err = importRow(r, env)
		found = true
		return err
	}, `
		SELECT `+importColumns+`
		FROM list_import
		WHERE environment_id = $1 AND id = $2 AND state IN ('done', 'undone')`,
		environmentID, id)
	if err == nil && !found {
		err = dnc.ErrNoImport
	}
	return p, m, err
}

// Import returns an import, or [dnc.ErrNoImport].
func (s *Store) Import(ctx context.Context, env dnc.Environment, id string) (dnc.Import, error) {
	_, m, err := s.findImport(ctx, env, id)
	return m, err
}

func (s *Store) findImport(
	ctx context.Context, env dnc.Environment, id string,
) (pastImport, dnc.Import, error) {
	environmentID, err := s.environmentID(ctx, env)
	if err != nil {
		return pastImport{}, dnc.Import{}, err
	}
	return findImport(s.reading(ctx), env, environmentID, id)
}

// Imports returns one page of an environment's imports, newest first.
func (s *Store) Imports(
	ctx context.Context, env dnc.Environment, q dnc.ImportQuery,
) (dnc.ImportPage, error) {
	id, err := s.environmentID(ctx, env)
	if err != nil {
		return dnc.ImportPage{}, err
	}
	var page dnc.ImportPage
	err = s.row(ctx, `
		SELECT COUNT(*)
		FROM list_import
		WHERE environment_id = $1 AND state IN ('done', 'undone')`, id).Scan(&page.Total)
	if err != nil {
		return page, err
	}
	before := q.After
	if before == 0 {
		before = latest
	}
	limit := max(q.Limit, 1)
	var last, next int64
	err = s.reading(ctx)(func(r row) error {
		p, m, err := importRow(r, env)
		if len(page.Imports) == limit {
			next = last
			return err
		}
		page.Imports, last = append(page.Imports, m), p.revision
		return err
	}, `
		SELECT `+importColumns+`
		FROM list_import
		WHERE environment_id = $1 AND state IN ('done', 'undone') AND revision < $2
		ORDER BY revision DESC
		LIMIT $3`, id, before, int64(limit+1))
	page.Next = next
	return page, err
}

// EachImportLine calls fn for the rows of an import that could not be read, in
// order, and returns its first error.
func (s *Store) EachImportLine(
	ctx context.Context, env dnc.Environment, id string, fn func(dnc.ImportLine) error,
) error {
	p, _, err := s.findImport(ctx, env, id)
	if err != nil {
		return err
	}
	for part := int64(0); ; part++ {
		var text string
		err := s.row(ctx, `
			SELECT lines
			FROM import_problem
			WHERE import = $1 AND part = $2`, p.serial, part).Scan(&text)
		if err == sql.ErrNoRows {
			return nil
		}
		if err != nil {
			return err
		}
		var lines []dnc.ImportLine
		if err := fromJSON(text, &lines); err != nil {
			return err
		}
		for _, l := range lines {
			if err := fn(l); err != nil {
				return err
			}
		}
	}
}

// EachImportListed calls fn for the numbers of an import that were listed already
// and are not held by it, in order, and returns its first error.
func (s *Store) EachImportListed(
	ctx context.Context, env dnc.Environment, id string, fn func(e164.Number) error,
) error {
	p, _, err := s.findImport(ctx, env, id)
	if err != nil {
		return err
	}
	return eachBlock(s.reading(ctx), p.serial, func(b block) error {
		for i, n := range b.numbers {
			if !b.listed.has(i) {
				continue
			}
			if err := fn(n); err != nil {
				return err
			}
		}
		return nil
	})
}

// EachRunningContact calls fn for the numbers of the contacts of env's running
// campaigns that are not done, and returns its first error.
func (s *Store) EachRunningContact(
	ctx context.Context, env dnc.Environment, fn func(e164.Number) error,
) error {
	id, err := s.environmentID(ctx, env)
	if err != nil {
		return err
	}
	return s.reading(ctx)(func(r row) error {
		var number int64
		if err := r.Scan(&number); err != nil {
			return err
		}
		return fn(number164(number))
	}, `
		SELECT contact.number
		FROM campaign
		JOIN contact ON contact.campaign = campaign.serial
		WHERE campaign.environment_id = $1 AND campaign.state = 'running'
			AND contact.state <> 'done' AND contact.place <= campaign.places`, id)
}
