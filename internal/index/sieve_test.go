package index

import (
	"testing"

	"nocall/internal/pages"
)

func TestSieve(t *testing.T) {
	for _, count := range []int{0, 1, 2, 100, fewMatches} {
		numbers := some(count, 4)
		s := newSieve(numbers)
		for _, n := range numbers {
			if !s.passes(uint64(pages.Pack(e(n)) | bySystem)) {
				t.Fatalf("of %d numbers %d is held back", count, n)
			}
		}
		passed := 0
		for n := range uint64(100_000) {
			if s.passes(uint64(pages.Pack(e(ada + n*7919)))) {
				passed++
			}
		}
		if passed > 15_000 {
			t.Errorf("of 100,000 others %d pass a sieve of %d", passed, count)
		}
	}
}
