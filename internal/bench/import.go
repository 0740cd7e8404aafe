package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"

	"nocall/internal/dnc"
	"nocall/internal/pages"
	"nocall/internal/registry"
	"nocall/internal/snapshot"
	"nocall/internal/store"
)

// Import measures how long a registry of about s.Entries takes from its file to
// being in force: read, checked line by line, durable, and asked; beside counting
// the lines of the file, and the same numbers brought into other programs, a
// number a row.
func Import(ctx context.Context, s Settings) (_ []Figure, err error) {
	folder, err := os.MkdirTemp(s.Folder, "nocall-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	r, err := newRegistry(s.Entries, false)
	if err != nil {
		return nil, err
	}
	i := &importing{registry: r, file: filepath.Join(folder, "registry.txt")}
	if err := i.write(); err != nil {
		return nil, err
	}
	close, err := i.open(ctx, folder)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, close()) }()
	contenders := []contender{
		{name: "registry from file to in force", run: i.run},
		{name: "wc -l", kind: Limit, run: i.lines},
	}
	if s.Peers {
		peers, stop, err := i.peers(ctx, s, folder)
		defer stop()
		if err != nil {
			return nil, err
		}
		contenders = append(contenders, peers...)
	}
	return measure(ctx, s.Rounds, true, contenders...)
}

// importing is a registry's file, and what keeps registries.
type importing struct {
	registry *madeRegistry
	file     string
	keeper   *registry.Keeper
}

// write writes the file as the national registry of the United States does.
func (i *importing) write() (err error) {
	file, err := os.Create(i.file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	w := bufio.NewWriterSize(file, 1<<20)
	line := make([]byte, 0, 16)
	for n := range i.registry.set.All() {
		digits := n.AppendTo(line)[2:] // without +1
		w.Write(digits[:3])
		w.WriteByte(',')
		w.Write(digits[3:])
		w.WriteByte('\n')
	}
	return w.Flush()
}

// open opens what keeps registries. Close closes it.
func (i *importing) open(ctx context.Context, folder string) (close func() error, err error) {
	db, err := store.Open(ctx, filepath.Join(folder, "nocall.db"))
	if err != nil {
		return nil, err
	}
	i.keeper = &registry.Keeper{
		Store: db, Shelf: shelf(folder), Log: slog.New(slog.DiscardHandler),
	}
	world := dnc.World{Name: production, Settings: dnc.DefaultSettings(), CreatedAt: now()}
	if _, err := db.AddWorld(ctx, world, "bench"); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if err := i.keeper.Open(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db.Close, nil
}

// nationalName is the name of the registry, whose area codes are made up.
const nationalName = "bench"

// run imports the registry, and asks it once.
func (i *importing) run(ctx context.Context) (int, error) {
	v, err := i.keeper.Import(ctx, registry.Import{
		Registry: nationalName, By: "bench", Files: []registry.File{{
			Name: "registry.txt",
			Open: func() (io.ReadCloser, error) { return os.Open(i.file) },
		}},
	})
	if err != nil {
		return 0, err
	}
	if n := i.registry.set.Len(); v.Numbers != int64(n) {
		return 0, fmt.Errorf("%d numbers were imported, of %d", v.Numbers, n)
	}
	return int(v.Numbers), nil
}

func (i *importing) lines(context.Context) (int, error) {
	n, err := countLines(i.file)
	if err == nil && n != i.registry.set.Len() {
		err = fmt.Errorf("%d lines", n)
	}
	return n, err
}

// peerRows is how many rows other programs are given at most: with more they take
// longer for each.
const peerRows = 1_000_000

// peers starts other programs. Stop ends them.
func (i *importing) peers(
	ctx context.Context, s Settings, folder string,
) (contenders []contender, stop func(), err error) {
	stop = func() {}
	var some made
	for n := range i.registry.set.All() {
		if some = append(some, n.Uint64()); len(some) == peerRows {
			break
		}
	}
	file, err := os.Create(filepath.Join(folder, "rows.txt"))
	if err != nil {
		return nil, stop, err
	}
	if err := errors.Join(writeLines(file, some), file.Chmod(0o644), file.Close()); err != nil {
		return nil, stop, err
	}
	p, err := startPostgres(ctx, folder)
	switch {
	case errors.Is(err, exec.ErrNotFound):
		s.note("%v", err)
	case err != nil:
		return nil, stop, err
	default:
		stop = func() { _ = p.end() } // it is of no use any more
		contenders = append(contenders, contender{
			name: "PostgreSQL, COPY with a primary key", kind: Peer, cpu: p.cpu,
			run: func(ctx context.Context) (int, error) {
				return p.copy(ctx, file.Name(), len(some))
			},
		})
	}
	if _, err := exec.LookPath("sqlite3"); err != nil {
		s.note("sqlite3 is not installed")
		return contenders, stop, nil
	}
	return append(contenders, contender{
		name: "SQLite, .import with a primary key", kind: Peer, cpu: childrenTime,
		run: func(ctx context.Context) (int, error) {
			return sqliteImport(ctx, folder, file.Name(), len(some))
		},
	}), stop, nil
}

// copy copies a file with so many rows into a table that is empty before.
func (p *postgres) copy(ctx context.Context, file string, rows int) (int, error) {
	_, err := p.conn.ExecContext(ctx, `DROP TABLE IF EXISTS dnc`)
	if err == nil {
		_, err = p.conn.ExecContext(ctx, `CREATE TABLE dnc (number bigint PRIMARY KEY)`)
	}
	if err == nil {
		_, err = p.conn.ExecContext(ctx, `COPY dnc FROM '`+file+`'`)
	}
	var n int
	if err == nil {
		err = p.conn.QueryRowContext(ctx, `SELECT count(*) FROM dnc`).Scan(&n)
	}
	if err == nil && n != rows {
		err = fmt.Errorf("%d rows were copied, of %d", n, rows)
	}
	return rows, err
}

// sqliteImport imports a file with so many rows into a table that is empty before.
func sqliteImport(ctx context.Context, folder, file string, rows int) (int, error) {
	cmd := exec.CommandContext(ctx, "sqlite3", filepath.Join(folder, "import.db"),
		"DROP TABLE IF EXISTS dnc", "CREATE TABLE dnc (number INTEGER PRIMARY KEY)",
		".import "+file+" dnc", "SELECT count(*) FROM dnc")
	said, err := cmd.CombinedOutput()
	if err == nil && string(said) != fmt.Sprintln(rows) {
		err = fmt.Errorf("want %d rows", rows)
	}
	if err != nil {
		return 0, fmt.Errorf("sqlite3: %w: %s", err, said)
	}
	return rows, nil
}

// shelf keeps the versions of one registry in a folder.
type shelf string

// Write implements [registry.Shelf].
func (s shelf) Write(name, id string, set *pages.Frozen) error { return s.of(name).Write(id, set) }

// Open implements [registry.Shelf].
func (s shelf) Open(name, id string) (*pages.Frozen, error) { return s.of(name).Open(id) }

// Load implements [registry.Shelf].
func (s shelf) Load(name, id string) (*pages.Frozen, error) { return s.of(name).Load(id) }

// Keep implements [registry.Shelf].
func (s shelf) Keep(name string, ids ...string) error { return s.of(name).Keep(ids...) }

// Memory implements [registry.Shelf].
func (shelf) Memory(size int) []byte { return snapshot.Memory(size) }

func (s shelf) of(name string) snapshot.Folder {
	return snapshot.Folder(filepath.Join(string(s), name))
}
