//go:build unix

package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// fileLock is a lock on a file, which ends with the process that holds it.
type fileLock struct{ file *os.File }

// lockFile locks the file with the given name, which need not be there. It
// returns an error that matches [ErrInUse] when another process has it.
func lockFile(name string) (*fileLock, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = fmt.Errorf("%w: another nocall uses this data folder, %s", ErrInUse,
			filepath.Dir(name))
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &fileLock{f}, nil
}

// hold implements guard. A lock on a file is not lost.
func (l *fileLock) hold(context.Context) (bool, error) { return false, nil }

// release implements guard. The file stays: removing it would let two
// processes lock two files of one name.
func (l *fileLock) release() error { return l.file.Close() }
