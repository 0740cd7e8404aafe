package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
)

// backupPragmas are those of the connection that a backup reads through.
var backupPragmas = url.Values{"_pragma": {"busy_timeout(10000)"}, "_dqs": {"0"}}

// Backup writes a whole copy of the SQLite database at path to file, as of one
// moment, while a server may be using the database. The copy is on the disk
// when Backup returns, for its owner alone; a file that is there already is
// left as it is, and is an error.
func Backup(ctx context.Context, path, file string) error {
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("back up: %s: %w", file, errors.Join(fs.ErrExist, err))
	}
	part := file + ".part"
	err := copyInto(ctx, path, part)
	if err == nil {
		err = os.Rename(part, file)
	}
	if err == nil {
		err = syncFile(filepath.Dir(file))
	}
	if err != nil {
		return fmt.Errorf("back up: %w", errors.Join(err, os.RemoveAll(part)))
	}
	return nil
}

// copyInto has SQLite write a copy of the database at path to part, and the
// system write that to the disk.
func copyInto(ctx context.Context, path, part string) (err error) {
	empty, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(empty.Chmod(0o600), empty.Close()); err != nil {
		return err
	}
	path, err = filepath.Abs(path)
	if err != nil {
		return err
	}
	db, err := sql.Open("sqlite", sqliteName(path, backupPragmas))
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `VACUUM INTO $1`, part)
	if err := errors.Join(err, db.Close()); err != nil {
		return sqliteHint(path, err)
	}
	return syncFile(part)
}

// syncFile has the system write a file or a folder to the disk.
func syncFile(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
