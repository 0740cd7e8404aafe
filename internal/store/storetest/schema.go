package storetest

import (
	"crypto/rand"
	"database/sql"
	"strings"
	"testing"
)

// Schema makes a schema for one test in the PostgreSQL database at dsn, so that
// it is a database of its own, and returns the address of it. The schema is
// dropped when the test has ended. The driver is the one that package store
// registers; the caller imports it.
func Schema(t testing.TB, dsn string) string {
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
