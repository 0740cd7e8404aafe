package registry

import (
	"context"
	"io"
)

// Intake takes in files of registries as they are sent, and opens what is packed.
type Intake interface {
	// Take keeps what it reads until it is dropped, and returns the files that
	// are in it: many in a zip, else one. Name is that of the file that is sent.
	// What is not whole or is packed in an unknown way is a FileError.
	Take(ctx context.Context, name string, r io.Reader) (Taken, error)
}

// Taken are files that were taken in.
type Taken struct {
	Files []File
	Drop  func() // removes them
}
