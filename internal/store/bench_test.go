//go:build unix

package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"runtime"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/index"
	"nocall/internal/store"
	"nocall/internal/store/storetest"
	"nocall/internal/voice"
)

// BenchmarkAdd measures durable adds a second: by one client, by 64 at once,
// and beside them what the disk can do.
//
//	go test -run - -bench Add ./internal/store/
func BenchmarkAdd(b *testing.B) {
	b.Run("fdatasync", benchmarkSync)
	for _, clients := range []int{1, 64} {
		b.Run(fmt.Sprintf("sqlite/clients=%d", clients), func(b *testing.B) {
			benchmarkAdd(b, fileIn(b.TempDir()), clients)
		})
	}
	for _, clients := range []int{1, 64} {
		b.Run(fmt.Sprintf("postgres/clients=%d", clients), func(b *testing.B) {
			benchmarkAdd(b, storetest.Schema(b, postgres(b)), clients)
		})
	}
}

// benchmarkSync appends as much as an add may write, and has it on the disk.
func benchmarkSync(b *testing.B) {
	f, err := os.Create(b.TempDir() + "/log")
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	block, begin := make([]byte, 4<<10), cpuTime()
	for b.Loop() {
		if _, err := f.Write(block); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
	perSecond(b, begin)
}

func benchmarkAdd(b *testing.B, dsn string, clients int) {
	s := openWith(b, dsn, "production")
	var next atomic.Int64
	b.SetParallelism((clients + runtime.GOMAXPROCS(0) - 1) / runtime.GOMAXPROCS(0))
	add := func() {
		n := e164.FromUint64(uint64(10_000_000_000 + next.Add(1)*7_919%9_999_999_967))
		_, added, err := s.AddEntry(b.Context(), dnc.Entry{
			Environment: "production", Number: n, CreatedBy: dnc.User,
			Reason: "Requested removal via email", User: "key first", CreatedAt: time.Now(),
		})
		if err != nil || !added {
			b.Errorf("AddEntry(%v) = %v, %v", n, added, err)
		}
	}
	begin := cpuTime()
	if clients == 1 {
		for b.Loop() {
			add()
		}
	} else {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				add()
			}
		})
	}
	perSecond(b, begin)
}

// perSecond reports how many a second, and the CPU time of one since begin.
func perSecond(b *testing.B, begin time.Duration) {
	cpu := float64((cpuTime() - begin).Microseconds()) / float64(b.N)
	b.ReportMetric(cpu, "cpu-µs/op")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "op/s")
	b.ReportMetric(0, "ns/op")
}

func openWith(b *testing.B, dsn string, env dnc.Environment) *store.Store {
	b.Helper()
	s, err := store.Open(b.Context(), dsn)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	w := dnc.World{Name: env, Settings: dnc.DefaultSettings()}
	if _, err := s.AddWorld(b.Context(), w, "test"); err != nil {
		b.Fatal(err)
	}
	return s
}

// BenchmarkRead measures what a start reads: a list of two million entries, first
// counted alone and then taken in by an index.
func BenchmarkRead(b *testing.B) {
	const entries = 2_000_000
	file := fileIn(b.TempDir())
	s := openWith(b, file, "production")
	fill(b, file, entries)
	b.Run("count", func(b *testing.B) {
		begin := cpuTime()
		for b.Loop() {
			var c counter
			if err := s.Read(context.Background(), &c); err != nil || c != entries {
				b.Fatalf("Read gave %d entries, %v", c, err)
			}
		}
		perEntry(b, entries, begin)
	})
	b.Run("index", func(b *testing.B) {
		begin := cpuTime()
		for b.Loop() {
			if err := new(index.Index).Load(context.Background(), s); err != nil {
				b.Fatal(err)
			}
		}
		perEntry(b, entries, begin)
	})
}

