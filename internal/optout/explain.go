package optout

// A trace gathers what was thought of on the way, for [Detector.Explain]. A nil
// one gathers nothing.
type trace struct {
	candidates []Candidate
}

// A Candidate is words of a turn that a phrase proposed as a request.
type Candidate struct {
	Phrase  string // such as "stop_calling"
	Words   string // the tokens, as they were said
	Refused string // the rule that spoke against it, such as "negation"; "" if none did
	Scope   string // the rule that limits it, such as "time"; "" if none does
	Offered bool   // another time or way to call is offered
	Family  string // the ambiguous family it is of, such as "leave_alone"; "" if it is clear
}

// note takes in a candidate, and the rule that refused it or nil.
func (t *trace) note(s *passage, c *candidate, refused *phrase) {
	if t == nil {
		return
	}
	g := &s.lang.groups[c.group]
	found := Candidate{
		Phrase: g.phrases[c.phrase].name, Words: s.words(c.start, c.end),
		Scope: c.scope, Offered: c.offered, Family: g.family,
	}
	if refused != nil {
		found.Refused = refused.name
	}
	t.candidates = append(t.candidates, found)
}
