package snapshot

import (
	"path/filepath"

	"nocall/internal/pages"
	"nocall/internal/registry"
)

// Shelf is a folder with a [Folder] for each registry.
type Shelf string

var _ registry.Shelf = Shelf("")

func (s Shelf) of(name string) Folder { return Folder(filepath.Join(string(s), name)) }

// Write implements [registry.Shelf].
func (s Shelf) Write(name, id string, set *pages.Frozen) error { return s.of(name).Write(id, set) }

// Open implements [registry.Shelf].
func (s Shelf) Open(name, id string) (*pages.Frozen, error) { return s.of(name).Open(id) }

// Load implements [registry.Shelf].
func (s Shelf) Load(name, id string) (*pages.Frozen, error) { return s.of(name).Load(id) }

// Keep implements [registry.Shelf].
func (s Shelf) Keep(name string, ids ...string) error { return s.of(name).Keep(ids...) }

// Memory implements [registry.Shelf].
func (Shelf) Memory(size int) []byte { return Memory(size) }
