package optout

import (
	"slices"
	"strings"
)

// An Explanation says how a conversation was read and what came of it, for
// whoever writes phrases.
type Explanation struct {
	Turns   []ExplainedTurn
	Finding Finding // as the conversation stands at its end
	Found   bool
}

// An ExplainedTurn is one turn of an explanation.
type ExplainedTurn struct {
	Turn     Turn
	Readings []Reading // none for a turn of the agent
	Finding  Finding   // what it completes
	Found    bool
}

// A Reading is a turn as it was read in one language.
type Reading struct {
	Language   string
	Words      string // as the phrases see them: unknown ones in brackets, pauses as , . and ?
	Candidates []Candidate
}

// A Candidate is words of a turn that a phrase proposed as a request.
type Candidate struct {
	Phrase  string // such as "stop_calling"
	Words   string // as they were said
	Asked   bool   // by the agent: what was said may be the answer
	Refused string // the rule that spoke against it, such as "negation"; "" if none did
	Scope   string // the rule that limits it, such as "time"; "" if none does
	Offered bool   // another time or way to call is offered
	Family  string // the ambiguous family it is of, such as "leave_alone"; "" if it is clear
}

// Explain says how each turn of a conversation is read, in all languages in
// which a phrase proposed something, or else in the one that fits best, and
// which rule refused each proposal.
func (d *Detector) Explain(turns []Turn, o Options) Explanation {
	var x Explanation
	h := &hearing{explains: true}
	for i, t := range turns {
		turn := ExplainedTurn{Turn: t}
		if t.Speaker == Contact {
			h.hear(d.languages, turns[:i+1], o.Language)
			turn.Readings = h.readings()
			turn.Finding, turn.Found = d.FindLast(turns[:i+1], o)
		}
		x.Turns = append(x.Turns, turn)
	}
	x.Finding, x.Found = d.Find(turns, o)
	return x
}

// readings returns how the last turn was read.
func (h *hearing) readings() (all []Reading) {
	var best *ear
	for i := range h.ears {
		e := &h.ears[i]
		if e.heard && (best == nil || e.said.knowsAll() > best.said.knowsAll()) {
			best = e
		}
		if e.heard && len(e.trace.candidates) > 0 {
			all = append(all, e.reading())
		}
	}
	if best != nil && len(all) == 0 {
		all = append(all, best.reading())
	}
	return all
}

func (e *ear) reading() Reading {
	return Reading{
		Language: e.said.lang.tag, Words: e.said.shown(), Candidates: e.trace.candidates,
	}
}

// knowsAll returns how many of the words the language names.
func (r *reader) knowsAll() int { return r.knows(0, int32(len(r.texts[0]))) }

// shown returns the tokens as phrases see them.
func (r *reader) shown() string {
	var words []string
	for _, t := range r.tokens {
		if mark := [...]string{"", ",", ".", "?"}[t.pause]; mark != "" && len(words) > 0 {
			words[len(words)-1] += mark
		}
		name, ok := r.lang.names[t.word]
		if !ok {
			name = "[" + r.lang.mask(r.texts[t.piece][t.start:t.end]) + "]"
		}
		words = append(words, name)
	}
	return strings.Join(words, " ")
}

// A trace gathers what was thought of on the way. A nil one gathers nothing.
type trace struct {
	candidates []Candidate
}

// note takes in a candidate, and the rule that refused it or nil.
func (t *trace) note(s *passage, c *candidate, refused *phrase) {
	if t == nil {
		return
	}
	g := &s.lang.groups[c.group]
	found := Candidate{
		Phrase: g.phrases[c.phrase].name, Words: s.lang.mask(s.words(c.start, c.end)),
		Asked: s.dialogue, Scope: c.scope, Offered: c.offered, Family: c.family,
	}
	if refused != nil {
		found.Refused = refused.name
	}
	if !slices.Contains(t.candidates, found) {
		t.candidates = append(t.candidates, found)
	}
}
