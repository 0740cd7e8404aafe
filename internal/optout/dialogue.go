package optout

// maxAnswer is how many words an answer to the agent has at most.
const maxAnswer = 8

// answer returns the dialogue whose question the agent asked last and to which
// the contact's tokens are the answer.
func (h *hearing) answer(l *language, turns []Turn) (candidate, bool) {
	said, n := h.contact.tokens, len(turns)
	if len(said) > maxAnswer || n == 0 || turns[n-1].Speaker != Agent {
		return candidate{}, false
	}
	asked := &h.agent
	asked.read(l, turns[n-1].Text)
	asked.join()
	c, ok := l.first(asked.lastQuestion(), true)
	if !ok {
		return candidate{}, false
	}
	pl := place{tokens: said, ending: len(said), runsOn: true}
	for i, a := range l.groups[c.group].answers {
		if _, ok := pl.match(a.pattern, 0); ok {
			return candidate{c.group, i, 0, len(said)}, true
		}
	}
	return candidate{}, false
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
