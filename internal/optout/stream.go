package optout

import (
	"strings"
	"unicode/utf8"
)

// What is read together with a turn: what the contact said just before it, if
// the agent only threw in a few words.
const (
	maxPieces  = 8
	maxJoined  = 40 // words
	maxPiece   = 16 // words of a piece beside which the agent spoke
	maxUncut   = 20 // words of a piece beside which nobody spoke
	maxThrown  = 9  // words that the agent threw in
	maxBroken  = 20 // words that the agent threw in and broke off
	maxMurmur  = 2  // words of the agent that interrupt nobody
	maxBroad   = 4  // words of a piece whose full stop may be only a pause
	maxRetract = 3  // words that make another thing of what was said before them
)

// A piece is a turn of the contact that is read together with others.
type piece struct {
	turn  int
	text  string
	scan  *scan // its words
	spoke bool  // the agent spoke after it, before the next piece
	loose bool  // and said more than a murmur
}

// gather finds what is to be read together with the last of turns, pieces from
// the last turn back, and cuts it into words.
func (h *hearing) gather(x *lexicon, turns []Turn) {
	h.join(turns)
	for i := range h.pieces {
		p := &h.pieces[i]
		p.scan = &h.scans[i]
		p.scan.read(x, p.text)
	}
}

// join finds what is to be read together with the last of turns.
func (h *hearing) join(turns []Turn) {
	i := len(turns) - 1
	h.pieces = append(h.pieces[:0], piece{turn: i, text: turns[i].Text})
	total := countWords(turns[i].Text, maxJoined+1)
	beside := total // words of the piece after it
	for len(h.pieces) < maxPieces {
		var p piece
		for i--; i >= 0 && turns[i].Speaker != Contact; i-- {
			if !thrownIn(turns[i].Text) {
				return
			}
			p.spoke = true
			p.loose = p.loose || countWords(turns[i].Text, maxMurmur+1) > maxMurmur
		}
		if i < 0 {
			return
		}
		p.turn, p.text = i, turns[i].Text
		words, most := countWords(p.text, maxJoined+1), maxUncut
		if p.loose {
			most = maxPiece
		}
		if total += words; max(words, beside) > most || total > maxJoined {
			return
		}
		beside = words
		h.pieces = append(h.pieces, p)
	}
}

// thrownIn reports whether an agent who said text may have interrupted a
// sentence: with a few words, or with what was broken off.
func thrownIn(text string) bool {
	n := countWords(text, maxBroken+1)
	end := lastRune(text)
	if end == '-' || end == '–' || end == '—' || end == '…' {
		return n <= maxBroken
	}
	return n <= maxThrown
}

// lastRune returns the last rune of text that is no space.
func lastRune(text string) rune {
	r, _ := utf8.DecodeLastRuneInString(strings.TrimRight(text, " \t\n"))
	return r
}

// countWords counts the words of text, up to most.
func countWords(text string, most int) (n int) {
	in := false
	for i := 0; i < len(text) && n < most; i++ {
		now := wordByte[text[i]]
		if now && !in {
			n++
		}
		in = now
	}
	return n
}

// readAll reads the pieces, which are given from the last back, as if they were
// said in one breath.
func (r *reader) readAll(l *language, pieces []piece) {
	r.begin(l)
	for i := len(pieces) - 1; i >= 0; i-- {
		before := len(r.tokens)
		r.add(pieces[i].scan)
		if i == 0 {
			break
		}
		r.next()
		if r.pause == full && len(r.tokens)-before <= maxBroad && lastRune(pieces[i].text) == '.' {
			r.pause = comma
		}
	}
	r.end()
	r.mend()
	r.join()
}

