package optout

// finding says what the ear found, in the last of pieces or across them.
func (e *ear) finding(pieces []piece) Finding {
	c := &e.found
	g := &e.by.lang.groups[c.group]
	f := Finding{Verdict: OptOut, Language: e.by.lang.tag, Phrase: g.name}
	if !e.answered {
		f.Phrase = g.phrases[c.phrase].name
	}
	switch {
	case e.revoked:
		f.Verdict, f.Doubt = Review, Withdrawn
	case e.echoes:
		f.Verdict, f.Doubt = Review, Echo
	case c.rank == doubted && g.weighed:
		f.Verdict, f.Doubt = Review, Likely
	case c.rank == doubted:
		f.Verdict, f.Doubt, f.Family = Review, Ambiguous, c.family
	case c.rank == limited:
		f.Verdict = Scoped
		if !c.offered {
			f.Family = familyOf(c.scope)
		}
	}
	e.locate(&f, pieces)
	f.Slots = e.slots()
	return f
}

// locate says where the words of f are: in the last turn, and before it.
func (e *ear) locate(f *Finding, pieces []piece) {
	start, end := e.found.whole()
	from := e.by.lastPiece()
	if start < from {
		before := e.by.span(start, min(end, from), pieces)
		f.Before = &before
		start = from
		if end <= from {
			end = len(e.by.tokens)
		}
	}
	at := e.by.span(start, end, pieces)
	f.Turn, f.Start, f.End, f.Quote = at.Turn, at.Start, at.End, at.Quote
}

// span returns the tokens from start up to end, as far as they are in the same
// piece as the first of them.
func (r *reader) span(start, end int, pieces []piece) Span {
	first := r.tokens[start]
	for r.tokens[end-1].piece != first.piece {
		end--
	}
	s := Span{Start: int(first.start), End: int(r.tokens[end-1].end)}
	s.Turn = pieces[int(r.piece-first.piece)].turn
	s.Quote = r.lang.mask(r.texts[first.piece][s.Start:s.End])
	return s
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
	s := e.by.passage()
	var slots []Slot
	for i, at := range c.caught {
		if at.start < at.end {
			words := s.words(int(at.start), int(at.end))
			slots = append(slots, Slot{slotNames[i], s.lang.mask(words)})
		}
	}
	return slots
}
