package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/index"
	"nocall/internal/store"
)

// inMemory has the lists in memory follow a store, as a node does.
type inMemory struct {
	*dnc.List
	index *index.Index
}

// Doubt implements [store.Follower].
func (m inMemory) Doubt(inDoubt bool) { m.index.SetCurrent(!inDoubt) }

// Reload implements [store.Follower].
func (m inMemory) Reload(ctx context.Context) error {
	return m.index.Load(ctx, m.Store.(*store.Store))
}

// BenchmarkImport imports numbers into an empty list and undoes that, on the
// disk and in memory.
func BenchmarkImport(b *testing.B) {
	for _, size := range []int{100_000, 1_000_000, 10_000_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) { benchImport(b, size) })
	}
}

func benchImport(b *testing.B, size int) {
	s, err := store.Open(b.Context(), fileIn(b.TempDir()))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	w := dnc.World{Name: "production", Settings: dnc.DefaultSettings()}
	if _, err := s.AddWorld(b.Context(), w, "bench"); err != nil {
		b.Fatal(err)
	}
	x := new(index.Index)
	s.Follow(inMemory{&dnc.List{Index: x, Store: s}, x})
	if err := x.Load(b.Context(), s); err != nil {
		b.Fatal(err)
	}
	x.SetCurrent(true)
	f := &dnc.ImportFile{Reasons: []string{""}, Rows: int64(size)}
	random, n := rand.New(rand.NewPCG(1, 2)), uint64(12012000000)
	for range size {
		n += 1 + random.Uint64N(7_900_000_000/uint64(size)*2-1)
		f.Numbers = append(f.Numbers, dnc.ImportNumber{Number: e164.FromUint64(n)})
	}
	steps := dnc.ImportSteps{Listed: func(ns []e164.Number, listed []bool) (int64, error) {
		return x.ContainsMany("production", ns, listed)
	}}
	imports, undone, i := time.Duration(0), time.Duration(0), 0
	for b.Loop() {
		i++
		m := dnc.Import{Environment: "production", ID: fmt.Sprint(i), By: "bench"}
		begin := time.Now()
		if m, err = s.AddImport(b.Context(), m, f, steps); err != nil || m.Added != int64(size) {
			b.Fatal(m, err)
		}
		imports += time.Since(begin)
		begin = time.Now()
		if _, err := s.UndoImport(b.Context(), "production", m.ID, "bench"); err != nil {
			b.Fatal(err)
		}
		undone += time.Since(begin)
	}
	b.ReportMetric(float64(size*i)/imports.Seconds(), "numbers/s")
	b.ReportMetric(float64(size*i)/undone.Seconds(), "undone/s")
	b.ReportMetric(0, "ns/op")
}
