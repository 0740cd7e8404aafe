package bench

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"slices"

	"nocall/internal/e164"
)

// openSQLite makes a database in this process, with a table of the numbers, which
// is their primary key.
func openSQLite(ctx context.Context, folder string, numbers made) (_ *sql.DB, err error) {
	db, err := sql.Open("sqlite", filepath.Join(folder, "peer.db")) // of package store's driver
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.Close())
		}
	}()
	db.SetMaxOpenConns(1)
	_, err = db.ExecContext(ctx, `CREATE TABLE dnc (number INTEGER PRIMARY KEY)`)
	if err != nil {
		return nil, err
	}
	return db, insertAll(ctx, db, numbers)
}

// insertAll inserts the numbers in one transaction.
func insertAll(ctx context.Context, db *sql.DB, numbers made) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // done already, if all went well
	insert, err := tx.PrepareContext(ctx, `INSERT INTO dnc (number) VALUES ($1)`)
	if err != nil {
		return err
	}
	sorted := slices.Clone(numbers)
	slices.Sort(sorted)
	for _, n := range sorted {
		if _, err := insert.ExecContext(ctx, int64(n)); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// listedIn counts those of asked that a query for one number finds.
func listedIn(ctx context.Context, look *sql.Stmt, asked []e164.Number) (listed int, err error) {
	for _, n := range asked {
		var found int
		switch err := look.QueryRowContext(ctx, int64(n.Uint64())).Scan(&found); {
		case err == nil:
			listed++
		case !errors.Is(err, sql.ErrNoRows):
			return 0, err
		}
	}
	return listed, nil
}
