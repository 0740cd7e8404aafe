package optout

import "strings"

// A hearing is what is needed to hear one turn, kept for the next.
type hearing struct {
	ears     []ear   // one a language
	pieces   []piece // what is heard together, from the last turn back
	scans    [maxPieces]scan
	agent    scan // what the agent said last, if anybody asked for that
	agentAt  int  // the turn it is, and one; 0 if nobody asked
	explains bool // what the ears think of is to be traced
}

// An ear hears turns in one language.
type ear struct {
	in      *hearing
	said    reader // the last turn
	joined  reader // and those that are heard together with it
	earlier reader // only those
	asked   reader // what the agent said before it
	reply   reply  // and what it is the reply to

	heard    bool // it was asked
	native   bool // it is of the language that the call is known to be in
	found    candidate
	by       *reader // which of said and joined found it
	answered bool    // found is a dialogue, and its words all that was said
	echoes   bool    // found is in the agent's words of just before
	revoked  bool    // found is of an earlier turn, and the last one makes it another thing
	retracts ruling  // what in the last turn takes back what was said in earlier ones
	trace    *trace
}

// hear looks for a request in the last of turns, in all languages that it may
// be in, and returns the ear that hears it best, or nil.
func (h *hearing) hear(languages []*language, turns []Turn, tag string) *ear {
	if len(h.ears) < len(languages) {
		h.ears = make([]ear, len(languages))
	}
	h.agentAt = 0
	h.gather(languages[0].lexicon, turns)
	for i, l := range languages {
		e := &h.ears[i]
		e.forget()
		if h.explains {
			e.trace = &trace{}
		}
		e.native = l.speaks(tag)
		if e.heard = i == 0 || e.native; e.heard {
			e.in = h
			e.hear(l, turns)
		}
	}
	var best *ear
	for i := range h.ears {
		if e := &h.ears[i]; e.found.rank != nothing && !h.foreign(e) && e.beats(best) {
			best = e
		}
	}
	if best != nil {
		best.echoes = best.echo(turns)
	}
	return best
}

// said returns the words of a turn of the agent.
func (h *hearing) said(x *lexicon, turns []Turn, i int) *scan {
	if h.agentAt != i+1 {
		h.agentAt = i + 1
		h.agent.read(x, turns[i].Text)
	}
	return &h.agent
}

// forget makes ready for the next turn.
func (e *ear) forget() {
	e.found, e.by, e.retracts = candidate{}, &e.said, ruling{}
	e.answered, e.revoked = false, false
	e.said.tokens = e.said.tokens[:0]
}

// hear looks for a request in the last of turns, and in the pieces that are
// heard with it.
func (e *ear) hear(l *language, turns []Turn) {
	last, pieces := len(turns)-1, e.in.pieces
	e.said.take(l, pieces[0].scan)
	if !e.said.fits() && len(pieces) == 1 {
		return
	}
	e.said.mend()
	promising := e.said.promises()
	e.said.join()
	s := e.said.passage()
	s.trace = e.trace
	if promising {
		e.found = s.best()
		if e.found.rank != sure {
			if a := e.answer(&e.said, turns[:last]); a.rank > e.found.rank {
				e.found, e.answered = a, true
			}
		}
		if e.found.rank == nothing {
			e.found = s.hint()
		}
	}
	if len(pieces) > 1 {
		e.across(l, turns, pieces)
	}
	if e.found.rank == nothing && last > 0 {
		e.retracts = s.latest(l.withdraw, 0)
	}
}

// beats reports whether e, which found something, heard it better than other.
func (e *ear) beats(other *ear) bool {
	switch {
	case other == nil:
		return true
	case e.found.rank != other.found.rank:
		return e.found.rank > other.found.rank
	case e.native != other.native:
		return e.native
	}
	start, end := e.around()
	return e.said.knows(start, end) > other.said.knows(start, end)
}

// foreign reports whether what e found is in the words of another language,
// which knows more of those around it.
func (h *hearing) foreign(e *ear) bool {
	start, end := e.around()
	mine := e.said.knows(start, end)
	for i := range h.ears {
		other := &h.ears[i]
		if other.heard && other != e && other.said.knows(start, end) > mine+1 {
			return true
		}
	}
	return false
}

// nearby is how many words to either side of a candidate say which language it
// is in.
const nearby = 3

// around returns where the candidate, as far as it is in the last turn, and the
// words nearby begin and end in the text.
func (e *ear) around() (start, end int32) {
	tokens := e.by.tokens
	first, last := e.found.start, e.found.end
	if from := e.by.lastPiece(); last <= from {
		first, last = from, len(tokens)
	} else {
		first = max(first-nearby, from)
	}
	return tokens[first].start, tokens[min(last+nearby, len(tokens))-1].end
}

// knows returns how many of the words from start up to end the language names.
func (r *reader) knows(start, end int32) (n int) {
	for _, t := range r.tokens {
		if t.start >= start && t.end <= end && t.word > number {
			n++
		}
	}
	return n
}

// speaks reports whether a turn with that tag may be in the language: it is,
// or nothing is known of it.
func (l *language) speaks(tag string) bool {
	primary, _, _ := strings.Cut(tag, "-")
	return tag == "" || strings.EqualFold(primary, "und") || strings.EqualFold(primary, l.tag)
}
