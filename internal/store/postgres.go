package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// postgresReaders is how many connections read at once.
const postgresReaders = 16

// postgresPatience bounds how long a connection or a transaction of the writer
// may take; a network that swallows everything says nothing otherwise.
const postgresPatience = 20 * time.Second

// The advisory locks of a database, or rather of its current schema: one held
// by a connection that does nothing else, one by the writer's own connection.
// A process that has lost the first one still keeps others from writing until
// it has lost the second one too, and then it cannot write itself.
const (
	lockOfProcess = 0x6e6f6301
	lockOfWriter  = 0x6e6f6302
)

// openPostgres opens the PostgreSQL database at the address dsn.
func openPostgres(ctx context.Context, dsn string) (*engine, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, err // has no password in it
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = postgresPatience
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "nocall"
	}
	e := &engine{
		dialect:  goose.DialectPostgres,
		snapshot: &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true},
		patience: postgresPatience,
	}
	guard := &advisoryLock{config: config}
	if err := guard.lock(ctx); err != nil {
		return nil, err
	}
	e.guard = guard
	e.write = stdlib.OpenDB(*config, stdlib.OptionAfterConnect(prepareWriter))
	e.write.SetMaxOpenConns(1)
	e.read = stdlib.OpenDB(*config)
	e.read.SetMaxOpenConns(postgresReaders)
	e.read.SetMaxIdleConns(postgresReaders / 2)
	if err := e.write.PingContext(ctx); err != nil {
		return nil, errors.Join(err, e.close())
	}
	return e, nil
}

// prepareWriter makes c the connection of the writer: it has the writer's lock,
// and does not call a transaction durable before it is.
func prepareWriter(ctx context.Context, c *pgx.Conn) error {
	_, err := c.Exec(ctx, `
		SELECT set_config('synchronous_commit', 'on', FALSE)
		WHERE current_setting('synchronous_commit') = 'off'`)
	if err != nil {
		return err
	}
	return takeLock(ctx, c, lockOfWriter)
}

// takeLock takes an advisory lock of the current schema for as long as c is
// open, or returns an error that matches [ErrInUse].
func takeLock(ctx context.Context, c *pgx.Conn, lock int32) error {
	var schema *string
	var taken *bool
	err := c.QueryRow(ctx, `
		SELECT current_schema(), pg_try_advisory_lock($1, hashtext(current_schema()))`,
		lock).Scan(&schema, &taken)
	switch {
	case err != nil:
		return err
	case schema == nil:
		return errors.New("the schema in search_path does not exist")
	case !*taken:
		return fmt.Errorf("%w, schema %s", ErrInUse, *schema)
	}
	return nil
}

// advisoryLock is an advisory lock on a connection of its own.
type advisoryLock struct {
	config *pgx.ConnConfig

	mu   sync.Mutex // guards following
	conn *pgx.Conn  // nil while the lock is lost
}

// lock opens the connection and takes the lock.
func (l *advisoryLock) lock(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, postgresPatience)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, l.config)
	if err != nil {
		return err
	}
	if err := takeLock(ctx, conn, lockOfProcess); err != nil {
		return errors.Join(err, conn.Close(ctx))
	}
	l.conn = conn
	return nil
}

// hold implements guard. A connection that does not answer is given up, and
// with it the lock.
func (l *advisoryLock) hold(ctx context.Context) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn != nil {
		soon, cancel := context.WithTimeout(ctx, watchEvery)
		defer cancel()
		err := l.conn.Ping(soon)
		if err == nil || ctx.Err() != nil {
			return false, err
		}
		_ = l.conn.Close(soon) // it is gone already
		l.conn = nil
		return false, err // doubted at once; the lock is taken again later
	}
	if err := l.lock(ctx); err != nil {
		return false, err
	}
	return true, nil
}

// release implements guard.
func (l *advisoryLock) release() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), watchEvery)
	defer cancel()
	return l.conn.Close(ctx)
}
