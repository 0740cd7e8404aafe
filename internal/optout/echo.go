package optout

// What makes an echo: a bad line, or a transcript that mistakes who spoke, may
// give the agent's words to the contact.
const (
	minEcho   = 3  // words
	maxEcho   = 40 // words of the request that are compared
	echoShare = 80 // per cent of the request's words that the agent had said, in their order
)

// echo reports whether what the ear found are the agent's own words of just
// before, and no answer to what the agent offered.
func (e *ear) echo(turns []Turn) bool {
	span := e.by.tokens[e.found.start:e.found.end]
	if e.found.rank != sure || e.answered || e.revoked || len(span) < minEcho {
		return false
	}
	i := len(turns) - 1
	for i >= 0 && turns[i].Speaker != Agent {
		i--
	}
	if i < 0 {
		return false
	}
	e.asked.take(e.by.lang, e.in.said(e.by.lang.lexicon, turns, i))
	e.asked.join()
	agent := e.asked.passage()
	agent.dialogue = true
	if same := inSequence(span, agent.tokens); 100*same < echoShare*len(span) {
		return false
	}
	return agent.best().rank == nothing
}

// inSequence returns how many words of a occur in b in the same order.
func inSequence(a, b []token) int {
	var row [maxEcho + 1]uint8 // of b's words so far, how many are in sequence with a's first i
	a = a[:min(len(a), maxEcho)]
	for _, heard := range b {
		diagonal := uint8(0)
		for i, said := range a {
			above := row[i+1]
			switch {
			case said.word == heard.word && said.word != unknown:
				row[i+1] = diagonal + 1
			default:
				row[i+1] = max(above, row[i])
			}
			diagonal = above
		}
	}
	return int(row[len(a)])
}
