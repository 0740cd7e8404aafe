package optout

// A word is the number of a word in a language's vocabulary.
type word uint16

// The words of every vocabulary.
const (
	unknown word = iota // any word that the language's file does not name
	number              // any that begins with a digit
	dropped             // any that says nothing: fillers, expletives
	firstWord
)

// A set is a set of words.
type set []uint64

func (s set) has(w word) bool {
	i := int(w >> 6)
	return i < len(s) && s[i]>>(w&63)&1 != 0
}

func (s *set) add(w word) {
	for int(w>>6) >= len(*s) {
		*s = append(*s, 0)
	}
	(*s)[w>>6] |= 1 << (w & 63)
}

func (s *set) addAll(o set) {
	for len(*s) < len(o) {
		*s = append(*s, 0)
	}
	for i, bits := range o {
		(*s)[i] |= bits
	}
}

// holds reports whether all words of o are in s.
func (s set) holds(o set) bool {
	for i, bits := range o {
		if bits != 0 && (i >= len(s) || bits&^s[i] != 0) {
			return false
		}
	}
	return true
}

// A filter tells, for most words that are not in a vocabulary, that they are
// not, and faster than a map does.
type filter [1 << 9]uint64

// spot returns the bit of a word.
func (f *filter) spot(text []byte) (i, bit uint64) {
	h := uint64(len(text))
	for _, b := range text {
		h = (h ^ uint64(b)) * 0x9E3779B1
	}
	h ^= h >> 17
	return h / 64 % uint64(len(f)), 1 << (h % 64)
}

func (f *filter) add(text []byte) {
	i, bit := f.spot(text)
	f[i] |= bit
}

// word returns the word of folded bytes, if the language names it.
func (l *language) word(text []byte) (w word, ok bool) {
	if i, bit := l.letters.spot(text); l.letters[i]&bit == 0 {
		return unknown, false
	}
	w, ok = l.words[string(text)]
	return w, ok
}
