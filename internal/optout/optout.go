// Package optout finds, in what was said on a call, the contact's wish not to
// be called again.
//
// It knows words only: no clock, no network, no other package of the program.
// A turn is read into the words of a language, normalised (token.go,
// normal.go); phrases of words, written by hand in phrases/ (grammar.go,
// pattern.go), propose candidates; rules of scope refuse those that only sound
// like a request (scope.go); short answers are understood from what the agent
// asked (dialogue.go).
//
// What is clear is an [OptOut]. What can be meant either way, such as "leave me
// alone" or a bare "stop", is for [Review]; what is about a time, a place, a
// topic or a channel only is [Scoped]. A [Preset] says what becomes of those.
package optout

import (
	"embed"
	"sync"
)

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

// Finding is what was found in a conversation: in which turn, in which words,
// and how sure it is.
type Finding struct {
	Verdict    Verdict
	Turn       int    // index of the turn in the conversation, from 0
	Phrase     string // name of the phrase that decided, such as "stop_calling"
	Family     string // the ambiguous family it is of, such as "leave_alone"; "" if it is clear
	Doubt      Doubt  // why it wants a person's review; "" if it does not
	Quote      string // the words that decided, as they were said; runs of digits are masked
	Start, End int    // byte offsets of the words in the turn's text
	Language   string // language of the phrase, such as "en"
	Slots      []Slot // what the words say of; nil if nothing more than "stop calling"
	Before     *Span  // words of an earlier turn that belong to it, or that were taken back
}

//go:embed phrases/*.txt
var files embed.FS

// Detector finds opt-outs. Its zero value finds none; see [New]. It may be
// used by many goroutines at once.
type Detector struct {
	// Weights weigh what the phrases find, and what they do not. They are set
	// before use; nil is none.
	Weights *Weights

	languages []*language // English first
	hearings  sync.Pool   // of *hearing
}

// New returns a detector that knows the languages of the package.
func New() *Detector {
	d := &Detector{}
	for _, file := range []struct{ tag, name string }{
		{"en", "english"},
		{"es", "spanish"},
		{"fr", "french"},
		{"de", "german"},
		{"pt", "portuguese"},
		{"it", "italian"},
	} {
		text, err := files.ReadFile("phrases/" + file.name + ".txt")
		if err != nil {
			panic(err) // the files are part of the program
		}
		l, err := parse(file.tag, string(text))
		if err != nil {
			panic(err)
		}
		d.languages = append(d.languages, l)
	}
	share(d.languages...)
	model, err := ReadWeights(weightsFile)
	if err != nil {
		panic(err) // it is part of the program
	}
	d.Weights = model
	return d
}

// Find returns what a conversation says as it stands at its end: the opt-out
// that was found first, if none took it back later, or what is weaker. It is
// false where nothing was found. The agent's turns are context and are never an
// opt-out themselves.
func (d *Detector) Find(turns []Turn, o Options) (Finding, bool) {
	var s standing
	for i := range turns {
		if f, retracts, ok := d.last(turns[:i+1], o); ok {
			s.take(f)
		} else if retracts {
			s.retract(f)
		}
	}
	return s.finding, s.any
}

// FindLast is [Detector.Find] for the last turn alone, with those before it as
// context: what a call asks as each turn is spoken. A request that was complete
// in an earlier turn is not found again, unless it is said again; if the last
// turn limits it or takes it back, that is found, with the request before it.
func (d *Detector) FindLast(turns []Turn, o Options) (Finding, bool) {
	f, retracts, ok := d.last(turns, o)
	if !retracts {
		return f, ok
	}
	var s standing
	if asked, ok := d.Find(turns[:len(turns)-1], o); ok && asked.Doubt != Withdrawn {
		s.take(asked)
	}
	if !s.retract(f) {
		return Finding{}, false
	}
	return s.finding, true
}

// last returns what the last of turns completes. If it takes back what was said
// in earlier ones, retracts is true and the finding holds only its words.
func (d *Detector) last(turns []Turn, o Options) (f Finding, retracts, ok bool) {
	last := len(turns) - 1
	if last < 0 || turns[last].Speaker != Contact || len(d.languages) == 0 {
		return Finding{}, false, false
	}
	h, ok := d.hearings.Get().(*hearing)
	if !ok {
		h = &hearing{}
	}
	defer d.hearings.Put(h)
	e := h.hear(d.languages, turns, o.Language)
	switch {
	case e == nil:
		f, retracts = h.retraction()
		return f, retracts, false
	case e.found.rank == guessed:
		e.found.rank = d.weigh(e)
	}
	if e.found.rank == nothing || e.found.rank == doubted && o.Preset == Strict {
		return Finding{}, false, false
	}
	return e.finding(h.pieces), false, true
}
