package pages

import (
	"iter"
	"math/rand/v2"
	"slices"

	"nocall/internal/e164"
)

const ada = 14155550100

// some returns about n different numbers in rising order: three in four North
// American, on 30,000 pages, the others from four countries, the low ones most.
func some(n int, seed uint64) []uint64 {
	elsewhere := []struct{ first, size uint64 }{
		{447_300_000_000, 700_000_000},
		{61_400_000_000, 100_000_000},
		{916_000_000_000, 4_000_000_000},
		{353_830_000_000, 70_000_000},
	}
	r := rand.New(rand.NewPCG(seed, 99))
	numbers := make([]uint64, n)
	for i := range numbers {
		numbers[i] = 12_010_000_000 + r.Uint64N(30_000*suffixes)
		if i%4 == 0 {
			e, y := elsewhere[r.IntN(len(elsewhere))], r.Float64()
			numbers[i] = e.first + uint64(y*y*float64(e.size))
		}
	}
	slices.Sort(numbers)
	return slices.Compact(numbers)
}

// numbered gives digits as numbers.
func numbered(digits []uint64) iter.Seq[e164.Number] {
	return func(yield func(e164.Number) bool) {
		for _, d := range digits {
			if !yield(e164.FromUint64(d)) {
				return
			}
		}
	}
}

// digitsOf returns the digits of numbers.
func digitsOf(numbers iter.Seq[e164.Number]) (digits []uint64) {
	for n := range numbers {
		digits = append(digits, n.Uint64())
	}
	return digits
}
