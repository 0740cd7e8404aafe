//go:build !unix

package store

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// fileLock is a file that is there while a process has the database.
type fileLock struct{ file *os.File }

// lockFile makes the file with the given name. It returns an error that
// matches [ErrInUse] when it is there: another process has the database, or
// one ended without giving it up.
func lockFile(name string) (*fileLock, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil, fmt.Errorf("%w: if none runs, remove %s", ErrInUse, name)
	}
	if err != nil {
		return nil, err
	}
	return &fileLock{f}, nil
}

// hold implements guard. A file that was made is not lost.
func (l *fileLock) hold(context.Context) (bool, error) { return false, nil }

// release implements guard.
func (l *fileLock) release() error {
	return errors.Join(l.file.Close(), os.Remove(l.file.Name()))
}
