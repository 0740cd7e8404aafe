package node

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"nocall/internal/dnc"
	"nocall/internal/imports"
	"nocall/internal/index"
	"nocall/internal/registry"
	"nocall/internal/store"
)

// Offline is a data folder that no server uses: its lists can be asked, and
// nothing changes but by an import.
type Offline struct {
	Index      *index.Index
	Store      *store.Store
	List       *dnc.List
	Registries *registry.Keeper
}

// OpenOffline opens the database of a data folder and reads its lists. It
// fails while a server uses the folder.
func OpenOffline(ctx context.Context, data string) (*Offline, error) {
	file := filepath.Join(data, DatabaseFile)
	if _, err := os.Stat(file); err != nil {
		return nil, fmt.Errorf("no data folder of nocall: %w", err)
	}
	s, err := store.Open(ctx, file)
	if err != nil {
		return nil, err
	}
	o := &Offline{Index: new(index.Index), Store: s}
	if err := o.Index.Load(ctx, s); err != nil {
		s.Close()
		return nil, err
	}
	o.Index.SetCurrent(true)
	o.Registries = newKeeper(data, s, slog.New(slog.DiscardHandler))
	o.List = &dnc.List{Index: o.Index, Store: s, Registries: o.Registries}
	if err := o.Registries.Open(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return o, nil
}

// Settings returns those of an environment, or dnc.ErrNoEnvironment.
func (o *Offline) Settings(ctx context.Context, env dnc.Environment) (dnc.Settings, error) {
	w, err := o.Store.World(ctx, env)
	return w.Settings, err
}

// Imports returns what puts files of numbers on the lists. After a change the
// lists in memory are as they were.
func (o *Offline) Imports() *imports.Imports {
	return &imports.Imports{List: o.List, Store: o.Store, Open: OpenContents}
}

// Close closes the database.
func (o *Offline) Close() error { return o.Store.Close() }
