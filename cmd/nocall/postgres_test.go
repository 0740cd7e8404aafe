package main

import (
	"os"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"

	"nocall/internal/store/storetest"
)

// postgresSchema makes a schema for one test in the database that TEST_POSTGRES
// names and returns its address, or skips the test.
func postgresSchema(t *testing.T) string {
	dsn := os.Getenv("TEST_POSTGRES")
	if dsn == "" {
		t.Skip("set TEST_POSTGRES=postgres://… to test on PostgreSQL")
	}
	return storetest.Schema(t, dsn)
}
