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

// limit returns the context of one transaction of the writer.
func (e *engine) limit() (context.Context, context.CancelFunc) {
	if e.patience == 0 {
		return context.Background(), func() {}
	}
	return context.WithTimeout(context.Background(), e.patience)
}

// Pauses between the tries of insist, each twice as long as the one before.
const (
	firstPause = 25 * time.Millisecond
	lastPause  = 400 * time.Millisecond
)

// insist does what changes nothing on the writer's connection. Where that is
// one of a network it may have been lost, and the server may need a moment to
// notice; so it is tried again.
func (e *engine) insist(ctx context.Context, do func() error) error {
	err := do()
	for pause := firstPause; err != nil && e.patience > 0 && pause <= lastPause; pause *= 2 {
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
		err = do()
	}
	return err
}
