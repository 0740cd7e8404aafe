package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"nocall/internal/node"
)

// Start measures how long a node takes from nothing to ready, with an empty
// list and with a long one.
func Start(ctx context.Context, s Settings) ([]Figure, error) {
	folder, err := os.MkdirTemp(s.Folder, "nocall-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	var contenders []contender
	for _, entries := range []int{0, s.Entries} {
		data := filepath.Join(folder, fmt.Sprint(entries))
		if err := fill(ctx, data, entries); err != nil {
			return nil, err
		}
		n := new(running)
		contenders = append(contenders, contender{
			name: fmt.Sprintf("start with %d entries", entries),
			run: func(ctx context.Context) (int, error) {
				var err error
				*n, err = start(ctx, data)
				return 1, err
			},
			after: func() error { return n.stop() },
		})
	}
	return measure(ctx, s.Rounds, true, contenders...)
}

// fill makes a database with a list of its own. Entries go straight into it,
// for five million of them would take minutes through the door.
func fill(ctx context.Context, data string, entries int) (err error) {
	if err := os.Mkdir(data, 0o700); err != nil {
		return err
	}
	n, err := start(ctx, data) // makes the environments
	if err != nil {
		return err
	}
	if err := n.stop(); err != nil {
		return err
	}
	file := filepath.Join(data, node.DatabaseFile)
	db, err := sql.Open("sqlite", file) // the driver that package store brings
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = db.ExecContext(ctx, `
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
		INSERT INTO dnc_entry (environment_id, number, created_by, reason, user_name, call_id,
			created_at, updated_at)
		SELECT (SELECT id FROM environment WHERE name = $2),
			12000000000 + i * 7919000057 % 2999999929, 'user',
			'Requested removal via email', 'key first', '', $3 + i * 1000, $3 + i * 1000
		FROM n WHERE $1 > 0`, entries, string(production), microsecond0)
	return err
}

// running is a node that is ready.
type running struct {
	address string
	first   node.First
	stop    func() error
}

// start starts a node on the data folder and waits until it is ready.
func start(ctx context.Context, data string) (running, error) {
	n, first, err := node.New(ctx, node.Config{
		Listen: "127.0.0.1:0", Data: data, AdminPassword: "bench bench", RequestsPerSecond: 1e9,
	})
	if err != nil {
		return running{}, err
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- n.Run(ctx) }()
	r := running{address: n.Address(), first: first, stop: func() error {
		cancel()
		return <-ended
	}}
	if err := untilReady(ctx, r.address); err != nil {
		return running{}, errors.Join(err, r.stop())
	}
	return r, nil
}

func untilReady(ctx context.Context, address string) error {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		resp, err := http.Get("http://" + address + "/readyz")
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
