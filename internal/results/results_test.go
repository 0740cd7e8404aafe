package results_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/results"
	"nocall/internal/scrub"
)

func newShelf(t *testing.T) *results.Shelf {
	return &results.Shelf{
		Dir: filepath.Join(t.TempDir(), "results"), Log: slog.New(slog.DiscardHandler),
	}
}

// keep keeps a result with a word of its own in both files.
func keep(t *testing.T, s *results.Shelf, env dnc.Environment, word string) scrub.Result {
	t.Helper()
	r, err := s.Keep(t.Context(), scrub.Result{Environment: env, File: word + ".csv"},
		func(_ context.Context, out scrub.Outputs) (scrub.Counts, error) {
			fmt.Fprint(out.Clear, "may ", word)
			fmt.Fprint(out.Suppressed, "not ", word)
			return scrub.Counts{Columns: []string{word}}, nil
		})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func read(t *testing.T, s *results.Shelf, r scrub.Result, clear bool) string {
	t.Helper()
	f, err := s.Rows(r.Environment, r.ID, clear)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestKeep(t *testing.T) {
	s := newShelf(t)
	a, b := keep(t, s, "sandbox", "a"), keep(t, s, "sandbox", "b")
	if got := read(t, s, a, true) + ", " + read(t, s, b, false); got != "may a, not b" {
		t.Errorf("files have %q", got)
	}
	if of := s.Results("sandbox"); len(of) != 2 || of[0].ID != b.ID || of[1].File != "a.csv" {
		t.Errorf("Results = %+v, want b and a", of)
	}
	if _, err := s.Rows("production", a.ID, true); !errors.Is(err, scrub.ErrNoResult) {
		t.Errorf("Rows from another environment: %v", err)
	}
	if err := s.Remove("production", a.ID); !errors.Is(err, scrub.ErrNoResult) {
		t.Errorf("Remove from another environment: %v", err)
	}
	if err := s.Remove("sandbox", a.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Result("sandbox", a.ID); !errors.Is(err, scrub.ErrNoResult) {
		t.Errorf("Result after it was removed: %v", err)
	}
	if left, _ := os.ReadDir(s.Dir); len(left) != 1 {
		t.Errorf("%d folders are left, want 1", len(left))
	}
}

// What fails leaves nothing, and neither does a process.
func TestNothingIsLeft(t *testing.T) {
	s := newShelf(t)
	broken := errors.New("broken")
	_, err := s.Keep(t.Context(), scrub.Result{Environment: "sandbox"},
		func(_ context.Context, out scrub.Outputs) (scrub.Counts, error) {
			fmt.Fprint(out.Clear, "half")
			return scrub.Counts{}, broken
		})
	if !errors.Is(err, broken) {
		t.Errorf("Keep = %v, want the error of run", err)
	}
	if left, _ := os.ReadDir(s.Dir); len(left) != 0 || len(s.Results("sandbox")) != 0 {
		t.Errorf("a scrub that failed has left %v", left)
	}
	keep(t, s, "sandbox", "a")
	if err := newAt(s.Dir).Empty(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(s.Dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("another process finds %v", err)
	}
}

func newAt(dir string) *results.Shelf {
	return &results.Shelf{Dir: dir, Log: slog.New(slog.DiscardHandler)}
}

// Results take no more than they may, and what goes makes room.
func TestLimit(t *testing.T) {
	s := newShelf(t)
	s.Limit = 12
	a := keep(t, s, "sandbox", "a") // ten bytes
	_, err := s.Keep(t.Context(), scrub.Result{Environment: "sandbox"},
		func(_ context.Context, out scrub.Outputs) (scrub.Counts, error) {
			_, err := fmt.Fprint(out.Clear, "too much")
			return scrub.Counts{}, err
		})
	if !errors.Is(err, scrub.ErrNoRoom) {
		t.Errorf("Keep beyond the limit = %v, want ErrNoRoom", err)
	}
	if err := s.Remove("sandbox", a.ID); err != nil {
		t.Fatal(err)
	}
	keep(t, s, "sandbox", "b")
}

// The oldest makes room for one more, of its own environment.
func TestRoom(t *testing.T) {
	s := newShelf(t)
	other, first := keep(t, s, "production", "other"), keep(t, s, "sandbox", "first")
	for i := range 20 {
		keep(t, s, "sandbox", fmt.Sprint(i))
	}
	if _, err := s.Result("sandbox", first.ID); !errors.Is(err, scrub.ErrNoResult) {
		t.Errorf("the first of 21 is still there: %v", err)
	}
	if n := len(s.Results("sandbox")); n != 20 {
		t.Errorf("%d results, want 20", n)
	}
	if got := read(t, s, other, true); got != "may other" {
		t.Errorf("that of another environment has %q", got)
	}
}

// A result goes after a day, and with the process.
func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf(t)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			if err := s.Run(ctx); err != nil {
				t.Error(err)
			}
		}()
		keep(t, s, "sandbox", "a")
		<-time.After(results.Life - time.Minute)
		b := keep(t, s, "sandbox", "b")
		if n := len(s.Results("sandbox")); n != 2 {
			t.Errorf("%d results before the day is over, want 2", n)
		}
		<-time.After(15 * time.Minute)
		if of := s.Results("sandbox"); len(of) != 1 || of[0].ID != b.ID {
			t.Errorf("Results = %+v, want b", of)
		}
		if left, _ := os.ReadDir(s.Dir); len(left) != 1 {
			t.Errorf("%d folders are left, want 1", len(left))
		}
		cancel()
		<-done
		if _, err := os.Stat(s.Dir); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("after the process there is %v", err)
		}
	})
}
