package optout

// A stepKind says what a step of a pattern asks for.
type stepKind uint8

const (
	one     stepKind = iota // a word of the set
	maybe                   // a word of the set, or nothing
	other                   // a word that is not of the set, without a pause before it
	repeat                  // a word of the agent's question that is not of the set
	gap                     // up to most words, none of them of the set
	fork                    // one of several ways on, each to the end of the pattern
	open                    // nothing: here a slot begins
	shut                    // nothing: here it ends
	edge                    // the beginning or the end of a sentence
	asked                   // the end of a question
	opening                 // the beginning of the turn
	closing                 // the end of the turn
	near                    // no pause before the next word
	breath                  // a pause before it
)

type step struct {
	kind  stepKind
	slot  slot // of open and shut
	flat  bool // of gap: without a pause in it
	words set
	most  int
	ways  []pattern // of fork
}

// A pattern is a sequence of steps. See phrases/README.md for how it is
// written.
type pattern []step

// A place is where a pattern is tried: among these tokens, in one sentence
// unless it may run on into the next.
type place struct {
	tokens []token
	last   pause // what stands after the last token
	runsOn bool
	ending int    // where it must end, or -1
	reply  *reply // what is matched is one; nil if it is not
	steps  int    // how many were tried in this match
	caught caught
}

// anywhere is the ending of a place where a pattern may end anywhere.
const anywhere = -1

// maxTried is how many steps a match may try. It is far more than speech ever
// needs, and bounds the work on what nobody ever says.
const maxTried = 2000

// match returns where p ends if it stands at i. Of several ways to stand there
// it takes the one that has more of the optional words, and shorter gaps; its
// slots are then in caught.
func (pl *place) match(p pattern, i int) (end int, ok bool) {
	pl.steps, pl.caught = 0, caught{}
	return pl.from(p, i, true)
}

// from is match for the rest of a pattern. Fresh says that a sentence may
// begin at i.
func (pl *place) from(p pattern, i int, fresh bool) (end int, ok bool) {
	if len(p) == 0 {
		return i, pl.ending == anywhere || pl.ending == i
	}
	if pl.steps++; pl.steps > maxTried {
		return 0, false
	}
	s, rest := &p[0], p[1:]
	switch {
	case s.kind == gap:
		return pl.across(s, rest, i, fresh)
	case s.kind == fork:
		return pl.along(s.ways, i, fresh)
	case s.kind == open || s.kind == shut:
		if end, ok = pl.from(rest, i, fresh); ok {
			pl.caught.note(s, i)
		}
		return end, ok
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

// along tries several ways on.
func (pl *place) along(ways []pattern, i int, fresh bool) (end int, ok bool) {
	for _, way := range ways {
		if end, ok = pl.from(way, i, fresh); ok {
			return end, true
		}
	}
	return 0, false
}

// across tries the rest of a pattern after ever longer gaps.
func (pl *place) across(s *step, rest pattern, i int, fresh bool) (end int, ok bool) {
	for n := 0; ; n++ {
		if end, ok = pl.from(rest, i, fresh); ok {
			return end, true
		}
		if n == s.most || !pl.reaches(i, fresh) || s.words.has(pl.tokens[i].word) ||
			s.flat && pl.tokens[i].pause != noPause {
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
	switch s.kind {
	case other:
		return !s.words.has(t.word) && (i == 0 || t.pause == noPause)
	case repeat:
		return pl.reply != nil && !s.words.has(t.word) && pl.reply.repeats(i)
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
	case breath:
		return i < len(pl.tokens) && pl.tokens[i].pause != noPause
	case asked:
		return pl.pause(i) == question
	}
	return pl.edge(i)
}

// edge reports whether a sentence begins or ends at i.
func (pl *place) edge(i int) bool {
	return i == 0 || i == len(pl.tokens) || pl.tokens[i].pause >= full
}

// pause returns what stands before the token at i, or after the last one.
func (pl *place) pause(i int) pause {
	if i == len(pl.tokens) {
		return pl.last
	}
	return pl.tokens[i].pause
}
