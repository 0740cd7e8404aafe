package store_test

import (
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"nocall/internal/store"
)

// TestOpenErrors holds that whoever reads why a database does not open knows
// what to do.
func TestOpenErrors(t *testing.T) {
	folder := t.TempDir()
	text := filepath.Join(folder, "text.db")
	words := []byte(strings.Repeat("not a database\n", 100))
	if err := os.WriteFile(text, words, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ dsn, want string }{
		{filepath.Join(folder, "gone", "nocall.db"), "gone is not a folder"},
		{filepath.Join(text, "nocall.db"), "text.db is not a folder"},
		{text, "text.db: is not a database of nocall"},
		{folder, "cannot be read and written"},
		{"postgres://ada:secret@127.0.0.1:1/nocall", "127.0.0.1"},
		{"postgres://ada:secret@127.0.0.1:port/nocall", "port"},
		{"postgres://ada:secret@localhost/nocall?sslmode=secure", "sslmode"},
	} {
		s, err := store.Open(t.Context(), test.dsn)
		if err == nil {
			t.Errorf("Open(%s) = nil; want %q", test.dsn, test.want)
			s.Close()
			continue
		}
		if !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("Open(%s) = %v; want %q, and no password", test.dsn, err, test.want)
		}
	}
}

// TestOpenNewer holds that a database of a newer program is left alone.
func TestOpenNewer(t *testing.T) {
	file := fileIn(t.TempDir())
	s, err := store.Open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)`)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(t.Context(), file); !errors.Is(err, store.ErrNewer) {
		t.Errorf("Open = %v; want ErrNewer", err)
	}
}

// TestOpenOddNames holds that a file may be named as people name files.
func TestOpenOddNames(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "a folder? with #1, 100%41 & ü")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), fileIn(folder))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(fileIn(folder)); err != nil {
		t.Errorf("the database is not in its folder: %v", err)
	}
}

// TestLibc holds that the C library under SQLite is the one it was made for:
// the two are translated together, and a newer one breaks it silently.
func TestLibc(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "modernc.org/sqlite").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	want := libcOf(t, filepath.Join(strings.TrimSpace(string(out)), "go.mod"))
	if got := libcOf(t, filepath.Join("..", "..", "go.mod")); got != want {
		t.Errorf("go.mod has modernc.org/libc %s; modernc.org/sqlite wants %s", got, want)
	}
}

func libcOf(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`modernc\.org/libc (v\S+)`).FindSubmatch(text)
	if found == nil {
		t.Fatalf("%s does not name modernc.org/libc", file)
	}
	return string(found[1])
}
