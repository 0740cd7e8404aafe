// Package snapshot keeps frozen sets of numbers in files: registries, each
// version of which is one file.
//
// A file appears whole, under its name, or not at all: it is written beside,
// brought to the disk, renamed, and the folder is brought to the disk. It is
// used as it lies on the disk, by mapping it, or read into memory.
package snapshot

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"nocall/internal/pages"
)

// Folder is where files are kept, one for each version of one registry. It is
// made when it is first written to. Nothing else should be in it.
type Folder string

const (
	ending     = ".pages"
	unfinished = ".new" // behind the ending, while a file is written
)

// path returns the path of the file of id.
func (d Folder) path(id string) (string, error) {
	if id == "" || strings.HasPrefix(id, ".") || filepath.Base(id) != id {
		return "", fmt.Errorf("%q cannot be the name of a version", id)
	}
	return filepath.Join(string(d), id+ending), nil
}

// Write keeps f as id, and in place of what was kept as id. When it returns
// without an error the file is on the disk.
func (d Folder) Write(id string, f *pages.Frozen) error {
	path, err := d.path(id)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(string(d), 0o700); err != nil {
		return err
	}
	if err := writeFile(path+unfinished, f); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", path, err), os.Remove(path+unfinished))
	}
	if err := os.Rename(path+unfinished, path); err != nil {
		return err
	}
	return syncFolder(string(d))
}

func writeFile(path string, f *pages.Frozen) (err error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := f.WriteTo(file); err != nil {
		return err
	}
	return file.Sync()
}

// Open returns what is kept as id, at once: the file is mapped and read where it
// is asked, where the system can do that. It has not been verified. The memory
// goes back when nobody holds the set any more.
//
// A file that is not whole is refused with [pages.ErrDamaged].
func (d Folder) Open(id string) (*pages.Frozen, error) {
	return d.open(id, mapFile)
}

// Load returns what is kept as id, read into memory and verified. That is the
// set to keep asking, once [Folder.Open] has answered what could not wait: it is
// checked, and its memory is in large pages where the system has them.
func (d Folder) Load(id string) (*pages.Frozen, error) {
	return d.open(id, readFile)
}

func (d Folder) open(
	id string, contents func(*os.File, int) (*pages.Frozen, error),
) (*pages.Frozen, error) {
	path, err := d.path(id)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	about, err := file.Stat()
	if err != nil {
		return nil, err
	}
	f, err := contents(file, int(about.Size()))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return f, nil
}

// readFile reads a file of so many bytes into memory.
func readFile(file *os.File, size int) (*pages.Frozen, error) {
	return pages.ReadFrozen(file, int64(size), Memory)
}

// IDs returns what is kept, in the order in which it was written.
func (d Folder) IDs() ([]string, error) {
	type version struct {
		id string
		at int64
	}
	var versions []version
	entries, err := os.ReadDir(string(d))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	for _, e := range entries {
		id, ours := strings.CutSuffix(e.Name(), ending)
		about, err := e.Info()
		if ours && err == nil {
			versions = append(versions, version{id, about.ModTime().UnixNano()})
		}
	}
	slices.SortStableFunc(versions, func(a, b version) int { return int(a.at - b.at) })
	ids := make([]string, len(versions))
	for i, v := range versions {
		ids[i] = v.id
	}
	return ids, nil
}

// Keep removes all versions but those of ids, and what was left unfinished.
func (d Folder) Keep(ids ...string) error {
	entries, err := os.ReadDir(string(d))
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		return err
	}
	var errs []error
	for _, e := range entries {
		id, whole := strings.CutSuffix(e.Name(), ending)
		left := strings.HasSuffix(e.Name(), ending+unfinished)
		if left || whole && !slices.Contains(ids, id) {
			errs = append(errs, os.Remove(filepath.Join(string(d), e.Name())))
		}
	}
	return errors.Join(append(errs, syncFolder(string(d)))...)
}
