package pages

import "slices"

const (
	padding  = 0xffff
	lanes    = 0x0001_0001_0001_0001
	laneTops = 0x8000_8000_8000_8000

	// window is how many words of a sparse page a suffix can be in. They follow
	// each other. With more a page is smaller, and more is read of it.
	window = 3
)

// scatter spreads a suffix over 32 bits.
func scatter(suffix uint64) uint64 { return suffix * 0x9E3779B97F4A7C15 >> 32 & 0xffff_ffff }

// place returns the first of the words of a sparse page in which suffix can be.
// It has so many words.
func place(suffix uint64, words int) uint64 {
	return scatter(suffix) * uint64(max(words-window+1, 1)) >> 32
}

// inSparse returns 0 if suffix is in none of three words.
func inSparse(a, b, c, suffix uint64) uint64 {
	all := suffix * lanes
	a, b, c = a^all, b^all, c^all
	return ((a-lanes)&^a | (b-lanes)&^b | (c-lanes)&^c) & laneTops // a lane is suffix
}

// appendSparse appends a sparse page to words, as small a one as can be.
func appendSparse(words []uint64, suffixes []uint16) []uint64 {
	var room [frozenMax]uint64
	scattered := room[:len(suffixes)] // with the suffix behind
	for i, s := range suffixes {
		scattered[i] = scatter(uint64(s))<<16 | uint64(s)
	}
	slices.Sort(scattered)
	begin := len(words)
	for n := (len(suffixes) + 3) / 4; ; n++ {
		words = slices.Grow(words[:begin], n)[:begin+n]
		if fill(words[begin:], scattered) {
			return words
		}
	}
}

// fill puts the suffixes into the words of a sparse page. It returns false if
// one of them finds no room in its window. Each takes the first lane that is
// free, in the order of their windows: no other order finds room for more.
func fill(words, scattered []uint64) bool {
	for i := range words {
		words[i] = ^uint64(0)
	}
	lane, windows := 0, uint64(max(len(words)-window+1, 1))
	for _, s := range scattered {
		first := int(s >> 16 * windows >> 32)
		lane = max(lane, 4*first)
		i := lane / 4
		if i >= first+window || i >= len(words) {
			return false
		}
		words[i] ^= (padding ^ s&0xffff) << (lane % 4 * 16)
		lane++
	}
	return true
}
