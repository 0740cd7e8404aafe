package node

import (
	"context"
	"log/slog"
	"path/filepath"
	"time"

	"nocall/internal/registry"
	"nocall/internal/snapshot"
	"nocall/internal/store"
)

// Where in the data folder the numbers of registries are, and their files while
// they are read.
const (
	registriesFolder = "registries"
	intakeFolder     = "intake"
)

// newKeeper returns what keeps the registries of a data folder.
func newKeeper(data string, s *store.Store, log *slog.Logger) *registry.Keeper {
	return &registry.Keeper{
		Store: s, Shelf: snapshot.Shelf(filepath.Join(data, registriesFolder)), Log: log,
	}
}

// openRegistries opens the registries, once, and reports whether they are open.
func (n *Node) openRegistries(ctx context.Context) bool {
	if n.keeper.Opened() {
		return true
	}
	err := n.keeper.Open(ctx)
	if err != nil && ctx.Err() == nil {
		n.config.Log.ErrorContext(ctx, "open the registries", "err", err)
	}
	return err == nil
}

// keepRegistries verifies what is kept of registries, once it has been opened.
func (n *Node) keepRegistries(ctx context.Context) error {
	tick := time.NewTicker(lookEvery / 10)
	defer tick.Stop()
	for !n.keeper.Opened() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
	return n.keeper.Run(ctx)
}
