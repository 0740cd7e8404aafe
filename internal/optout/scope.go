package optout

// window is how many words before a candidate the rules look at.
const window = 10

// A candidate is a phrase that stands in a turn: its words are the tokens from
// start up to end.
type candidate struct {
	group, phrase int
	start, end    int
}

// first returns the first candidate in tokens that passes all rules of its
// group, and that nothing said later takes back. Dialogue says which groups
// are asked: those of the contact's own words, or those of the agent's.
func (l *language) first(tokens []token, dialogue bool) (candidate, bool) {
	back := -1 // where the last reversal begins, or -1 if not yet known
	for i, t := range tokens {
		for _, at := range l.firsts[t.word] {
			g := &l.groups[at.group]
			if (len(g.answers) > 0) != dialogue {
				continue
			}
			pl := place{tokens: tokens, ending: anywhere}
			end, ok := pl.match(g.phrases[at.phrase].pattern, i)
			if !ok || g.spoils(tokens, i, end) {
				continue
			}
			if back < 0 {
				back = l.reversal(tokens)
			}
			if end > back {
				return candidate{at.group, at.phrase, i, end}, true
			}
		}
	}
	return candidate{}, false
}

// spoils reports whether a rule of the group speaks against the candidate at
// tokens[start:end].
func (g *group) spoils(tokens []token, start, end int) bool {
	pl := place{tokens: tokens, ending: start}
	for i := start; i > 0 && i > start-window && tokens[i].pause < full; i-- {
		for _, rule := range g.before {
			if _, ok := pl.match(rule.pattern, i-1); ok {
				return true
			}
		}
	}
	pl = place{tokens: tokens, ending: anywhere, runsOn: true}
	for _, rule := range g.after {
		if pl.edge(end) && rule.pattern[0].kind != edge {
			continue
		}
		if _, ok := pl.match(rule.pattern, end); ok {
			return true
		}
	}
	return false
}

// reversal returns where the last words begin that take back what was said
// before them, or 0 if there are none.
func (l *language) reversal(tokens []token) int {
	pl := place{tokens: tokens, ending: anywhere}
	for i := len(tokens) - 1; i > 0; i-- {
		for _, rule := range l.later {
			if _, ok := pl.match(rule.pattern, i); ok {
				return i
			}
		}
	}
	return 0
}
