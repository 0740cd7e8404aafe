package optout

// maxAnswer is how many words an answer to the agent has at most.
const maxAnswer = 8

// answer returns the dialogue whose question the agent asked in the last of
// turns, and to which what was said is the answer.
func (e *ear) answer(said *reader, turns []Turn) (c candidate) {
	n := len(turns)
	if len(said.tokens) > maxAnswer || n == 0 || turns[n-1].Speaker != Agent {
		return candidate{}
	}
	e.asked.take(said.lang, e.in.said(said.lang.lexicon, turns, n-1))
	if !e.asked.fits() {
		return candidate{}
	}
	e.asked.join()
	question := e.asked.passage()
	question.tokens, question.dialogue = e.asked.lastQuestion(), true
	question.trace = e.trace
	asked := question.best()
	if asked.rank == nothing {
		return candidate{}
	}
	g := &said.lang.groups[asked.group]
	e.reply = reply{said, &e.asked, question.tokens[:asked.end]}
	whole := said.passage()
	pl := whole.place()
	pl.ending, pl.runsOn, pl.reply = len(said.tokens), true, &e.reply
	for i, a := range g.answers {
		if _, ok := pl.match(a.pattern, 0); ok {
			c = candidate{
				group: asked.group, phrase: i, end: len(said.tokens), family: g.family,
			}
			c.rank = c.worth(g)
			return c
		}
	}
	return candidate{}
}

// A reply is what was said to what an agent asked.
type reply struct {
	said, question *reader
	asked          []token // of the question, up to the end of what is offered
}

// stem is how many letters two forms of a word have in common, from the first.
const stem = 4

// repeats reports whether the word at i is one of the question, or another form
// of one, as "remove" is to "removed".
func (r *reply) repeats(i int) bool {
	said := r.said.tokens[i]
	n := r.said.folded(0, said)
	for _, t := range r.asked {
		if t.word == said.word && t.word > number {
			return true
		}
		if n < stem || t.end-t.start < stem {
			continue
		}
		if m := r.question.folded(0, t); m >= stem &&
			string(r.question.letter[:stem]) == string(r.said.letter[:stem]) {
			return true
		}
	}
	return false
}

// lastQuestion returns the last question of the turn that was read or, if it
// has none, its last two sentences, so that "I can take you off the list. Just
// say yes." is one too.
func (r *reader) lastQuestion() []token {
	tokens, end := r.tokens, len(r.tokens)
	sentences := 2
	if r.pause == question {
		sentences = 1
	} else if i := r.lastPause(question, end); i > 0 {
		end, sentences = i, 1
	}
	start := end
	for ; sentences > 0 && start > 0; sentences-- {
		start = r.lastPause(full, start)
	}
	return tokens[start:end]
}

// lastPause returns the last token before end that has at least that pause
// before it, or 0.
func (r *reader) lastPause(p pause, end int) int {
	for i := end - 1; i > 0; i-- {
		if r.tokens[i].pause >= p {
			return i
		}
	}
	return 0
}
