package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite" // and driver "sqlite"
)

// lockName is the file in the data folder that its one process locks.
const lockName = "nocall.lock"

// sqliteReaders is how many connections read at once.
const sqliteReaders = 8

// Pragmas of the writer and of the readers. A transaction is on the disk when
// its commit returns: synchronous is FULL.
var (
	writerPragmas = url.Values{"_pragma": {
		"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "cache_size(-65536)",
		"temp_store(MEMORY)", "wal_autocheckpoint(4000)", "journal_size_limit(67108864)",
	}, "_dqs": {"0"}, "_error_rc": {"1"}}
	readerPragmas = url.Values{"_pragma": {
		"busy_timeout(10000)", "query_only(1)", "cache_size(-16384)", "temp_store(MEMORY)",
	}, "_dqs": {"0"}, "_error_rc": {"1"}}
)

// openSQLite opens the SQLite database in the file at path.
func openSQLite(ctx context.Context, path string) (*engine, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	folder := filepath.Dir(path)
	if s, err := os.Stat(folder); err != nil || !s.IsDir() {
		return nil, errors.Join(fmt.Errorf("%s is not a folder", folder), err)
	}
	guard, err := lockFile(filepath.Join(folder, lockName))
	if err != nil {
		return nil, err
	}
	e := &engine{dialect: goose.DialectSQLite3, guard: guard, snapshot: &sql.TxOptions{}}
	e.write, err = sql.Open("sqlite", sqliteName(path, writerPragmas))
	if err != nil {
		return nil, errors.Join(err, guard.release())
	}
	e.write.SetMaxOpenConns(1)
	e.read, err = sql.Open("sqlite", sqliteName(path, readerPragmas))
	if err != nil {
		return nil, errors.Join(err, e.write.Close(), guard.release())
	}
	e.read.SetMaxOpenConns(sqliteReaders)
	e.read.SetMaxIdleConns(sqliteReaders)
	if err := e.write.PingContext(ctx); err != nil {
		return nil, errors.Join(sqliteHint(path, err), e.close())
	}
	return e, nil
}

// sqliteName returns the name by which the driver opens the file at path.
func sqliteName(path string, pragmas url.Values) string {
	file := url.URL{Path: filepath.ToSlash(path)}
	return "file:" + file.EscapedPath() + "?" + pragmas.Encode()
}

// sqliteHint says in plain words why a file could not be opened.
func sqliteHint(path string, err error) error {
	var failure *sqlite.Error
	if !errors.As(err, &failure) {
		return fmt.Errorf("%s: %w", path, err)
	}
	const cantOpen, notDatabase, full, readOnly = 14, 26, 13, 8
	switch failure.Code() & 0xff {
	case cantOpen:
		return fmt.Errorf("%s: cannot be read and written by this user: %w", path, err)
	case notDatabase:
		return fmt.Errorf("%s: is not a database of nocall: %w", path, err)
	case full:
		return fmt.Errorf("%s: the disk is full: %w", path, err)
	case readOnly:
		return fmt.Errorf("%s: cannot be written: %w", path, err)
	}
	return fmt.Errorf("%s: %w", path, err)
}
