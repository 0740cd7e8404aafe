package bench

import (
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"

	"nocall/internal/e164"
	"nocall/internal/pages"
	"nocall/internal/snapshot"
)

// madeRegistry is a registry that is made by seed: in the area codes, exchanges and
// blocks of a thousand of North America, some much fuller than others; and one
// number in forty from elsewhere, where asked for.
type madeRegistry struct {
	set   *pages.Frozen
	asked []e164.Number // half of them in the set, the others from the same blocks
}

const (
	areaCodes = 370
	abroad    = 40 // one number in so many is from elsewhere
)

// block is a thousand numbers in use, and the share of them that is registered.
type block struct {
	first uint64
	share float64
}

// blocks returns those of one area code.
func blocks(area uint64) (list []block) {
	r := rand.New(rand.NewPCG(42, area))
	wave := func(height float64) float64 { return math.Exp(height * r.NormFloat64()) }
	share, taken := wave(0.5), 0.45+0.53*r.Float64()
	for exchange := uint64(200); exchange < 1000; exchange++ {
		if exchange%100 == 11 || r.Float64() > taken {
			continue
		}
		here := share * wave(0.6)
		for thousand := range uint64(10) {
			if r.Float64() > 0.85 {
				continue
			}
			first := (1_000_000+(201+2*area)*1000+exchange)*10_000 + thousand*1000
			list = append(list, block{first, here * wave(0.5)})
		}
	}
	return list
}

// newRegistry makes a registry of about n numbers and numbers to ask it for.
func newRegistry(n int, mixed bool) (*madeRegistry, error) {
	var areas [areaCodes][]block
	shares := 0.0
	for a := range areas {
		areas[a] = blocks(uint64(a))
		for _, b := range areas[a] {
			shares += b.share
		}
	}
	each := float64(n) / shares / 1000
	b := pages.Builder{Memory: snapshot.Memory}
	var (
		next    atomic.Int64
		running sync.WaitGroup
		mu      sync.Mutex
		asked   []e164.Number
	)
	for range runtime.GOMAXPROCS(0) {
		w := b.Worker()
		running.Go(func() {
			for a := next.Add(1) - 1; a < areaCodes; a = next.Add(1) - 1 {
				some := register(w, areas[a], each, rand.New(rand.NewPCG(7, uint64(a))), n)
				mu.Lock()
				asked = append(asked, some...)
				mu.Unlock()
			}
		})
	}
	running.Wait()
	r := rand.New(rand.NewPCG(9, 9))
	if mixed {
		w := b.Worker()
		for range n / abroad {
			w.Add(e164.FromUint64(foreign(r)))
		}
	}
	set, err := b.Freeze()
	if err != nil {
		return nil, err
	}
	r.Shuffle(len(asked), func(i, j int) { asked[i], asked[j] = asked[j], asked[i] })
	return &madeRegistry{set, asked[:min(len(asked), checksARound)]}, nil
}

// register gives w the numbers of an area code. It returns some to ask for.
func register(
	w *pages.Worker, blocks []block, each float64, r *rand.Rand, n int,
) (asked []e164.Number) {
	often := max(1, n/(checksARound*2/3))
	left := r.IntN(often)
	for _, b := range blocks {
		gap := math.Log1p(-min(b.share*each, 0.85))
		for i := 0.0; ; i++ {
			if i += math.Floor(math.Log1p(-r.Float64()) / gap); i >= 1000 {
				break
			}
			number := e164.FromUint64(b.first + uint64(i))
			w.Add(number)
			if left--; left < 0 {
				left = often - 1
				near := e164.FromUint64(b.first + r.Uint64N(1000))
				asked = append(asked, number, near)
			}
		}
	}
	return asked
}

// foreign returns a number from elsewhere, the low ones of a country more often.
func foreign(r *rand.Rand) uint64 {
	ranges := [...]struct{ first, size uint64 }{
		{447_300_000_000, 700_000_000},
		{447_300_000_000, 700_000_000},
		{61_400_000_000, 100_000_000},
		{491_500_000_000, 3_000_000_000},
		{33_600_000_000, 200_000_000},
		{916_000_000_000, 4_000_000_000},
		{5_511_900_000_000, 100_000_000},
		{393_300_000_000, 1_000_000_000},
	}
	e, y := ranges[r.IntN(len(ranges))], r.Float64()
	return e.first + uint64(y*y*float64(e.size))
}
