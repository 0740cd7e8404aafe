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

// A stepKind says what a step of a pattern asks for.
type stepKind uint8

const (
	one     stepKind = iota // a word of the set
	maybe                   // a word of the set, or nothing
	other                   // a word that is not of the set, without a pause before it
	gap                     // up to most words, none of them of the set
	edge                    // the beginning or the end of a sentence
	opening                 // the beginning of the turn
	closing                 // the end of the turn
	near                    // no pause before the next word
)

type step struct {
	kind  stepKind
	words set
	most  int
}

// A pattern is a sequence of steps. See phrases/README.md for how it is
// written.
type pattern []step

// A place is where a pattern is tried: among these tokens, in one sentence
// unless it may run on into the next.
type place struct {
	tokens []token
	runsOn bool
	ending int // where it must end, or -1
}

// anywhere is the ending of a place where a pattern may end anywhere.
const anywhere = -1

// match returns where p ends if it stands at i. Of several ways to stand there
// it takes the one that has more of the optional words, and shorter gaps. The
// work is bounded by the pattern, whatever the tokens are.
func (pl *place) match(p pattern, i int) (end int, ok bool) {
	return pl.from(p, i, true)
}

// from is match for the rest of a pattern. Fresh says that a sentence may
// begin at i.
func (pl *place) from(p pattern, i int, fresh bool) (end int, ok bool) {
	if len(p) == 0 {
		return i, pl.ending == anywhere || pl.ending == i
	}
	s, rest := &p[0], p[1:]
	switch {
	case s.kind == gap:
		return pl.across(s, rest, i, fresh)
	case s.kind >= edge:
		if !pl.at(s.kind, i) {
			return 0, false
		}
		return pl.from(rest, i, fresh || s.kind != near)
	}
	if pl.takes(s, i, fresh) {
		if end, ok = pl.from(rest, i+1, false); ok {
			return end, true
		}
	}
	if s.kind == maybe {
		return pl.from(rest, i, fresh)
	}
	return 0, false
}

// across tries the rest of a pattern after ever longer gaps.
func (pl *place) across(s *step, rest pattern, i int, fresh bool) (end int, ok bool) {
	for n := 0; ; n++ {
		if end, ok = pl.from(rest, i, fresh); ok {
			return end, true
		}
		if n == s.most || !pl.reaches(i, fresh) || s.words.has(pl.tokens[i].word) {
			return 0, false
		}
		i, fresh = i+1, false
	}
}

// takes reports whether the token at i is what s asks for.
func (pl *place) takes(s *step, i int, fresh bool) bool {
	if !pl.reaches(i, fresh) {
		return false
	}
	t := pl.tokens[i]
	if s.kind == other {
		return !s.words.has(t.word) && (i == 0 || t.pause == noPause)
	}
	return s.words.has(t.word)
}

// reaches reports whether a pattern may go on with the token at i.
func (pl *place) reaches(i int, fresh bool) bool {
	return i < len(pl.tokens) && (fresh || pl.runsOn || pl.tokens[i].pause < full)
}

// at reports whether i is such a place.
func (pl *place) at(kind stepKind, i int) bool {
	switch kind {
	case opening:
		return i == 0
	case closing:
		return i == len(pl.tokens)
	case near:
		return i == len(pl.tokens) || pl.tokens[i].pause == noPause
	}
	return pl.edge(i)
}

// edge reports whether a sentence begins or ends at i.
func (pl *place) edge(i int) bool {
	return i == 0 || i == len(pl.tokens) || pl.tokens[i].pause >= full
}
