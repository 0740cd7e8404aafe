package optout

import "strings"

// A hearing is what is needed to hear one turn, kept for the next.
type hearing struct {
	ears []ear // one a language
}

// An ear hears turns in one language.
type ear struct {
	said, asked reader
	heard       bool // it was asked
	native      bool // it is of the language that the call is known to be in
	found       candidate
	answered    bool // found is a dialogue, and its words all that was said
}

// hear looks for a request in the last of turns, in all languages that it may
// be in, and returns the ear that hears it best, or nil.
func (h *hearing) hear(languages []*language, turns []Turn, tag string) *ear {
	if len(h.ears) < len(languages) {
		h.ears = make([]ear, len(languages))
	}
	for i, l := range languages {
		e := &h.ears[i]
		e.heard, e.found = i == 0 || l.speaks(tag), candidate{}
		if e.heard {
			e.native = l.speaks(tag)
			e.hear(l, turns)
		}
	}
	var best *ear
	for i := range h.ears {
		if e := &h.ears[i]; e.found.rank != nothing && !h.foreign(e) && e.beats(best) {
			best = e
		}
	}
	return best
}

// hear looks for a request in the last of turns.
func (e *ear) hear(l *language, turns []Turn) {
	last := len(turns) - 1
	e.answered = false
	e.said.read(l, turns[last].Text)
	e.said.mend()
	if !e.said.promises() {
		return
	}
	e.said.join()
	s := e.said.passage()
	if e.found = s.best(); e.found.rank != nothing {
		return
	}
	e.found = e.answer(turns[:last])
	e.answered = e.found.rank != nothing
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

// around returns where the candidate and the words nearby begin and end in the
// text.
func (e *ear) around() (start, end int32) {
	tokens := e.said.tokens
	first := max(e.found.start-nearby, 0)
	last := min(e.found.end+nearby, len(tokens)) - 1
	return tokens[first].start, tokens[last].end
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
