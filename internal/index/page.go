package index

import (
	"math/bits"
	"slices"
)

// A page holds the numbers of one prefix: those that differ in their last four
// digits, the suffix, only. In the North American plan that is one area code
// and exchange.
//
// While they are few a page is sparse: the suffixes in rising order, four to a
// word, the last word filled up with padding. Else it is dense: one bit for
// each of the 10,000.
const (
	suffixes   = 10_000
	denseWords = (suffixes + 63) / 64

	// sparseMax is the greatest number of suffixes of a sparse page. Beyond,
	// a dense one is up to five times as large, but answers at once.
	sparseMax = 128
)

const (
	padding  = 0xffff
	lanes    = 0x0001_0001_0001_0001
	laneTops = 0x8000_8000_8000_8000
)

// page is a page as it was at one moment. It does not change.
type page struct {
	words []uint64
	count int
	dense bool
}

// suffixSet is a set of suffixes, a bit for each. It has room for whatever 16
// bits can say, so that looking up padding finds nothing.
type suffixSet [1 << 16 / 64]uint64

func (s *suffixSet) add(suffix uint64) { s[suffix>>6] |= 1 << (suffix & 63) }

func (s *suffixSet) has(suffix uint16) bool { return s[suffix>>6]>>(suffix&63)&1 != 0 }

// pageWords returns how many words a page takes.
func pageWords(count int, dense bool) int {
	if dense {
		return denseWords
	}
	return (count + 3) / 4
}

// packPage makes a page of suffixes, which rise, in the memory of words.
func packPage(words []uint64, rising []uint16) page {
	dense := len(rising) > sparseMax
	n := pageWords(len(rising), dense)
	words = slices.Grow(words[:0], n)[:n]
	clear(words)
	if dense {
		for _, s := range rising {
			words[s>>6] |= 1 << (s & 63)
		}
		return page{words, len(rising), true}
	}
	for i := range n * 4 {
		lane := uint64(padding)
		if i < len(rising) {
			lane = uint64(rising[i])
		}
		words[i/4] |= lane << (i % 4 * 16)
	}
	return page{words, len(rising), false}
}

// contains reports whether suffix is on p.
func (p page) contains(suffix uint64) bool {
	if p.count == 0 {
		return false
	}
	i := p.place(suffix)
	return p.containsAt(i, p.words[i], suffix)
}

// place returns the word of p, which must not be empty, at which to look for
// suffix first: in a sparse page where it stands if suffixes are spread evenly.
func (p page) place(suffix uint64) int {
	if p.dense {
		return int(suffix >> 6)
	}
	return int(suffix * uint64(len(p.words)) * 6554 >> 26) // a little below suffix*words/10000
}

// containsAt is contains, given the first word to look at and what it holds.
func (p page) containsAt(i int, word, suffix uint64) bool {
	if p.dense {
		return word>>(suffix&63)&1 != 0
	}
	for word&padding > suffix {
		if i == 0 {
			return false
		}
		i--
		word = p.words[i]
	}
	for {
		if z := word ^ suffix*lanes; (z-lanes)&^z&laneTops != 0 { // a lane is suffix
			return true
		}
		if i++; word>>48 >= suffix || i == len(p.words) {
			return false
		}
		word = p.words[i]
	}
}

// each gives the suffixes in rising order.
func (p page) each(yield func(uint16) bool) {
	if !p.dense {
		for i := range p.count {
			if !yield(uint16(p.words[i/4] >> (i % 4 * 16))) {
				return
			}
		}
		return
	}
	for i, w := range p.words {
		for ; w != 0; w &= w - 1 {
			if !yield(uint16(i*64 + bits.TrailingZeros64(w))) {
				return
			}
		}
	}
}

// countIn counts the suffixes that are in set.
func (p page) countIn(set *suffixSet) int {
	n := 0
	if p.dense {
		for i, w := range p.words[:denseWords] {
			n += bits.OnesCount64(w & set[i])
		}
		return n
	}
	in := func(suffix uint16) int { return int(set[suffix>>6] >> (suffix & 63) & 1) }
	for _, w := range p.words {
		n += in(uint16(w)) + in(uint16(w>>16)) + in(uint16(w>>32)) + in(uint16(w>>48))
	}
	return n
}

// appendNumbers appends the numbers of p, which is prefix's page, whose suffix
// is in set, to numbers in rising order; all of them if set is nil.
func (p page) appendNumbers(numbers []uint64, prefix uint64, set *suffixSet) []uint64 {
	for suffix := range p.each {
		if set == nil || set.has(suffix) {
			numbers = append(numbers, prefix*suffixes+uint64(suffix))
		}
	}
	return numbers
}
