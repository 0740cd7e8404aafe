package node

import (
	"log/slog"
	"path/filepath"

	"nocall/internal/pages"
	"nocall/internal/registry"
	"nocall/internal/snapshot"
	"nocall/internal/store"
)

// registriesFolder is where in the data folder the numbers of registries are.
const registriesFolder = "registries"

// newKeeper returns what keeps the registries of a data folder.
func newKeeper(data string, s *store.Store, log *slog.Logger) *registry.Keeper {
	return &registry.Keeper{
		Store: s, Shelf: snapshots(filepath.Join(data, registriesFolder)), Log: log,
	}
}

// snapshots is a folder with a folder for each registry.
type snapshots string

func (s snapshots) of(name string) snapshot.Folder {
	return snapshot.Folder(filepath.Join(string(s), name))
}

// Write implements [registry.Shelf].
func (s snapshots) Write(name, id string, set *pages.Frozen) error {
	return s.of(name).Write(id, set)
}

// Open implements [registry.Shelf].
func (s snapshots) Open(name, id string) (*pages.Frozen, error) { return s.of(name).Open(id) }

// Load implements [registry.Shelf].
func (s snapshots) Load(name, id string) (*pages.Frozen, error) { return s.of(name).Load(id) }

// Keep implements [registry.Shelf].
func (s snapshots) Keep(name string, ids ...string) error { return s.of(name).Keep(ids...) }

// Memory implements [registry.Shelf].
func (snapshots) Memory(size int) []byte { return snapshot.Memory(size) }
