package store_test

import (
	"os"
	"path/filepath"
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
	storetest.Run(t, func(t *testing.T) string { return storetest.Schema(t, dsn) }, open)
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

func (s following) SealWith(sealer storetest.Sealer) { s.Store.SealWith(sealer) }

// postgres returns the address of the database to test on, or skips the test.
func postgres(t testing.TB) string {
	t.Helper()
	dsn := os.Getenv("TEST_POSTGRES")
	if dsn == "" {
		t.Skip("set TEST_POSTGRES=postgres://… (see scripts/postgres) to test on PostgreSQL")
	}
	return dsn
}

func fileIn(folder string) string { return filepath.Join(folder, "nocall.db") }
