package optout

import "math/bits"

// maxLanguages is how many languages a lexicon may hold.
const maxLanguages = 8

// A lexicon holds the words of several languages, so that one look tells what a
// text is in each.
type lexicon struct {
	slots   []int32 // by hash: the place of a lexeme and one; 0 if there is none
	shift   int     // from a hash to its slot
	lexemes []lexeme
}

// A lexeme is what some letters are in each language.
type lexeme struct {
	text  string // folded
	words [maxLanguages]word
}

// none is where a lexeme is that is in no language.
const none = -1

// share gives languages a lexicon in common.
func share(languages ...*language) {
	size := 0
	for _, l := range languages {
		size += len(l.words)
	}
	x := &lexicon{shift: 32 - bits.Len(uint(4*size))}
	x.slots = make([]int32, 1<<(32-x.shift))
	for i, l := range languages {
		l.lexicon, l.order = x, i
		for text, w := range l.words {
			x.add(text).words[i] = w
		}
	}
}

// add returns the lexeme of a text, which becomes one if it is not yet.
func (x *lexicon) add(text string) *lexeme {
	letters := []byte(text)
	slot, found := x.slot(letters, hashOf(letters))
	if !found {
		x.lexemes = append(x.lexemes, lexeme{text: text})
		x.slots[slot] = int32(len(x.lexemes))
	}
	return &x.lexemes[x.slots[slot]-1]
}

// find returns the place of the lexeme of some letters, or none.
func (x *lexicon) find(letters []byte, hash uint32) int32 {
	slot, found := x.slot(letters, hash)
	if !found {
		return none
	}
	return x.slots[slot] - 1
}

// slot returns where the place of a lexeme is, or would be.
func (x *lexicon) slot(letters []byte, hash uint32) (slot uint32, found bool) {
	slot = hash * 0x9E3779B1 >> x.shift
	for {
		at := x.slots[slot]
		if at == 0 {
			return slot, false
		}
		if x.lexemes[at-1].text == string(letters) {
			return slot, true
		}
		if slot++; int(slot) == len(x.slots) {
			slot = 0
		}
	}
}

// word returns the word of folded letters, if the language names it.
func (l *language) word(letters []byte) (w word, ok bool) {
	at := l.lexicon.find(letters, hashOf(letters))
	if at == none {
		return unknown, false
	}
	w = l.lexicon.lexemes[at].words[l.order]
	return w, w != unknown
}
