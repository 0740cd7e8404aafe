package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// engine is an opened database with what differs between SQLite and PostgreSQL.
type engine struct {
	dialect  goose.Dialect
	write    *sql.DB        // the writer's one connection
	read     *sql.DB        // connections that only read
	snapshot *sql.TxOptions // of a transaction that sees one moment
	patience time.Duration  // with one transaction of the writer; 0 for any
	guard    guard
}

// guard keeps other processes away from the database.
type guard interface {
	// hold makes sure that this process alone has the database. It returns
	// true when it was lost meanwhile and is held again.
	hold(ctx context.Context) (regained bool, err error)

	// release lets others have the database.
	release() error
}

func openEngine(ctx context.Context, dsn string) (*engine, error) {
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") {
		return openPostgres(ctx, dsn)
	}
	return openSQLite(ctx, dsn)
}

func (e *engine) close() error {
	return errors.Join(e.write.Close(), e.read.Close(), e.guard.release())
}

// migrate runs, in order, the migrations that this database has not had.
func (e *engine) migrate(ctx context.Context) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(e.dialect, e.write, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	have, newest, err := p.GetVersions(ctx)
	if err != nil {
		return err
	}
	if have > newest {
		return fmt.Errorf("%w: its schema is %d, ours is %d", ErrNewer, have, newest)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("bring the schema up to date: %w", err)
	}
	return nil
}
