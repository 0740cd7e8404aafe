package bench

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// postgres is a PostgreSQL of our own.
type postgres struct {
	*process
	psql    []string // the command, with where to find it
	db      *sql.DB
	conn    *sql.Conn
	backend int // process that answers conn
}

// startPostgres starts a PostgreSQL in a folder of its own. As root it runs as the
// user postgres, for it refuses root.
func startPostgres(ctx context.Context, folder string) (_ *postgres, err error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil || len(found) == 0 {
		return nil, fmt.Errorf("postgres: %w", exec.ErrNotFound)
	}
	bin := slices.MaxFunc(found, func(a, b string) int { return len(a) - len(b) })
	home := filepath.Join(folder, "postgres")
	if err := os.MkdirAll(home, 0o700); err != nil {
		return nil, err
	}
	owner, err := ownerFor(folder, home)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(home, "data")
	initdb := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "-D", data,
		"-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
	owner.of(initdb, home)
	if said, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, said)
	}
	_, port, err := freePort()
	if err != nil {
		return nil, err
	}
	run := exec.CommandContext(ctx, filepath.Join(bin, "postgres"), "-D", data, "-p", port,
		"-k", home, "-c", "listen_addresses=127.0.0.1", "-c", "shared_buffers=1GB")
	owner.of(run, home)
	p := &postgres{psql: []string{
		filepath.Join(bin, "psql"), "-h", "127.0.0.1", "-p", port, "-U", "postgres", "-q",
	}}
	if p.process, err = launch(run, nil); err != nil {
		return nil, err
	}
	return p, p.connect(ctx, port)
}

// connect waits until there is an answer.
func (p *postgres) connect(ctx context.Context, port string) error {
	var err error
	p.db, err = sql.Open("pgx", // the driver that package store brings
		"postgres://postgres@127.0.0.1:"+port+"/postgres?sslmode=disable")
	if err == nil {
		err = until(ctx, func() (err error) {
			p.conn, err = p.db.Conn(ctx)
			return err
		})
	}
	if err == nil {
		err = p.conn.QueryRowContext(ctx, `SELECT pg_backend_pid()`).Scan(&p.backend)
	}
	if err != nil {
		return errors.Join(err, p.end())
	}
	return nil
}

// cpu is the CPU time of the process that answers.
func (p *postgres) cpu() time.Duration { return cpuOf(p.backend) }

func (p *postgres) end() error {
	if p.conn != nil {
		p.conn.Close()
	}
	return errors.Join(p.db.Close(), p.process.end())
}

// say runs statements, which read in.
func (p *postgres) say(ctx context.Context, in io.Reader, statements ...string) error {
	args := slices.Clone(p.psql[1:])
	for _, s := range statements {
		args = append(args, "-c", s)
	}
	cmd := exec.CommandContext(ctx, p.psql[0], args...)
	cmd.Stdin = in
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("psql: %w: %s", err, bytes.TrimSpace(said))
	}
	return nil
}

// fill makes a table of the numbers, which is their primary key.
func (p *postgres) fill(ctx context.Context, numbers made) error {
	sorted := slices.Clone(numbers)
	slices.Sort(sorted)
	r, w := io.Pipe()
	go func() { w.CloseWithError(writeLines(w, sorted)) }()
	return p.say(ctx, r, `CREATE TABLE dnc (number bigint PRIMARY KEY)`,
		`COPY dnc FROM STDIN`, `VACUUM ANALYZE dnc`)
}

// writeLines writes numbers, a line each, without plus signs.
func writeLines(w io.Writer, numbers made) error {
	b := bufio.NewWriterSize(w, 1<<20)
	var digits [20]byte
	for _, n := range numbers {
		if _, err := b.Write(append(strconv.AppendUint(digits[:0], n, 10), '\n')); err != nil {
			return err
		}
	}
	return b.Flush()
}

// anyOf returns those of values that are in the table.
func (p *postgres) anyOf(ctx context.Context, values []int64) (found int, err error) {
	rows, err := p.conn.QueryContext(ctx, `SELECT number FROM dnc WHERE number = any($1)`, values)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return 0, err
		}
		found++
	}
	return found, rows.Err()
}
