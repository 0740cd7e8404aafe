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