// BenchmarkHistory measures a page of Call History, of a million calls, and of
// the trail of a million events.
//
//	go test -run - -bench History ./internal/store/
func BenchmarkHistory(b *testing.B) {
	file := fileIn(b.TempDir())
	s := openWith(b, file, "production")
	fillHistory(b, file, 1_000_000)
	heard := true
	for name, q := range map[string]voice.CallQuery{
		"calls/newest":  {},
		"calls/opt-out": {OptOut: &heard},
		"calls/number":  {Number: e164.FromUint64(14155550042)},
		"calls/later":   {After: "c_0500000"},
		"calls/day":     {Since: time.UnixMicro(1_700_000_900_000_000)},
		"calls/part":    {Part: "5550042"},
	} {
		q.Limit = 50
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				page, err := s.Calls(b.Context(), "production", q)
				if err != nil || page.Total == 0 {
					b.Fatalf("Calls = %+v, %v", page, err)
				}
			}
		})
	}
	for name, q := range map[string]dnc.TrailQuery{
		"trail/newest": {},
		"trail/number": {Number: e164.FromUint64(14155550042)},
		"trail/kind":   {Kind: dnc.Removed},
		"trail/day": {
			Since: time.UnixMicro(1_700_000_100_000_000),
			Until: time.UnixMicro(1_700_000_110_000_000),
		},
	} {
		q.Limit = 50
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				page, err := s.Trail(b.Context(), "production", q)
				if err != nil || page.Total == 0 {
					b.Fatalf("Trail = %+v, %v", page, err)
				}
			}
		})
	}
}

// fillHistory puts calls, of which one in a hundred is an opt-out, and events
// into the database in a file.
func fillHistory(b *testing.B, file string, n int) {
	db, err := sql.Open("sqlite", file)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	for _, text := range []string{
		`INSERT INTO call (environment_id, id, direction, number, caller_id, provider,
			campaign_id, status, disposition, skip_reason, opt_out_detection, revision, by,
			started_at, answered_at, ended_at, findings, turns, opted_out)
		SELECT 1, printf('c_%07d', i), 'outbound', 14155550000 + i, 14155559999, 'simulator',
			'', 'ended', 'answered', '', TRUE, 1, 'key first', 1700000000000000 + i * 1000,
			0, 0, i % 100 = 0, 0, i % 100 = 0
		FROM n`,
		`INSERT INTO call_count SELECT 1, 'outbound', 'ended', 'answered', '', FALSE, 99 * $1 / 100`,
		`INSERT INTO call_count SELECT 1, 'outbound', 'ended', 'answered', '', TRUE, $1 / 100`,
		`INSERT INTO event
		SELECT 'production', i + 1, CASE i % 1000 WHEN 0 THEN 'removed' ELSE 'added' END,
			14155550000 + i, 0, 'user', 1700000000000000 + i * 1000, '', '', 'key first', '',
			1700000000000000 + i * 1000
		FROM n`,
		`UPDATE environment SET revision = $1 + 1, last_at = 1700000000000000 + $1 * 1000`,
	} {
		_, err = db.Exec(`
			WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) `+text, n)
		if err != nil {
			b.Fatal(err)
		}
	}
}

// perEntry reports wall and CPU time an entry, the latter since begin.
func perEntry(b *testing.B, entries int, begin time.Duration) {
	all := float64(b.N * entries)
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/all, "ns/entry")
	b.ReportMetric(float64((cpuTime()-begin).Nanoseconds())/all, "cpu-ns/entry")
	b.ReportMetric(0, "ns/op")
}

// cpuTime returns the time that processors have spent on this process.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

type counter int

func (c *counter) Environment(dnc.Environment, int64)      {}
func (c *counter) Entry(e164.Number, dnc.CreatedBy, int64) { *c++ }

// fill puts entries on the first list of the database in a file, numbers in no
// order, behind the back of its store.
func fill(b *testing.B, file string, entries int) {
	db, err := sql.Open("sqlite", file)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	_, err = db.Exec(`
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
		INSERT INTO dnc_entry
		SELECT 1, 12000000000 + i * 7919000057 % 7999999993, 'user',
			'Requested removal via email', 'key first', '',
			1700000000000000 + i * 1000, 1700000000000000 + i * 1000
		FROM n`, entries)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := db.Exec(`PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		b.Fatal(err)
	}
}
