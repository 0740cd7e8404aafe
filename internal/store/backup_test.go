package store_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/store"
)

// TestBackup copies a database that is in use: the copy has everything that
// was acknowledged before, and opens as a database of its own.
func TestBackup(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nocall.db")
	file := filepath.Join(t.TempDir(), "it's a copy.db")
	s, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.AddWorld(t.Context(), dnc.World{
		Name: "sandbox", Settings: dnc.DefaultSettings(), CreatedAt: time.UnixMicro(1).UTC(),
	}, "test"); err != nil {
		t.Fatal(err)
	}
	var numbers []e164.Number
	for i := range 100 {
		n, err := e164.Parse(fmt.Sprintf("+141555501%02d", i))
		if err != nil {
			t.Fatal(err)
		}
		numbers = append(numbers, n)
		if _, _, err := s.AddEntry(t.Context(), dnc.Entry{
			Environment: "sandbox", Number: n, CreatedBy: dnc.User,
			CreatedAt: time.UnixMicro(int64(i + 2)).UTC(),
		}); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Backup(t.Context(), path, file); err != nil {
		t.Fatal(err)
	}
	if stat, err := os.Stat(file); err != nil || stat.Mode().Perm() != 0o600 {
		t.Errorf("the copy is %v, %v; want mode 0600", stat, err)
	}
	copied, err := store.Open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	defer copied.Close()
	entries, err := copied.Entries(t.Context(), "sandbox", numbers)
	if err != nil || len(entries) != len(numbers) {
		t.Errorf("the copy has %d entries, %v; want %d", len(entries), err, len(numbers))
	}

	if err := store.Backup(t.Context(), path, file); !errors.Is(err, fs.ErrExist) {
		t.Errorf("Backup over a file: %v, want ErrExist", err)
	}
	none := filepath.Join(t.TempDir(), "none.db")
	if err := store.Backup(t.Context(), none, file+"2"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Backup of nothing: %v, want ErrNotExist", err)
	}
	if left, err := filepath.Glob(filepath.Dir(file) + "/*2*"); err != nil || len(left) > 0 {
		t.Errorf("a backup that failed left %v, %v", left, err)
	}
}
