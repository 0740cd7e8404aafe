// Package optout finds, in what was said on a call, the contact's wish not to
// be called again.
//
// It knows words only: no clock, no network, no other package of the program.
package optout

// Speaker says which side of a call spoke.
type Speaker string

// The two sides of a call.
const (
	Contact Speaker = "contact" // the person whose number it is
	Agent   Speaker = "agent"   // who speaks on our side, person or machine
)

// Turn is what one side said before the other spoke.
type Turn struct {
	Speaker Speaker
	Text    string
}

// Finding is an opt-out found: in which turn, in which words.
type Finding struct {
	Turn       int    // index of the turn in the conversation, from 0
	Phrase     string // name of the phrase that decided, such as "stop_calling"
	Quote      string // the words that decided, as they were said
	Start, End int    // byte offsets of Quote in the turn's text
	Language   string // language of the phrase, such as "en"
}

// Detector finds opt-outs. Its zero value finds none; see [New]. It may be
// used by many goroutines at once.
type Detector struct {
	phrases []phrase
}

// New returns a detector that knows the phrases of the package.
func New() *Detector {
	return &Detector{phrases: parse(english)}
}

// Find returns the first opt-out that the contact expressed in a conversation.
// The agent's turns are context and are never an opt-out themselves. Language
// is an IETF tag such as "en-US", or "" if it is not known.
func (d *Detector) Find(turns []Turn, language string) (Finding, bool) {
	for i := range turns {
		if f, ok := d.FindLast(turns[:i+1], language); ok {
			return f, true
		}
	}
	return Finding{}, false
}

// FindLast is [Detector.Find] for the last turn alone, with those before it as
// context: what a call asks as each turn is spoken.
func (d *Detector) FindLast(turns []Turn, _ string) (Finding, bool) {
	last := len(turns) - 1
	if last < 0 || turns[last].Speaker != Contact {
		return Finding{}, false
	}
	text := turns[last].Text
	tokens := tokenize(text)
	for i := range tokens {
		for _, p := range d.phrases {
			end, ok := p.at(tokens[i:])
			if !ok || i > 0 && negates(tokens[i-1].word) {
				continue
			}
			f := Finding{Turn: last, Phrase: p.name, Start: tokens[i].start, Language: "en"}
			f.End = tokens[i+end-1].end
			f.Quote = text[f.Start:f.End]
			return f, true
		}
	}
	return Finding{}, false
}

func negates(word string) bool {
	return word == "not" || word == "never" || word == "dont" || word == "didnt"
}
