package optout

// finding says what the ear found.
func (e *ear) finding(turns []Turn) Finding {
	c, last := &e.found, len(turns)-1
	g := &e.said.lang.groups[c.group]
	f := Finding{Turn: last, Language: e.said.lang.tag, Phrase: g.name}
	if !e.answered {
		f.Phrase = g.phrases[c.phrase].name
	}
	switch c.rank {
	case sure:
		f.Verdict = OptOut
	case doubted:
		f.Verdict, f.Doubt, f.Family = Review, Ambiguous, g.family
	case limited:
		f.Verdict = Scoped
		if !c.offered {
			f.Family = familyOf(c.scope)
		}
	}
	start, end := c.whole()
	f.Start = int(e.said.tokens[start].start)
	f.End = int(e.said.tokens[end-1].end)
	f.Quote = turns[last].Text[f.Start:f.End]
	f.Slots = e.slots()
	return f
}

// whole returns the tokens of c and of what limits it.
func (c *candidate) whole() (start, end int) {
	start, end = c.start, c.end
	if c.limit.start < c.limit.end {
		start, end = min(start, int(c.limit.start)), max(end, int(c.limit.end))
	}
	return start, end
}

// slots returns the slots that the ear's candidate fills, or nil.
func (e *ear) slots() []Slot {
	c := &e.found
	if c.scope != "" {
		s, _ := slotOf(scopeSlots[c.scope])
		limit := caught{}
		limit[s] = c.limit
		c.caught.add(&limit)
	}
	var slots []Slot
	for i, at := range c.caught {
		if at.start < at.end {
			s := e.said.passage()
			slots = append(slots, Slot{slotNames[i], s.words(int(at.start), int(at.end))})
		}
	}
	return slots
}
