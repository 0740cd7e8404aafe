// Package results keeps the files that scrubs have made until they are fetched:
// for a day, and no longer than the process runs, for they are full of people's
// numbers.
package results

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/scrub"
)

// Life is how long a result is kept.
const Life = 24 * time.Hour

// mostKept is how many results an environment has at most. When there is one
// more, the oldest goes.
const mostKept = 20

const sweepEvery = 10 * time.Minute

// The files of a result.
const (
	clearFile      = "clear.csv"
	suppressedFile = "suppressed.csv"
)

// Shelf is a folder with results. Its fields are set before use.
type Shelf struct {
	Dir   string
	Limit int64 // bytes that all results may take together; 0 for no limit
	Log   *slog.Logger

	used atomic.Int64 // bytes

	mu   sync.Mutex // guards following
	kept []scrub.Result
}

var _ scrub.Results = (*Shelf)(nil)

// Empty removes what a process before this one has left. It is called once,
// before the shelf is used.
func (s *Shelf) Empty() error { return os.RemoveAll(s.Dir) }

// Keep implements [scrub.Results].
func (s *Shelf) Keep(
	ctx context.Context, r scrub.Result,
	run func(context.Context, scrub.Outputs) (scrub.Counts, error),
) (_ scrub.Result, err error) {
	r.ID = rand.Text()
	dir := filepath.Join(s.Dir, r.ID)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return r, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.clear(r.ID))
		}
	}()
	if r.Counts, err = s.write(ctx, dir, run); err != nil {
		return r, err
	}
	r.MadeAt = time.Now().UTC()
	r.Until = r.MadeAt.Add(Life)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = append(s.kept, r)
	s.makeRoom(r.Environment)
	return r, nil
}

// write has run write the files of a result to a folder.
func (s *Shelf) write(
	ctx context.Context, dir string,
	run func(context.Context, scrub.Outputs) (scrub.Counts, error),
) (counts scrub.Counts, err error) {
	may, err := os.OpenFile(filepath.Join(dir, clearFile), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return counts, err
	}
	defer func() { err = errors.Join(err, may.Close()) }()
	not, err := os.OpenFile(filepath.Join(dir, suppressedFile), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return counts, err
	}
	defer func() { err = errors.Join(err, not.Close()) }()
	return run(ctx, scrub.Outputs{Clear: bounded{may, s}, Suppressed: bounded{not, s}})
}

// bounded writes as long as there is room on the shelf.
type bounded struct {
	io.Writer
	shelf *Shelf
}

// Write implements [io.Writer].
func (b bounded) Write(p []byte) (int, error) {
	if limit := b.shelf.Limit; b.shelf.used.Add(int64(len(p))) > limit && limit > 0 {
		b.shelf.used.Add(-int64(len(p)))
		return 0, scrub.ErrNoRoom
	}
	n, err := b.Writer.Write(p)
	b.shelf.used.Add(int64(n - len(p)))
	return n, err
}

// clear removes the folder of a result. A file that cannot be removed now goes
// when the next process empties the shelf.
func (s *Shelf) clear(id string) error {
	dir := filepath.Join(s.Dir, id)
	for _, name := range []string{clearFile, suppressedFile} {
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil {
			s.used.Add(-info.Size())
		}
	}
	return os.RemoveAll(dir)
}

// makeRoom removes the oldest results of an environment that has too many.
func (s *Shelf) makeRoom(env dnc.Environment) {
	room := mostKept
	for i := len(s.kept) - 1; i >= 0; i-- {
		if s.kept[i].Environment != env {
			continue
		}
		if room--; room < 0 {
			s.drop(i)
		}
	}
}

// drop removes the i-th result.
func (s *Shelf) drop(i int) {
	if err := s.clear(s.kept[i].ID); err != nil {
		s.Log.Error("result of a scrub cannot be removed", "err", err)
	}
	s.kept = slices.Delete(s.kept, i, i+1)
}

// Results implements [scrub.Results].
func (s *Shelf) Results(env dnc.Environment) (of []scrub.Result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	for _, r := range slices.Backward(s.kept) {
		if r.Environment == env && now.Before(r.Until) {
			of = append(of, r)
		}
	}
	return of
}

// Result implements [scrub.Results].
func (s *Shelf) Result(env dnc.Environment, id string) (scrub.Result, error) {
	for _, r := range s.Results(env) {
		if r.ID == id {
			return r, nil
		}
	}
	return scrub.Result{}, scrub.ErrNoResult
}

// Rows implements [scrub.Results].
func (s *Shelf) Rows(env dnc.Environment, id string, clear bool) (io.ReadSeekCloser, error) {
	r, err := s.Result(env, id)
	if err != nil {
		return nil, err
	}
	name := suppressedFile
	if clear {
		name = clearFile
	}
	file, err := os.Open(filepath.Join(s.Dir, r.ID, name))
	if errors.Is(err, fs.ErrNotExist) { // removed in this moment
		return nil, scrub.ErrNoResult
	}
	if err != nil {
		return nil, fmt.Errorf("result of a scrub: %w", err)
	}
	return file, nil
}

// Remove implements [scrub.Results].
func (s *Shelf) Remove(env dnc.Environment, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.kept, func(r scrub.Result) bool {
		return r.Environment == env && r.ID == id
	})
	if i < 0 {
		return scrub.ErrNoResult
	}
	s.drop(i)
	return nil
}

// Run removes what is old, until ctx is done, and then everything.
func (s *Shelf) Run(ctx context.Context) error {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			s.sweep(time.Now())
		case <-ctx.Done():
			return os.RemoveAll(s.Dir)
		}
	}
}

func (s *Shelf) sweep(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := len(s.kept) - 1; i >= 0; i-- {
		if !now.Before(s.kept[i].Until) {
			s.drop(i)
		}
	}
}
