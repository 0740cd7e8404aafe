package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/index"
	"nocall/internal/store"
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
			benchmarkAdd(b, ownSchema(b, postgres(b)), clients)
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
	block := make([]byte, 4<<10)
	for b.Loop() {
		if _, err := f.Write(block); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
	perSecond(b)
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
	perSecond(b)
}

func perSecond(b *testing.B) {
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

// BenchmarkRead measures what a start reads: a list of a million entries, first
// counted alone and then taken in by an index.
func BenchmarkRead(b *testing.B) {
	const entries = 1_000_000
	s := openWith(b, fileIn(b.TempDir()), "production")
	fill(b, s, entries)
	b.Run("count", func(b *testing.B) {
		for b.Loop() {
			var c counter
			if err := s.Read(context.Background(), &c); err != nil || c != entries {
				b.Fatalf("Read gave %d entries, %v", c, err)
			}
		}
		perEntry(b, entries)
	})
	b.Run("index", func(b *testing.B) {
		for b.Loop() {
			if err := new(index.Index).Load(context.Background(), s); err != nil {
				b.Fatal(err)
			}
		}
		perEntry(b, entries)
	})
}

func perEntry(b *testing.B, entries int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*entries), "ns/entry")
}

type counter int

func (c *counter) Environment(dnc.Environment, int64)      {}
func (c *counter) Entry(e164.Number, dnc.CreatedBy, int64) { *c++ }

// fill adds entries by as many clients as share a transaction well.
func fill(b *testing.B, s *store.Store, entries int) {
	const clients = 512
	left := make(chan e164.Number, clients)
	done := make(chan error, clients)
	for range clients {
		go func() {
			var failure error
			for n := range left {
				_, _, err := s.AddEntry(context.Background(), dnc.Entry{
					Environment: "production", Number: n, CreatedBy: dnc.User,
					Reason: "Requested removal via email", CreatedAt: time.Now(),
				})
				if err != nil {
					failure = err
				}
			}
			done <- failure
		}()
	}
	seen := make(map[uint64]bool, entries)
	for len(seen) < entries {
		n := 12_000_000_000 + rand.Uint64N(8_000_000_000)
		if !seen[n] {
			seen[n] = true
			left <- e164.FromUint64(n)
		}
	}
	close(left)
	for range clients {
		if err := <-done; err != nil {
			b.Fatal(err)
		}
	}
}
