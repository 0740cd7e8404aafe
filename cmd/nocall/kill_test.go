package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"nocall/client"
)

// How the storm of the kill test blows.
const (
	killRounds = 3
	adders     = 64  // at once
	killAfter  = 400 // acknowledged adds, at most
)

// TestKill kills the server with SIGKILL while 64 clients add numbers, again
// and again on the same database: each number that was acknowledged is listed
// after the restart, and stands in the trail once.
func TestKill(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) { killAgainAndAgain(t) })
	t.Run("PostgreSQL", func(t *testing.T) {
		killAgainAndAgain(t, "-database", postgresSchema(t))
	})
}

// storm is the adders of one test, and what they were told.
type storm struct {
	next  atomic.Int64 // the next number
	mu    sync.Mutex   // guards following
	acked []string     // numbers that the server said are listed
}

func killAgainAndAgain(t *testing.T, args ...string) {
	dir := t.TempDir()
	keys := filepath.Join(dir, "keys.json")
	args = append([]string{
		"-data", filepath.Join(dir, "data"), "-bootstrap-key-file", keys,
		"-requests-per-second", "1000000", "-log-level", "error",
	}, args...)
	s := new(storm)
	s.next.Store(14155000000)
	for range killRounds {
		server, err := start(os.Environ(), args...)
		if err != nil {
			t.Fatal(err)
		}
		s.blow(t, server, keys)
	}
	server, err := start(os.Environ(), args...)
	if err != nil {
		t.Fatal(err)
	}
	s.verify(t, sandbox(t, server, keys))
	if err := server.stop(); err != nil {
		t.Errorf("server ended with %v; it said:\n%s", err, server.said())
	}
}

// blow adds numbers from many sides until the server, killed in the middle of
// it, answers no more.
func (s *storm) blow(t *testing.T, server *server, keys string) {
	c := sandbox(t, server, keys)
	before := len(s.acked)
	enough := before + 1 + rand.IntN(killAfter)
	var clients sync.WaitGroup
	for range adders {
		clients.Go(func() {
			for {
				number := "+" + strconv.FormatInt(s.next.Add(1), 10)
				if _, _, err := c.Add(context.Background(), number, "storm"); err != nil {
					return
				}
				if s.acknowledge(number) == enough {
					server.kill()
				}
			}
		})
	}
	clients.Wait()
	server.kill()
	if len(s.acked) < enough {
		t.Fatalf("the adders gave up at %d of %d adds; the server said:\n%s",
			len(s.acked)-before, enough-before, server.said())
	}
	t.Logf("killed after %d acknowledged adds, %d in all", enough-before, len(s.acked))
}

func (s *storm) acknowledge(number string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.acked = append(s.acked, number)
	return len(s.acked)
}

// verify looks for every acknowledged number on the list and in the trail.
func (s *storm) verify(t *testing.T, c *client.Client) {
	results, err := c.CheckMany(t.Context(), s.acked)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Verdict != client.Listed {
			t.Errorf("%s was acknowledged and is %s", r.Input, r.Verdict)
		}
	}
	added := make(map[string]int)
	var after int64
	for e, err := range c.AllEvents(t.Context(), client.EventQuery{Limit: 500}) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Kind == "added" {
			added[e.Number]++
		}
		if after != 0 && e.Revision != after-1 {
			t.Errorf("event %d of the trail is followed by %d", e.Revision, after)
		}
		after = e.Revision
	}
	for _, number := range s.acked {
		if n := added[number]; n != 1 {
			t.Errorf("%s was acknowledged once and added %d times in the trail", number, n)
		}
	}
}

// sandbox returns a client of the server's sandbox that tries nothing twice.
func sandbox(t *testing.T, s *server, keyFile string) *client.Client {
	text, err := os.ReadFile(keyFile)
	if err != nil {
		t.Fatal(err)
	}
	var keys map[string]string
	if err := json.Unmarshal(text, &keys); err != nil {
		t.Fatal(fmt.Errorf("%s: %w", keyFile, err))
	}
	return &client.Client{Server: s.url, Key: keys["sandbox"], Tries: 1}
}
