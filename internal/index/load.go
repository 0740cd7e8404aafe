package index

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/pages"
)

// Source is what an index reads itself in from: the store.
type Source interface {
	// Read gives every environment, each followed by its entries in any
	// order, all as of one moment that is not before the call.
	Read(ctx context.Context, into Reader) error
}

// Reader takes in what a [Source] reads. It is used by one goroutine.
type Reader interface {
	// Environment begins an environment whose list stands at revision.
	Environment(env dnc.Environment, revision int64)

	// Entry is an entry of the environment named last, created at createdAt,
	// in microseconds since 1970.
	Entry(n e164.Number, by dnc.CreatedBy, createdAt int64)
}

// Load reads everything from src and makes the index ready. The lists are
// built beside those in use and take their place at once; an error leaves all
// as it was. Events that come meanwhile are applied to both. Load may be
// called again, to read everything anew, which closes every [Index.Gap].
func (x *Index) Load(ctx context.Context, src Source) error {
	x.loads.Lock()
	defer x.loads.Unlock()

	x.keep()
	defer x.forget()

	b := new(builder)
	if err := src.Read(ctx, b); err != nil {
		return fmt.Errorf("read lists: %w", err)
	}
	if err := b.finish(); err != nil {
		return fmt.Errorf("read lists: %w", err)
	}
	x.swap(b.lists)
	return nil
}

// keep begins to keep events for the lists that are being read in.
func (x *Index) keep() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.loading = true
}

func (x *Index) forget() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.loading, x.kept = false, nil
}

// swap brings ls up to now and puts them into use.
func (x *Index) swap(ls lists) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, ev := range x.kept {
		if next := x.follow(ls, ev); next != nil {
			ls = next
		}
	}
	x.lists.Store(&ls)
}

// builder builds lists from what a source reads.
type builder struct {
	lists lists
	into  *list // the environment named last
	rows  []row // what was read of it
	err   error // the first thing that was wrong
}

// Environment implements [Reader].
func (b *builder) Environment(env dnc.Environment, revision int64) {
	b.finish()
	b.into = new(list)
	b.into.revision.Store(revision)
	if b.lists.of(env) != nil {
		b.fail(fmt.Errorf("environment %s comes twice", env))
		return
	}
	b.lists = b.lists.with(env, b.into)
}

// Entry implements [Reader].
func (b *builder) Entry(n e164.Number, by dnc.CreatedBy, createdAt int64) {
	d := pages.Pack(n)
	if by == dnc.System {
		d |= bySystem
	}
	b.rows = append(b.rows, row{d, createdAt})
}

// finish fills the list of the environment named last.
func (b *builder) finish() error {
	switch {
	case b.into != nil:
		b.fail(b.into.fill(b.rows))
	case len(b.rows) > 0:
		b.fail(errors.New("an entry comes before its environment"))
	}
	b.into, b.rows = nil, b.rows[:0]
	return b.err
}

func (b *builder) fail(err error) { b.err = cmp.Or(b.err, err) }
