//go:build unix

package snapshot

import (
	"errors"
	"os"
	"runtime"
	"syscall"

	"nocall/internal/pages"
)

// mapFile maps a file of so many bytes. It is unmapped when nobody holds the set.
func mapFile(file *os.File, size int) (*pages.Frozen, error) {
	if size == 0 {
		return pages.OpenFrozen(nil)
	}
	b, err := syscall.Mmap(int(file.Fd()), 0, size, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, err
	}
	f, err := pages.OpenFrozen(b)
	if err != nil {
		return nil, errors.Join(err, syscall.Munmap(b))
	}
	runtime.AddCleanup(f, func(b []byte) { syscall.Munmap(b) }, b) //nolint:errcheck // it is mapped
	return f, nil
}

// syncFolder brings the names in a folder to the disk.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
