package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/index"
	"nocall/internal/store"
)

// clients is how many add at once, beside one alone.
const clients = 64

// Adds compares durable adds on SQLite, by one client and by 64 at once, with
// what the disk can do. Ratios are of wall time, for the disk is waited for.
func Adds(ctx context.Context, s Settings) (_ []Figure, err error) {
	folder, err := os.MkdirTemp(s.Folder, "nocall-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	db, err := store.Open(ctx, filepath.Join(folder, "nocall.db"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	world := dnc.World{Name: production, Settings: dnc.DefaultSettings(), CreatedAt: now()}
	if _, err := db.AddWorld(ctx, world, "bench"); err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(folder, "log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()

	a := &adder{list: &dnc.List{Index: new(index.Index), Store: db}}
	db.Follow(a)
	return measure(ctx, s.Rounds, true, contender{
		name: "add by one client",
		run:  func(ctx context.Context) (int, error) { return a.add(ctx, 1, 100) },
	}, contender{
		name: fmt.Sprintf("add by %d clients", clients),
		run:  func(ctx context.Context) (int, error) { return a.add(ctx, clients, 50) },
	}, contender{
		name: "append and sync of 4 KiB",
		run:  func(context.Context) (int, error) { return appends(log, 100) },
	})
}

var _ store.Follower = (*adder)(nil)

// adder adds numbers, and follows the store as a node would.
type adder struct {
	list *dnc.List
	next atomic.Uint64
}

// Apply implements [store.Follower].
func (a *adder) Apply(events []dnc.Event) { a.list.Apply(events) }

// Doubt implements [store.Follower].
func (a *adder) Doubt(bool) {}

// Reload implements [store.Follower].
func (a *adder) Reload(context.Context) error { return nil }

// add has each of several clients add several numbers, one after the other.
func (a *adder) add(ctx context.Context, clients, each int) (int, error) {
	var wait sync.WaitGroup
	errs := make([]error, clients)
	for i := range clients {
		wait.Go(func() {
			for range each {
				n := 12_000_000_000 + a.next.Add(1)*7_919%7_999_999_993
				if _, _, err := a.list.Add(ctx, dnc.Entry{
					Environment: production, Number: e164.FromUint64(n), CreatedBy: dnc.User,
					Reason: "Requested removal via email", User: "key first", CreatedAt: now(),
				}); err != nil {
					errs[i] = err
					return
				}
			}
		})
	}
	wait.Wait()
	return clients * each, errors.Join(errs...)
}

// appends writes blocks to f and has each on the disk before the next.
func appends(f *os.File, n int) (int, error) {
	block := make([]byte, 4<<10)
	for range n {
		if _, err := f.Write(block); err != nil {
			return 0, err
		}
		if err := f.Sync(); err != nil {
			return 0, err
		}
	}
	return n, nil
}
