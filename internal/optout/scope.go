package optout

// window is how many words before a candidate the rules look at.
const window = 10

// A rank is how much a candidate comes to.
type rank uint8

const (
	nothing rank = iota
	guessed      // it may be one: the weights decide
	limited      // not at that time, place, topic or channel
	doubted      // it can be meant either way
	sure
)

// A candidate is a phrase that stands in a turn: its words are the tokens from
// start up to end.
type candidate struct {
	group, phrase int
	start, end    int
	rank          rank
	family        string // the ambiguous family that it is of; "" if it is clear
	scope         string // the name of the rule that limits it; "" if none does
	limit         extent // the words of that rule
	offered       bool   // another time or way to call is offered
	meant         bool   // no phrase stands there, only words of such meanings
	contested     bool   // of what is guessed: a rule refused a phrase in its words
	caught        caught
}

// A passage is tokens in which phrases are looked for.
type passage struct {
	lang     *language
	texts    *[maxPieces]string
	tokens   []token
	last     pause   // what stands after the last token
	from     int     // candidates end after this token
	dialogue bool    // look for what an agent asks, not for what a contact says
	spoiler  *phrase // the rule that refused the last candidate that was refused
	refused  extent  // all words from the first to the last of refused candidates
	trace    *trace
}

// passage returns what the reader read.
func (r *reader) passage() passage {
	return passage{lang: r.lang, texts: &r.texts, tokens: r.tokens, last: r.pause}
}

// best returns the candidate that passes all rules of its group and comes to
// the most, the first of such. Of two of which one holds the other, the longer
// one knows better.
func (s *passage) best() candidate {
	var best candidate
	var has need
	for _, t := range s.tokens {
		has.add(s.lang.serves[t.word])
	}
	firsts := s.lang.firsts
	if s.dialogue {
		firsts = s.lang.asks
	}
	for i, t := range s.tokens {
		if best.rank == sure && i >= best.end {
			break
		}
		for _, at := range firsts[t.word] {
			g := &s.lang.groups[at.group]
			if g.phrases[at.phrase].needs.lacks(has) {
				continue
			}
			if best.rank != nothing && g.weighed {
				continue // a guess overrides nothing
			}
			c, ok := s.stands(at, i)
			if ok && c.overrides(&best) {
				best = c
			}
		}
	}
	best.contested = s.contests(&best)
	return best
}

// overrides reports whether c is to be taken instead of best, which begins no
// later.
func (c *candidate) overrides(best *candidate) bool {
	switch {
	case best.rank <= guessed:
		return c.rank > best.rank
	case c.rank == guessed:
		return false
	case c.start == best.start && c.end != best.end:
		return c.end > best.end
	case c.end <= best.end && c.start >= best.start && (c.start != best.start || c.end != best.end):
		return false
	}
	return c.rank > best.rank
}

// stands returns the candidate of a phrase at token i, if it stands there and
// nothing speaks against it.
func (s *passage) stands(at phraseAt, i int) (c candidate, ok bool) {
	g := &s.lang.groups[at.group]
	ph := &g.phrases[at.phrase]
	if ph.then != nil && (i+1 == len(s.tokens) || !ph.then.has(s.tokens[i+1].word)) {
		return c, false
	}
	pl := s.place()
	end, ok := pl.match(ph.pattern, i)
	if !ok || end <= s.from || g.weighed && s.from > 0 {
		return c, false
	}
	c = candidate{group: at.group, phrase: at.phrase, start: i, end: end, caught: pl.caught}
	if rule := s.refusal(g, &c); rule != nil {
		s.spoiler = rule
		s.refuse(&c)
		s.trace.note(s, &c, rule)
		return c, false
	}
	s.limit(g, &c)
	c.family = g.family
	if rule := s.doubt(g, &c); rule != nil && c.family == "" {
		c.family = rule.name
	}
	if c.rank = c.worth(g); c.rank == nothing {
		return c, false
	}
	s.trace.note(s, &c, nil)
	return c, true
}

// refuse takes in that c was refused.
func (s *passage) refuse(c *candidate) {
	if s.lang.groups[c.group].weighed {
		return
	}
	if s.refused.start == s.refused.end {
		s.refused.start = int32(c.start)
	}
	s.refused.start = min(s.refused.start, int32(c.start))
	s.refused.end = max(s.refused.end, int32(c.end))
}

// worth returns what c comes to.
func (c *candidate) worth(g *group) rank {
	limits := c.scope != "" || c.offered
	switch {
	case g.weighed && (limits || c.family != ""):
		return nothing
	case g.weighed:
		return guessed
	case limits:
		return limited
	case c.family != "":
		return doubted
	}
	return sure
}

// place returns where patterns of the passage are tried.
func (s *passage) place() place {
	return place{tokens: s.tokens, last: s.last, ending: anywhere}
}
