package optout

// A standing is what a conversation comes to so far.
type standing struct {
	finding Finding
	any     bool
}

// take takes in what was found in the next turn. What was found first stands,
// unless the next is stronger, or is about the same words.
func (s *standing) take(f Finding) {
	if !s.any || f.strength() > s.finding.strength() || f.Doubt == Withdrawn ||
		f.amends(s.finding) {
		s.finding, s.any = f, true
	}
}

// retract takes in that the words of f took back what stands. It is false if
// nothing stands that can be taken back.
func (s *standing) retract(f Finding) bool {
	if s.finding.strength() < strength(Review) || s.finding.Doubt == Withdrawn {
		return false
	}
	asked := s.finding
	s.finding.Verdict, s.finding.Doubt = Review, Withdrawn
	s.finding.Before = &Span{asked.Turn, asked.Start, asked.End, asked.Quote}
	s.finding.Turn, s.finding.Start, s.finding.End = f.Turn, f.Start, f.End
	s.finding.Quote = f.Quote
	return true
}

// amends reports whether f limits the words of other.
func (f Finding) amends(other Finding) bool {
	return f.Verdict == Scoped && f.Before != nil && f.Before.Turn == other.Turn
}

func (f Finding) strength() int { return strength(f.Verdict) }

func strength(v Verdict) int {
	switch v {
	case OptOut:
		return 3
	case Review:
		return 2
	case Scoped:
		return 1
	}
	return 0
}

// retraction returns the words of the last turn that take back what was said in
// earlier ones, if any do.
func (h *hearing) retraction() (f Finding, ok bool) {
	for i := range h.ears {
		if e := &h.ears[i]; e.retracts.rule != nil {
			at := e.said.span(int(e.retracts.at.start), int(e.retracts.at.end), h.pieces)
			return Finding{Turn: at.Turn, Start: at.Start, End: at.End, Quote: at.Quote}, true
		}
	}
	return Finding{}, false
}
