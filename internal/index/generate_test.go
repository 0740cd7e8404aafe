package index

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"nocall/internal/dnc"
	"nocall/internal/e164"
)

// The benchmarks' numbers are made by seed: North American numbers as dense as
// registries are, in waves over area codes, exchanges and blocks of a
// thousand, and one in forty from elsewhere.

const (
	areaCodes     = 370
	americanShare = 0.975
)

// inUse gives the first number and the density of each block in use.
func inUse(yield func(first uint64, density float64) bool) {
	r := rand.New(rand.NewPCG(42, 4242))
	wave := func(height float64) float64 { return math.Exp(height * r.NormFloat64()) }
	for area := range uint64(areaCodes) {
		density, taken := 0.1*wave(0.5), 0.45+0.53*r.Float64()
		for exchange := uint64(200); exchange < 1000; exchange++ {
			if exchange%100 == 11 || r.Float64() > taken {
				continue
			}
			here := density * wave(0.6)
			for block := range uint64(10) {
				if r.Float64() > 0.85 {
					continue
				}
				first := (1_000_000+(201+2*area)*1000+exchange)*suffixes + block*1000
				if !yield(first, min(here*wave(0.5), 0.8)) {
					return
				}
			}
		}
	}
}

// elsewhere are ranges of mobile numbers, and how often they come.
var elsewhere = []struct {
	first, size uint64
	often       float64
}{
	{447_300_000_000, 700_000_000, 0.30},
	{61_400_000_000, 100_000_000, 0.12},
	{491_500_000_000, 3_000_000_000, 0.10},
	{33_600_000_000, 200_000_000, 0.10},
	{916_000_000_000, 4_000_000_000, 0.15},
	{5_511_900_000_000, 100_000_000, 0.05},
	{525_500_000_000, 100_000_000, 0.05},
	{34_600_000_000, 200_000_000, 0.05},
	{393_300_000_000, 1_000_000_000, 0.05},
	{353_830_000_000, 70_000_000, 0.03},
}

// generate returns about n different numbers in rising order.
func generate(n int, seed uint64) []uint64 {
	sum := 0.0
	for _, density := range inUse {
		sum += density * 1000
	}
	share := float64(n) * americanShare / sum
	r := rand.New(rand.NewPCG(seed, 99))
	numbers := make([]uint64, 0, n+n/16)
	for first, density := range inUse {
		gap := math.Log1p(-min(density*share, 0.8))
		for i := 0.0; ; i++ {
			if i += math.Floor(math.Log1p(-r.Float64()) / gap); i >= 1000 {
				break
			}
			numbers = append(numbers, first+uint64(i))
		}
	}
	for len(numbers) < n {
		numbers = append(numbers, foreign(r))
	}
	slices.Sort(numbers)
	return slices.Compact(numbers)
}

// some returns about n different numbers in rising order, made in less time:
// three in four North American, on 30,000 pages.
func some(n int, seed uint64) []uint64 {
	r := rand.New(rand.NewPCG(seed, 99))
	numbers := make([]uint64, n)
	for i := range numbers {
		numbers[i] = foreign(r)
		if i%4 != 0 {
			numbers[i] = 12_010_000_000 + r.Uint64N(30_000*suffixes)
		}
	}
	slices.Sort(numbers)
	return slices.Compact(numbers)
}

func foreign(r *rand.Rand) uint64 {
	x := r.Float64()
	for _, e := range elsewhere {
		if x < e.often {
			y := r.Float64()
			return e.first + uint64(y*y*float64(e.size)) // the low ones are taken first
		}
		x -= e.often
	}
	return foreign(r)
}

// questions returns n numbers to ask for, half of them listed, half near those
// that are.
func questions(listed []uint64, n int) []e164.Number {
	r := rand.New(rand.NewPCG(6, 6))
	ns := make([]e164.Number, n)
	for i := range ns {
		number := listed[r.IntN(len(listed))]
		for i%2 == 1 {
			number = number - number%1000 + r.Uint64N(1000)
			if _, found := slices.BinarySearch(listed, number); !found {
				break
			}
		}
		ns[i] = e164.FromUint64(number)
	}
	r.Shuffle(n, func(i, j int) { ns[i], ns[j] = ns[j], ns[i] })
	return ns
}

// shuffled is a source that gives numbers in an order of its own; two in five
// are the user's.
type shuffled []uint64

func (s shuffled) Read(_ context.Context, into Reader) error {
	into.Environment(production, 1)
	at := int64(1_700_000_000_000_000)
	for i, n := range s {
		by := dnc.System
		if i%5 < 2 {
			by = dnc.User
		}
		at += int64(n%97+1) * 1000
		into.Entry(e164.FromUint64(n), by, at)
	}
	return nil
}

func shuffle(numbers []uint64) shuffled {
	s := slices.Clone(numbers)
	r := rand.New(rand.NewPCG(7, 7))
	r.Shuffle(len(s), func(i, j int) { s[i], s[j] = s[j], s[i] })
	return s
}
