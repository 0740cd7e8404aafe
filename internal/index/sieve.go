package index

import (
	"math/bits"

	"nocall/internal/e164"
	"nocall/internal/pages"
)

// sieve holds back most numbers that are not among a few, at a cost that does
// not depend on how many these are. The zero sieve holds back none.
type sieve struct {
	bits  []uint64 // a power of two; nil lets everything pass
	shift uint
}

// newSieve returns a sieve that lets numbers pass, and one in 16 others.
func newSieve(numbers []uint64) sieve {
	log := max(6, bits.Len(uint(len(numbers)*16)))
	s := sieve{make([]uint64, 1<<(log-6)), uint(64 - log)}
	for _, n := range numbers {
		h := s.hash(uint64(pages.Pack(e164.FromUint64(n))))
		s.bits[h>>6] |= 1 << (h & 63)
	}
	return s
}

func (s *sieve) hash(d uint64) uint64 {
	return d << 4 * 0x9E3779B97F4A7C15 >> s.shift // without the marks
}

func (s *sieve) passes(d uint64) bool {
	h := s.hash(d)
	return s.bits[h>>6&uint64(len(s.bits)-1)]>>(h&63)&1 != 0
}
