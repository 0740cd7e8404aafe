package cli

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// newFiles are files that are written beside the names they are to have, and
// get them all at the end, when they are whole.
type newFiles struct {
	files []*os.File
	names []string
}

// output returns where to write what is to be the file of that name: standard
// output for "-", nil for "".
func (f *newFiles) output(in *Invocation, name string) (io.Writer, error) {
	switch name {
	case "":
		return nil, nil
	case "-":
		return in.Stdout, nil
	}
	file, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return nil, err
	}
	f.files, f.names = append(f.files, file), append(f.names, name)
	return file, nil
}

// keep makes the files durable under their names. A file that is there already
// is replaced, and keeps who may read it; a new one is as a shell would make it.
func (f *newFiles) keep() error {
	for i, file := range f.files {
		mode := os.FileMode(0o644)
		if info, err := os.Stat(f.names[i]); err == nil {
			mode = info.Mode().Perm()
		}
		if err := errors.Join(file.Chmod(mode), file.Sync(), file.Close()); err != nil {
			return err
		}
	}
	for i, file := range f.files {
		if err := os.Rename(file.Name(), f.names[i]); err != nil {
			return err
		}
	}
	f.files, f.names = nil, nil
	return nil
}

// discard removes what was not kept.
func (f *newFiles) discard() {
	for _, file := range f.files {
		file.Close()
		os.Remove(file.Name())
	}
}

// cut lists names, as many as fit a line.
func cut(names []string) string {
	const most = 60
	all := strings.Join(names, ", ")
	if len(all) > most {
		return all[:most] + "…"
	}
	return all
}
