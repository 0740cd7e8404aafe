//go:build unix

package index

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/e164"
)

const million = 1_000_000

// loaded returns an index of numbers, in which they came in a random order.
func loaded(b *testing.B, numbers []uint64) *Index {
	b.Helper()
	x := new(Index)
	if err := x.Load(b.Context(), shuffle(numbers)); err != nil {
		b.Fatal(err)
	}
	runtime.GC()
	return x
}

// BenchmarkCheck asks for random numbers one by one: the index through
// [dnc.List.Check], and a Go map beside it.
func BenchmarkCheck(b *testing.B) {
	sizes := []int{10 * million}
	if os.Getenv("NOCALL_BENCH_FULL") != "" {
		sizes = append(sizes, 100*million)
	}
	for _, size := range sizes {
		b.Run(fmt.Sprintf("%dM", size/million), func(b *testing.B) { benchmarkCheck(b, size) })
	}
}

func benchmarkCheck(b *testing.B, size int) {
	numbers := generate(size, 3)
	asked := questions(numbers, 1<<21)
	list := &dnc.List{Index: loaded(b, numbers)}
	b.Run("list", func(b *testing.B) {
		b.ReportAllocs()
		found := 0
		begin := processor()
		for i := 0; b.Loop(); i++ {
			listed, err := list.Check(production, asked[i&(1<<21-1)])
			if err != nil {
				b.Fatal(err)
			}
			if listed {
				found++
			}
		}
		runtime.KeepAlive(found)
		reportProcessor(b, begin, b.N, "cpu-ns/number")
	})
	b.Run("many", func(b *testing.B) {
		b.ReportAllocs()
		const n = 4096
		listed := make([]bool, n)
		begin := processor()
		for i := 0; b.Loop(); i = (i + n) & (1<<21 - 1) {
			if err := list.CheckMany(production, asked[i:i+n], listed); err != nil {
				b.Fatal(err)
			}
		}
		reportProcessor(b, begin, b.N*n, "cpu-ns/number")
	})
	list = nil
	m := make(map[e164.Number]struct{}, len(numbers))
	for _, n := range numbers {
		m[e164.FromUint64(n)] = struct{}{}
	}
	b.Run("map", func(b *testing.B) {
		found := 0
		begin := processor()
		for i := 0; b.Loop(); i++ {
			if _, ok := m[asked[i&(1<<21-1)]]; ok {
				found++
			}
		}
		runtime.KeepAlive(found)
		reportProcessor(b, begin, b.N, "cpu-ns/number")
	})
}

// BenchmarkLoad reads five million entries in, the time of the source apart,
// and says what they take in memory.
func BenchmarkLoad(b *testing.B) {
	numbers := generate(5*million, 3)
	byTime := shuffle(numbers)
	var entries collector
	if err := byTime.Read(b.Context(), &entries); err != nil {
		b.Fatal(err)
	}
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.number, b.number) })
	for name, src := range map[string]Source{"time": byTime, "number": byNumber(entries)} {
		b.Run(name, func(b *testing.B) {
			before := heap()
			var x *Index
			begin := processor()
			for b.Loop() {
				x = new(Index)
				if err := x.Load(b.Context(), src); err != nil {
					b.Fatal(err)
				}
			}
			reportProcessor(b, begin, b.N*million, "cpu-ms")
			b.ReportMetric(float64(heap()-before)/float64(len(numbers)), "B/entry")
			runtime.KeepAlive(x)
		})
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// collector is a reader that keeps what it reads.
type collector []entry

func (c *collector) Environment(dnc.Environment, int64) {}

func (c *collector) Entry(n e164.Number, by dnc.CreatedBy, createdAt int64) {
	*c = append(*c, entry{n.Uint64(), by, createdAt})
}

// byNumber is a source that gives the entries of another one in the order of
// their numbers.
type byNumber []entry

func (s byNumber) Read(_ context.Context, into Reader) error {
	into.Environment(production, 1)
	for _, e := range s {
		into.Entry(e164.FromUint64(e.number), e.by, e.at)
	}
	return nil
}

// BenchmarkSearch finds the first page of parts of numbers that are on a list
// of five million, and of parts that are rare.
func BenchmarkSearch(b *testing.B) {
	numbers := generate(5*million, 3)
	x := loaded(b, numbers)
	for _, order := range []dnc.Order{dnc.NewestFirst, dnc.NumberUp} {
		for _, by := range []dnc.CreatedBy{"", dnc.User, dnc.System} {
			for _, n := range []int{0, 1, 2, 3, 4, 5, 7, 10, 11, 15} {
				name := fmt.Sprintf("%s/by=%s/digits=%d", order, cmp.Or(by, "all"), n)
				b.Run(name, func(b *testing.B) {
					q := dnc.Query{CreatedBy: by, Order: order, Limit: 50}
					benchmarkSearch(b, x, q, parts(numbers, n))
				})
			}
		}
	}
}

// benchmarkSearch reports the median and the longest time of a search, as the
// processor and as the clock has it.
func benchmarkSearch(b *testing.B, x *Index, q dnc.Query, parts []string) {
	var used, took []time.Duration
	for i := 0; b.Loop(); i++ {
		q.Part = parts[i%len(parts)]
		cpu, begin := processor(), time.Now()
		if _, err := x.Search(production, q); err != nil {
			b.Fatal(err)
		}
		used, took = append(used, processor()-cpu), append(took, time.Since(begin))
	}
	slices.Sort(used)
	slices.Sort(took)
	b.ReportMetric(used[len(used)/2].Seconds()*1000, "cpu-ms-median")
	b.ReportMetric(used[len(used)-1].Seconds()*1000, "cpu-ms-max")
	b.ReportMetric(took[len(took)/2].Seconds()*1000, "ms-median")
	b.ReportMetric(took[len(took)-1].Seconds()*1000, "ms-max")
	b.ReportMetric(0, "ns/op") // means little beside these
}

// processor returns how long the processor has worked for this process. On a
// machine that others use as well it says more than the clock.
func processor() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// reportProcessor reports the processor's time since begin, for each of n.
func reportProcessor(b *testing.B, begin time.Duration, n int, unit string) {
	b.ReportMetric(float64(processor()-begin)/float64(n), unit)
}

// parts returns parts of n digits, most of them of numbers.
func parts(numbers []uint64, n int) []string {
	r := rand.New(rand.NewPCG(8, uint64(n)))
	parts := []string{"999999999999999"[:n]}
	for len(parts) < 16 {
		text := e164.FromUint64(numbers[r.IntN(len(numbers))]).String()[1:]
		if n > len(text) {
			text += "999999999999999"
		}
		i := r.IntN(max(len(text)-n, 0) + 1)
		parts = append(parts, text[i:i+n])
	}
	return parts
}
