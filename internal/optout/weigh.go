package optout

// From these log-odds on, a loose phrase is an opt-out, and one that a person
// should look at; and an opt-out although a rule refused a phrase in its words.
const (
	surely    = 1.5
	perhaps   = 0.5
	atAnyRate = 2.5
)

// weigh returns what the loose phrase that e found comes to, by how the words
// around it are: an opt-out, or one that a person should look at, or nothing.
func (d *Detector) weigh(e *ear) rank {
	if d.Weights == nil {
		return nothing
	}
	f := featurer{weights: d.Weights}
	f.add(' ')
	for _, t := range e.sentence() {
		f.read(e.said.text[t.start:t.end])
	}
	switch odds := f.odds(); {
	case odds >= atAnyRate:
		return sure
	case e.found.contested:
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
// that say nothing.
func (e *ear) sentence() []token {
	tokens := e.said.tokens
	first, last := e.found.start, e.found.end-1
	for n := 0; n < around && first > 0 && tokens[first].pause < full; n++ {
		first--
	}
	for n := 0; n < around && last+1 < len(tokens) && tokens[last+1].pause < full; n++ {
		last++
	}
	return tokens[first : last+1]
}
