// Package pages holds sets of telephone numbers in memory, so that asking for
// one costs at most two reads of memory that wait for each other.
//
// A number is a prefix and a suffix, its last four digits. The 10,000 numbers of
// a prefix are a page. A [Set] changes, and is read without a lock meanwhile. A
// [Frozen] set never changes: it is one piece of memory, which is also its file.
// A [Builder] makes one of numbers that many goroutines give it.
package pages

import (
	"math/bits"
	"slices"
)

// A page holds the numbers of one prefix: those that differ in their last four
// digits, the suffix, only. In the North American plan that is one area code
// and exchange.
//
// While they are few a page is sparse: a hash with four suffixes in a word, the
// rest of it padding. A suffix is in one of the words of its window. Else a page
// is dense: one bit for each of the 10,000.
const (
	suffixes   = 10_000
	denseWords = (suffixes + 63) / 64

	// sparseMax and frozenMax are the greatest numbers of suffixes of a sparse
	// page of a set that changes, and of one that does not. Beyond, a dense one
	// is larger, but searched faster and changed sooner.
	sparseMax = 128
	frozenMax = 320
)

// page is a page as it was at one moment. It does not change.
type page struct {
	words []uint64 // none where there is no page
	count int
}

func (p page) dense() bool { return len(p.words) == denseWords }

// suffixSet is a set of suffixes: a bit for each, and a byte for each, which
// has room for whatever 16 bits can say, so that padding is not in it.
type suffixSet struct {
	bits  [denseWords]uint64
	bytes [1 << 16]uint8
}

func (s *suffixSet) add(suffix uint64) {
	s.bits[suffix>>6] |= 1 << (suffix & 63)
	s.bytes[suffix] = 1
}

func (s *suffixSet) has(suffix uint16) bool { return s.bytes[suffix] != 0 }

// appendPage appends a page of suffixes to words, a sparse one if they are not
// more than most. There must be one at least.
func appendPage(words []uint64, suffixes []uint16, most int) []uint64 {
	if len(suffixes) <= most {
		return appendSparse(words, suffixes)
	}
	begin := len(words)
	words = slices.Grow(words, denseWords)[:begin+denseWords]
	dense := words[begin:]
	clear(dense)
	for _, s := range suffixes {
		dense[s>>6] |= 1 << (s & 63)
	}
	return words
}

// has reports whether suffix is on the page of words, of which there are some. It
// is for one question, and quicker than a probe: how a page is made is known long
// before what is on it.
func has(words []uint64, suffix uint64) bool {
	if len(words) == denseWords {
		return words[suffix>>6]>>(suffix&63)&1 != 0
	}
	i, last := place(suffix, len(words)), uint64(len(words)-1)
	return inSparse(words[i], words[min(i+1, last)], words[min(i+2, last)], suffix) != 0
}

// spot returns the first word that is read of a page of so many words for suffix.
func spot(suffix uint64, words int) uint64 {
	dense := -uint64(words / denseWords)
	return suffix/64&dense | place(suffix, words)&^dense
}

// contains reports whether suffix is on p.
func (p page) contains(suffix uint64) bool { return p.probe(suffix).holds(suffix) }

// probe is what is read of a page to tell whether a suffix is on it.
type probe struct {
	words [window]uint64
	dense uint64 // all ones if the page is dense, else all zeros
}

// probe reads p for suffix. Like [probe.holds] it has no branch on what it
// reads: a processor that had to guess how a page is made could not go on to
// the next question while it waits for memory.
func (p page) probe(suffix uint64) probe {
	if len(p.words) == 0 {
		return probe{dense: ^uint64(0)}
	}
	dense := -uint64(len(p.words) / denseWords)
	i := spot(suffix, len(p.words))
	last := uint64(len(p.words) - 1)
	next, third := min(i+1&^dense, last), min(i+2&^dense, last)
	return probe{[window]uint64{p.words[i], p.words[next], p.words[third]}, dense}
}

func (r probe) holds(suffix uint64) bool {
	inDense := r.words[0] >> (suffix % 64) & 1
	return inDense&r.dense|inSparse(r.words[0], r.words[1], r.words[2], suffix)&^r.dense != 0
}

// each gives the suffixes, those of a sparse page in no order.
func (p page) each(yield func(uint16) bool) {
	if !p.dense() {
		for _, w := range p.words {
			for ; uint16(w) != padding; w = w>>16 | padding<<48 {
				if !yield(uint16(w)) {
					return
				}
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
	if p.dense() {
		for i, w := range p.words[:denseWords] {
			n += bits.OnesCount64(w & set.bits[i])
		}
		return n
	}
	for _, w := range p.words {
		n += int(set.bytes[uint16(w)]) + int(set.bytes[uint16(w>>16)]) +
			int(set.bytes[uint16(w>>32)]) + int(set.bytes[w>>48])
	}
	return n
}

// appendNumbers appends the numbers of p, which is prefix's page, whose suffix
// is in set, to numbers; all of them if set is nil.
func (p page) appendNumbers(numbers []uint64, prefix uint64, set *suffixSet) []uint64 {
	first := prefix * suffixes
	if !p.dense() {
		for suffix := range p.each {
			if set == nil || set.has(suffix) {
				numbers = append(numbers, first+uint64(suffix))
			}
		}
		return numbers
	}
	for i, w := range p.words {
		if set != nil {
			w &= set.bits[i]
		}
		for ; w != 0; w &= w - 1 {
			numbers = append(numbers, first+uint64(i*64+bits.TrailingZeros64(w)))
		}
	}
	return numbers
}