// across looks for a request that the last piece completes, or is limited by,
// or that means nothing after those before it.
func (e *ear) across(l *language, turns []Turn, pieces []piece) {
	e.joined.readAll(l, pieces)
	if !e.joined.fits() {
		return
	}
	whole := e.joined.passage()
	whole.trace = e.trace
	whole.from = e.joined.lastPiece()
	if whole.from == len(whole.tokens) || e.answered {
		return
	}
	e.earlier.readAll(l, pieces[1:])
	if !e.joined.anchor {
		e.answerAcross(turns, pieces)
		return
	}
	tight := !pieces[1].loose
	found := whole.best()
	crossing := found.rank != nothing && found.start < whole.from
	switch {
	case e.found.rank == nothing && found.rank != nothing:
		before := e.before()
		if before.rank < found.rank || before.end <= found.start ||
			tight && found.rank == limited {
			e.take(&found)
		}
	case e.found.rank == nothing:
		e.answerAcross(turns, pieces)
		if e.found.rank == nothing {
			e.narrow(&whole, &pieces[1])
		}
	case crossing && (tight || found.rank > e.found.rank):
		e.take(&found)
	case tight && found.rank == nothing && e.refused(&whole):
		e.found = candidate{}
	}
}

// answerAcross looks for an answer that the last piece completes.
func (e *ear) answerAcross(turns []Turn, pieces []piece) {
	asked := turns[:pieces[len(pieces)-1].turn]
	c := e.answer(&e.joined, asked)
	if c.rank == nothing || e.answer(&e.earlier, asked).rank != nothing {
		return
	}
	e.take(&c)
	e.answered = true
}

// take makes found, in all pieces, what the ear found.
func (e *ear) take(found *candidate) {
	e.found, e.by = *found, &e.joined
}

// before returns what was found in the pieces before the last.
func (e *ear) before() candidate {
	s := e.earlier.passage()
	return s.best()
}

// refused reports whether what was found in the last piece alone is refused
// once those before it are heard, as in "I never said" – "don't call me".
func (e *ear) refused(whole *passage) bool {
	i := whole.from + e.found.start
	if i >= len(whole.tokens) {
		return false
	}
	whole.spoiler = nil
	_, ok := whole.stands(phraseAt{e.found.group, e.found.phrase}, i)
	return !ok && whole.spoiler != nil
}

// narrow looks whether the last piece limits what was asked for in those before
// it, as in "don't call me" – "before nine", or makes another thing of it, as in
// "don't call me" – "Shirley".
func (e *ear) narrow(whole *passage, before *piece) {
	asked := e.before()
	if asked.rank != sure || asked.end > len(whole.tokens) {
		return
	}
	if whole.tokens[asked.end-1].word != e.earlier.tokens[asked.end-1].word {
		e.revoke(&asked, before) // "do not call" – "list"
		return
	}
	from := whole.from
	longer := whole.spoils(asked.start) != nil
	whole.from, whole.spoiler = 0, nil
	now, ok := whole.stands(phraseAt{asked.group, asked.phrase}, asked.start)
	rule := whole.spoiler
	switch {
	case ok && now.rank == limited:
		e.take(&now)
	case ok || rule == nil:
	case longer || rule.begin != nil:
		e.revoke(&asked, before)
	case !before.spoke && len(whole.tokens)-from <= maxRetract &&
		whole.tokens[from].pause == noPause:
		e.revoke(&asked, before)
	}
}

// revoke notes that asked, of the pieces before the last, was another thing,
// unless the agent interrupted.
func (e *ear) revoke(asked *candidate, before *piece) {
	if before.loose {
		return
	}
	e.take(asked)
	e.revoked = true
}

// spoils returns a rule that refuses a phrase which begins at token i, if all
// that stand there are refused.
func (s *passage) spoils(i int) *phrase {
	s.spoiler = nil
	for _, at := range s.lang.firsts[s.tokens[i].word] {
		if _, ok := s.stands(at, i); ok {
			return nil
		}
	}
	return s.spoiler
}

// lastPiece returns the first token of the last piece.
func (r *reader) lastPiece() int {
	i := len(r.tokens)
	for i > 0 && r.tokens[i-1].piece == r.piece {
		i--
	}
	return i
}
