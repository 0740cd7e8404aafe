package store_test

import (
	"crypto/rand"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"

	"nocall/internal/store"
	"nocall/internal/store/storetest"
)

func TestSQLite(t *testing.T) {
	storetest.Run(t, func(t *testing.T) string { return fileIn(t.TempDir()) }, open)
}

func TestPostgres(t *testing.T) {
	dsn := postgres(t)
	storetest.Run(t, func(t *testing.T) string { return ownSchema(t, dsn) }, open)
}

func open(t *testing.T, dsn string) (storetest.Store, error) {
	s, err := store.Open(t.Context(), dsn)
	if err != nil {
		return nil, err
	}
	return following{s}, nil
}

// following is a store that takes the follower of a test.
type following struct{ *store.Store }

func (s following) Follow(f storetest.Follower) { s.Store.Follow(f) }

// postgres returns the address of the database to test on, or skips the test.
func postgres(t testing.TB) string {
	t.Helper()
	dsn := os.Getenv("TEST_POSTGRES")
	if dsn == "" {
		t.Skip("set TEST_POSTGRES=postgres://… (see scripts/postgres) to test on PostgreSQL")
	}
	return dsn
}

// ownSchema makes a schema for one test in the database at dsn and returns the
// address of it.
func ownSchema(t testing.TB, dsn string) string {
	t.Helper()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	name := "test_" + strings.ToLower(rand.Text())
	if _, err := db.Exec(`CREATE SCHEMA ` + name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.Exec(`DROP SCHEMA ` + name + ` CASCADE`); err != nil {
			t.Error(err)
		}
		db.Close()
	})
	sign := "?"
	if strings.Contains(dsn, "?") {
		sign = "&"
	}
	return dsn + sign + "search_path=" + name
}

func fileIn(folder string) string { return filepath.Join(folder, "nocall.db") }
