package optout

// A ruling is where a rule stands.
type ruling struct {
	rule   *phrase // nil if none does
	at     extent
	caught caught
}

// refusal returns the rule that speaks against c, or nil.
func (s *passage) refusal(g *group, c *candidate) *phrase {
	return s.spoiled(&g.spoilers, s.lang.later, c)
}

// doubt returns the rule that makes c a thing for review, or nil.
func (s *passage) doubt(g *group, c *candidate) *phrase {
	return s.spoiled(&g.doubts, s.lang.perhaps, c)
}

// spoiled returns which of the rules stands where it spoils c, or nil.
func (s *passage) spoiled(by *spoilers, later rules, c *candidate) *phrase {
	if r := s.before(by.before, c); r.rule != nil {
		return r.rule
	}
	if r := s.after(by.after, c); r.rule != nil {
		return r.rule
	}
	if r := s.around(by.sentence, c); r.rule != nil {
		return r.rule
	}
	if s.dialogue {
		return nil
	}
	return s.latest(later, c.end).rule
}

// limit notes what limits c to a time, a place or the like, and whether another
// is offered.
func (s *passage) limit(g *group, c *candidate) {
	if s.dialogue {
		return
	}
	r := s.after(g.scopes, c)
	if r.rule == nil {
		r = s.before(g.scopesBefore, c)
	}
	if r.rule != nil {
		c.scope, c.limit = r.rule.name, r.at
		c.caught.add(&r.caught)
	}
	c.offered = s.latest(s.lang.offers, c.end).rule != nil ||
		c.scope != "" && s.earlier(s.lang.offers, c.start)
}

// before returns which of rules stands right before c in its sentence.
func (s *passage) before(rules []phrase, c *candidate) ruling {
	if len(rules) == 0 {
		return ruling{}
	}
	pl := s.place()
	pl.ending = c.start
	for i := c.start; i > 0 && i > c.start-window && s.tokens[i].pause < full; i-- {
		for k := range rules {
			rule := &rules[k]
			if !rule.mayBegin(s.tokens[i-1].word) {
				continue
			}
			if end, ok := pl.match(rule.pattern, i-1); ok {
				return ruling{rule, extent{int32(i - 1), int32(end)}, pl.caught}
			}
		}
	}
	return ruling{}
}

// after returns which of rules stands right after c.
func (s *passage) after(rules []phrase, c *candidate) ruling {
	if len(rules) == 0 {
		return ruling{}
	}
	pl := s.place()
	pl.runsOn = true
	for k := range rules {
		rule := &rules[k]
		if pl.edge(c.end) && rule.pattern[0].kind != edge {
			continue
		}
		if c.end < len(s.tokens) && !rule.mayBegin(s.tokens[c.end].word) {
			continue
		}
		if end, ok := pl.match(rule.pattern, c.end); ok {
			return ruling{rule, extent{int32(c.end), int32(end)}, pl.caught}
		}
	}
	return ruling{}
}

// around returns which of rules stands anywhere else in the sentence of c.
func (s *passage) around(rules []phrase, c *candidate) ruling {
	if len(rules) == 0 {
		return ruling{}
	}
	pl := s.place()
	begin := c.start
	for begin > 0 && !pl.edge(begin) {
		begin--
	}
	for i := begin; i < len(s.tokens) && (i < c.end || !pl.edge(i)); i++ {
		if i >= c.start && i < c.end {
			continue
		}
		if r := s.any(rules, i); r.rule != nil && (i >= c.end || int(r.at.end) <= c.start) {
			return r
		}
	}
	return ruling{}
}

// latest returns which of the language's rules stands in the passage at or
// after token from, and is not itself made nothing; the last of them.
func (s *passage) latest(rules []phrase, from int) ruling {
	for i := len(s.tokens) - 1; i >= from; i-- {
		if r := s.any(rules, i); r.rule != nil && !s.negated(i) {
			return r
		}
	}
	return ruling{}
}

// earlier reports whether one of rules ends before the token at end.
func (s *passage) earlier(rules []phrase, end int) bool {
	for i := range s.tokens[:end] {
		if r := s.any(rules, i); r.rule != nil && int(r.at.end) <= end && !s.negated(i) {
			return true
		}
	}
	return false
}

// any returns which of rules begins at token i.
func (s *passage) any(rules []phrase, i int) ruling {
	pl := s.place()
	for k := range rules {
		rule := &rules[k]
		if !rule.mayBegin(s.tokens[i].word) {
			continue
		}
		if end, ok := pl.match(rule.pattern, i); ok {
			return ruling{rule, extent{int32(i), int32(end)}, pl.caught}
		}
	}
	return ruling{}
}

// negated reports whether what makes a reversal or an offer nothing stands
// right before token i.
func (s *passage) negated(i int) bool {
	return s.before(s.lang.unless, &candidate{start: i}).rule != nil
}

// mayBegin reports whether a rule may begin with w.
func (p *phrase) mayBegin(w word) bool { return p.begin == nil || p.begin.has(w) }
