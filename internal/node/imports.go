package node

import (
	"errors"
	"io"

	"nocall/internal/contents"
	"nocall/internal/imports"
)

// newImports returns what puts files of numbers on the lists.
func (n *Node) newImports() *imports.Imports {
	return &imports.Imports{List: n.list, Store: n.store, Open: OpenContents}
}

// OpenContents is an [imports.Open] of every kind of file that is read.
func OpenContents(
	name, sheet string, in io.Reader, do func(name string, text io.Reader) error,
) error {
	err := contents.Each(name, in, contents.Options{Sheet: sheet}, do)
	if wrong, ok := errors.AsType[*contents.Error](err); ok {
		return &imports.FileError{File: wrong.Name, Detail: wrong.Text}
	}
	return err
}
