package optout

// From these log-odds on, a loose phrase is an opt-out, and one that a person
// should look at; and an opt-out although no phrase stands there, or a rule
// refused one in its words.
const (
	surely    = 1.5
	perhaps   = 0.75
	hinted    = 2
	atAnyRate = 3
)

// weigh returns what the loose phrase that e found comes to, by how the words
// around it are: an opt-out, or one that a person should look at, or nothing.
func (d *Detector) weigh(e *ear) rank {
	if d.Weights == nil {
		return nothing
	}
	f := featurer{weights: d.Weights}
	tokens, after := e.sentence()
	f.all(e.by, tokens, after)
	switch odds, c := f.odds(), &e.found; {
	case c.meant && (c.contested || odds < hinted):
		return nothing
	case odds >= atAnyRate:
		return sure
	case c.contested:
		return nothing
	case odds >= surely:
		return sure
	case odds >= perhaps:
		return doubted
	}
	return nothing
}

// around is how many words to either side of a candidate belong to it, at most.
const around = 20

// sentence returns the words of the sentence of the candidate, without those
// that say nothing, and the pause after them.
func (e *ear) sentence() (words []token, after pause) {
	tokens := e.by.tokens
	first, last := e.found.start, e.found.end-1
	for n := 0; n < around && first > 0 && tokens[first].pause < full; n++ {
		first--
	}
	for n := 0; n < around && last+1 < len(tokens) && tokens[last+1].pause < full; n++ {
		last++
	}
	after = e.by.pause
	if last+1 < len(tokens) {
		after = tokens[last+1].pause
	}
	return tokens[first : last+1], after
}

// hint returns the words, from one sentence, that mean most of what a request is
// made of: a deed and a thing at least.
func (s *passage) hint() (c candidate) {
	if !s.lang.weighs {
		return c
	}
	var parts part
	most, first, n := 0, 0, 0
	for i, t := range s.tokens {
		if i > 0 && t.pause >= full {
			parts, n = 0, 0
		}
		is := s.lang.meaning(t.word).part()
		if is == 0 {
			continue
		}
		if n == 0 {
			first = i
		}
		parts |= is
		if n++; n > most && parts == deed|thing {
			most = n
			c = candidate{group: s.lang.loose, start: first, end: i + 1, rank: guessed, meant: true}
		}
	}
	c.contested = s.contests(&c)
	return c
}

// contests reports whether a rule refused a phrase in the words of c, a guess.
func (s *passage) contests(c *candidate) bool {
	return c.rank == guessed && s.refused.start < int32(c.end) && int32(c.start) < s.refused.end
}
