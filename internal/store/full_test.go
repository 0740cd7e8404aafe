package store

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"modernc.org/sqlite"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/store/storetest"
)

// TestRefusingDisk holds that a change that does not fit on the disk, or may
// not be written, is an error and nothing else; later ones work again.
func TestRefusingDisk(t *testing.T) {
	for _, test := range []struct {
		name, refuse, allow string
		code                int
	}{
		{"full", `PRAGMA max_page_count = 1`, `PRAGMA max_page_count = 4294967294`, 13},
		{"read only", `PRAGMA query_only = 1`, `PRAGMA query_only = 0`, 8},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := openFile(t)
			book := new(storetest.Notebook)
			s.Follow(book)
			before := len(book.Told())

			pragma(t, s, test.refuse)
			failure := addUntilRefused(t, s)
			refused, ok := errors.AsType[*sqlite.Error](failure)
			if !ok || refused.Code()&0xff != test.code {
				t.Fatalf("AddEntry = %v; want code %d", failure, test.code)
			}
			told := len(book.Told()) - before
			pragma(t, s, test.allow)
			if _, added, err := s.AddEntry(t.Context(), long(100_000)); !added || err != nil {
				t.Fatalf("AddEntry with room = %v, %v; want it added", added, err)
			}
			page, err := s.Trail(t.Context(), "production", dnc.TrailQuery{Limit: 1})
			if err != nil || page.Total != told+2 || len(book.Told())-before != told+1 {
				t.Errorf("Trail has %d events, %v; want one more than the %d told of",
					page.Total, err, told+1)
			}
			if doubts, _, _ := book.Doubts(); doubts != 0 {
				t.Errorf("%d doubts; want none: what happened is known", doubts)
			}
		})
	}
}

func openFile(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "nocall.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := s.AddWorld(t.Context(), dnc.World{Name: "production"}, "test"); err != nil {
		t.Fatal(err)
	}
	return s
}

func pragma(t *testing.T, s *Store, text string) {
	t.Helper()
	if _, err := s.engine.write.ExecContext(t.Context(), text); err != nil {
		t.Fatal(err)
	}
}

// long is an entry that fills a good part of a page.
func long(i int) dnc.Entry {
	return dnc.Entry{
		Environment: "production", Number: e164.FromUint64(uint64(14155550000 + i)),
		CreatedBy: dnc.User, Reason: strings.Repeat("long ", 90), CreatedAt: time.Now(),
	}
}

func addUntilRefused(t *testing.T, s *Store) error {
	t.Helper()
	for i := range 1000 {
		if _, _, err := s.AddEntry(t.Context(), long(i)); err != nil {
			return err
		}
	}
	t.Fatal("no change is refused")
	return nil
}

// TestBusy holds that what cannot wait is refused, and that the rest is done.
func TestBusy(t *testing.T) {
	s := openFile(t)
	busy, goOn := make(chan struct{}), make(chan struct{})
	first := make(chan error, 1)
	go func() {
		first <- s.change(t.Context(), func(*tx) error {
			close(busy)
			<-goOn
			return nil
		})
	}()
	<-busy
	waiting := make([]*work, maxWaiting)
	for i := range waiting {
		waiting[i] = &work{
			ctx: t.Context(), add: &addition{entry: long(i % 10)}, done: make(chan error, 1),
		}
		if err := s.writer.enqueue(waiting[i]); err != nil {
			t.Fatalf("change %d: %v", i, err)
		}
	}
	if _, _, err := s.AddEntry(t.Context(), long(0)); !errors.Is(err, ErrBusy) {
		t.Errorf("AddEntry = %v; want ErrBusy", err)
	}
	close(goOn)
	for i, one := range waiting {
		if err := <-one.done; err != nil {
			t.Fatalf("change %d: %v", i, err)
		}
	}
	if err := <-first; err != nil {
		t.Error(err)
	}
}
