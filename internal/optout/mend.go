package optout

import (
	"math/bits"
	"slices"
	"strings"
)

// What is mended: anchors of this many letters at least, heard as words of
// almost as many; and words of this many that are two words run together.
const (
	minAnchor = 5
	minSlip   = 4
	minRun    = 6
)

// A target is an anchor that a slip may have been meant for.
type target struct {
	text string // folded
	word word
}

// Targets are those of one length.
type targets struct {
	all     []target
	letters []uint32 // of each; see letters
}

// slips makes the table of anchors by their length.
func (l *language) slips() {
	for text, w := range l.words {
		if n := len(text); n >= minAnchor && n <= maxWord && l.anchors.has(w) && !l.exact.has(w) {
			l.targets[n].all = append(l.targets[n].all, target{text, w})
		}
	}
	for i := range l.targets {
		of := &l.targets[i]
		slices.SortFunc(of.all, func(a, b target) int { return strings.Compare(a.text, b.text) })
		for _, a := range of.all {
			of.letters = append(of.letters, letters([]byte(a.text)))
		}
	}
}

// letters returns a bit for each letter of a word. Words that differ in one
// letter differ in two bits at most.
func letters(text []byte) (bit uint32) {
	for _, b := range text {
		bit |= 1 << (b & 31)
	}
	return bit
}

// mend reads unknown words as what they were likely meant for: an anchor with
// one letter wrong, an anchor in two pieces, or two words run together. It
// leaves alone what is in another language.
func (r *reader) mend() {
	if !r.fits() {
		return
	}
	for i := 0; i < len(r.tokens); i++ {
		if r.tokens[i].word != unknown {
			continue
		}
		n := r.folded(0, r.tokens[i])
		if n == 0 || r.lang.unlike[string(r.letter[:n])] {
			continue
		}
		if !r.slip(i, n) && !r.whole(i) && n >= minRun {
			r.run(i, r.folded(0, r.tokens[i]))
		}
	}
}

// inRow is how many words in a row are hardly known by chance.
const inRow = 3

// fits reports whether what was read may be in the language: it knows a third of
// the words, or some in a row.
func (r *reader) fits() bool {
	known, row := 0, 0
	for _, t := range r.tokens {
		if t.word <= number {
			row = 0
			continue
		}
		known++
		if row++; row == inRow {
			return true
		}
	}
	return 3*known+2 >= len(r.tokens)
}

// folded writes a token, as it is compared, behind the first n letters and
// returns how many there are then, or 0 if they are too many.
func (r *reader) folded(n int, t token) int {
	for _, b := range r.texts[t.piece][t.start:t.end] {
		if kind := kindOf(b); kind != letter && kind != digit {
			continue
		}
		if n > maxWord {
			return 0
		}
		n += fold(r.letter[n:], b)
	}
	if n > maxWord {
		return 0
	}
	return n
}

// slip reads token i, the first n letters, as the anchor that it differs from
// in one letter.
func (r *reader) slip(i, n int) bool {
	if n < minSlip {
		return false
	}
	heard := r.letter[:n]
	has := letters(heard)
	for size := max(n-1, minAnchor); size <= min(n+1, maxWord); size++ {
		of := &r.lang.targets[size]
		for k, letters := range of.letters {
			if bits.OnesCount32(letters^has) > 2 {
				continue
			}
			a := &of.all[k]
			if oneOff(heard, a.text) && (n >= minAnchor || heard[0] == a.text[0]) {
				r.mended(i, a.word)
				return true
			}
		}
	}
	return false
}

// mended makes token i the word w.
func (r *reader) mended(i int, w word) {
	r.tokens[i].word = w
	r.anchor = r.anchor || r.lang.anchors.has(w)
}

// oneOff reports whether one letter wrong, missing, added or swapped with the
// next makes a of b.
func oneOff(a []byte, b string) bool {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	switch len(a) - len(b) {
	case 1:
		return string(a[i+1:]) == b[i:]
	case -1:
		return string(a[i:]) == b[i+1:]
	case 0:
		if i == len(a) || string(a[i+1:]) == b[i+1:] {
			return true
		}
		return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && string(a[i+2:]) == b[i+2:]
	}
	return false
}

// whole reads token i and one beside it as the anchor that they are pieces of,
// as in "call ing".
func (r *reader) whole(i int) bool {
	for _, first := range [...]int{i - 1, i} {
		if first < 0 || first+1 >= len(r.tokens) || r.tokens[first+1].pause != noPause {
			continue
		}
		n := r.folded(0, r.tokens[first])
		if n == 0 {
			continue
		}
		if n = r.folded(n, r.tokens[first+1]); n < minAnchor {
			continue
		}
		w, ok := r.lang.word(r.letter[:n])
		if !ok || !r.lang.anchors.has(w) {
			continue
		}
		r.tokens[first].reach(r.tokens[first+1])
		r.tokens = append(r.tokens[:first+1], r.tokens[first+2:]...)
		r.mended(first, w)
		return true
	}
	return false
}

// run reads token i, the first n letters, as the two words that were run
// together, as in "stopcalling". One of them is an anchor.
func (r *reader) run(i, n int) {
	for k := 2; k <= n-2; k++ {
		a, ok := r.lang.word(r.letter[:k])
		if !ok || a <= dropped {
			continue
		}
		b, ok := r.lang.word(r.letter[k:n])
		if !ok || b <= dropped {
			continue
		}
		if !(r.lang.anchors.has(a) && k >= minSlip || r.lang.anchors.has(b) && n-k >= minSlip) {
			continue
		}
		r.tokens = append(r.tokens, token{})
		copy(r.tokens[i+1:], r.tokens[i:])
		r.tokens[i+1].pause = noPause
		r.mended(i, a)
		r.mended(i+1, b)
		return
	}
}
