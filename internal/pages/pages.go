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
// rest of it padding. A suffix is in one of two words that follow each other.
// Else a page is dense: one bit for each of the 10,000, and a word to spare.
const (
	suffixes   = 10_000
	denseWords = (suffixes+63)/64 + 1

	// sparseMax is the greatest number of suffixes of a sparse page. Beyond,
	// a dense one is up to four times as large, but searched faster.
	sparseMax      = 128
	sparseMaxWords = 127
)

const (
	padding  = 0xffff
	lanes    = 0x0001_0001_0001_0001
	laneTops = 0x8000_8000_8000_8000
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

// packPage makes a page of suffixes, of which there must be one at least, in
// the memory of words.
func packPage(words []uint64, suffixes []uint16) page {
	if len(suffixes) <= sparseMax {
		for n := 2 + len(suffixes)*5/16; n <= sparseMaxWords; n += 1 + n/8 {
			words = slices.Grow(words[:0], n)[:n]
			if p := (page{words, len(suffixes)}); p.fill(suffixes) {
				return p
			}
		}
	}
	words = slices.Grow(words[:0], denseWords)[:denseWords]
	clear(words)
	for _, s := range suffixes {
		words[s>>6] |= 1 << (s & 63)
	}
	return page{words, len(suffixes)}
}

// fill puts suffixes into p, which is sparse. It returns false if one of them
// finds no room.
func (p page) fill(suffixes []uint16) bool {
	for i := range p.words {
		p.words[i] = ^uint64(0)
	}
	for _, s := range suffixes {
		i := place(uint64(s), len(p.words))
		if !put(&p.words[i], s) && !put(&p.words[i+1], s) {
			return false
		}
	}
	return true
}

// put puts s into the first lane of word that is free, if there is one.
func put(word *uint64, s uint16) bool {
	for lane := 0; lane < 64; lane += 16 {
		if uint16(*word>>lane) == padding {
			*word ^= uint64(padding^s) << lane
			return true
		}
	}
	return false
}

// place returns the first of the two words of a sparse page in which suffix can
// be. It has so many words.
func place(suffix uint64, words int) uint64 {
	return suffix * 0x9E3779B97F4A7C15 >> 32 * uint64(words-1) >> 32
}

// inSparse returns 0 if suffix is in neither of the two words.
func inSparse(word, next, suffix uint64) uint64 {
	w, n := word^suffix*lanes, next^suffix*lanes
	return ((w-lanes)&^w | (n-lanes)&^n) & laneTops // a lane is suffix
}

// contains reports whether suffix is on p.
func (p page) contains(suffix uint64) bool { return p.probe(suffix).holds(suffix) }

// probe is what is read of a page to tell whether a suffix is on it.
type probe struct {
	word, next uint64
	dense      uint64 // all ones if the page is dense, else all zeros
}

// probe reads p for suffix. Like [probe.holds] it has no branch on what it
// reads: a processor that had to guess how a page is made could not go on to
// the next question while it waits for memory.
func (p page) probe(suffix uint64) probe {
	if len(p.words) == 0 {
		return probe{dense: ^uint64(0)}
	}
	dense := -uint64(len(p.words) / (sparseMaxWords + 1))
	i := suffix/64&dense | place(suffix, len(p.words))&^dense
	return probe{p.words[i], p.words[i+1], dense}
}

func (r probe) holds(suffix uint64) bool {
	inDense := r.word >> (suffix % 64) & 1
	return inDense&r.dense|inSparse(r.word, r.next, suffix)&^r.dense != 0
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
	for suffix := range p.each {
		if set == nil || set.has(suffix) {
			numbers = append(numbers, prefix*suffixes+uint64(suffix))
		}
	}
	return numbers
}
