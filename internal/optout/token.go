package optout

import (
	"strings"
	"unicode/utf8"
)

// A pause is what stands before a word: what a speaker's silence, or the
// punctuation of a transcript, says about where a thought ends.
type pause uint8

const (
	noPause  pause = iota
	comma          // a breath: , : - … and brackets
	full           // the end of a sentence: . ! ; or a line
	question       // the end of a question
)

// A token is a word of a turn, known by its number in the language's
// vocabulary.
type token struct {
	word       word
	pause      pause // what stands before it
	piece      uint8 // the text that it is of
	start, end int32 // byte offsets in that text
}

// A reader reads the tokens of one turn, or of several as if they were one, in
// one language. It is kept for the next turn, so that reading needs no memory of
// its own.
type reader struct {
	lang   *language
	texts  [maxPieces]string
	piece  uint8 // the text that is being read
	tokens []token
	lone   []token // what says something only where nothing else is said
	pause  pause   // gathered since the last token kept
	cut    bool    // the last token was broken off, as in "d- don't"
	anchor bool    // a word was read without which nothing can be found
	letter [maxWord + utf8.UTFMax]byte
}

// read fills tokens with the words of a text, each as it was spelled; see join.
func (r *reader) read(lang *language, text string) {
	var s scan
	s.read(lang.lexicon, text)
	r.take(lang, &s)
}

// take is read for a text that was cut into words already.
func (r *reader) take(lang *language, s *scan) {
	r.begin(lang)
	r.add(s)
	r.end()
}

// begin makes ready to read.
func (r *reader) begin(lang *language) {
	r.lang, r.piece, r.tokens, r.lone = lang, 0, r.tokens[:0], r.lone[:0]
	r.pause, r.cut, r.anchor = noPause, false, false
}

// end takes what was read as all that was said.
func (r *reader) end() {
	if len(r.tokens) == 0 {
		r.tokens = append(r.tokens, r.lone...)
	}
}

// next makes ready to read one more text.
func (r *reader) next() { r.piece++ }

// add reads a text.
func (r *reader) add(s *scan) {
	r.texts[r.piece] = s.text
	for i := 0; i < len(s.words); i++ {
		w := &s.words[i]
		r.note(&w.before)
		if w.parts > 0 && r.elides(s.of(&s.words[i+1])) {
			continue // they are words of their own
		}
		r.spell(s, w)
		i += int(w.parts)
	}
	r.note(&s.after)
}

// of returns the letters of a word.
func (s *scan) of(w *spelled) []byte { return s.letters[w.from:w.to] }

// note takes in what stands between two words.
func (r *reader) note(g *space) {
	last := len(r.tokens) - 1
	if g.dash > 0 {
		r.cut = last >= 0 && r.tokens[last].piece == r.piece && r.tokens[last].end == g.dash
	}
	r.pause = max(r.pause, g.pause)
	if g.dot && (last < 0 || !r.lang.short.has(r.tokens[last].word)) {
		r.pause = max(r.pause, full)
	}
}

// promises reports whether what was read may carry an opt-out at all: it has
// an anchor, or is short enough for an answer and begins like one.
func (r *reader) promises() bool {
	n := len(r.tokens)
	return r.anchor || 0 < n && n <= 2*maxAnswer &&
		(r.lang.repeats || r.lang.answers.has(r.tokens[0].word))
}

// known returns what a word is in the language.
func (r *reader) known(s *scan, w *spelled) word {
	if w.lexeme != none {
		if known := s.lexicon.lexemes[w.lexeme].words[r.lang.order]; known != unknown {
			return known
		}
	}
	switch {
	case w.to-w.from > maxWord:
		return unknown
	case w.masked:
		return dropped // an expletive with stars in it
	case w.number:
		return number
	}
	return unknown
}

// keep appends a word, unless it is of the kind that says nothing or repeats
// the one before it.
func (r *reader) keep(w word, start, end int32) {
	if w == dropped {
		return
	}
	t := token{word: w, pause: r.pause, piece: r.piece, start: start, end: end}
	if r.lang.lone.has(w) {
		r.lone = append(r.lone[:min(len(r.lone), maxAnswer)], t)
		return
	}
	if last := len(r.tokens) - 1; last >= 0 && r.pause < full {
		before := r.tokens[last]
		switch {
		case r.cut && r.begins(before, t):
			t.pause = before.pause
			r.tokens = r.tokens[:last]
		case w == before.word && w > number:
			t.pause = max(t.pause, before.pause)
			r.tokens = r.tokens[:last]
		}
	}
	r.tokens = append(r.tokens, t)
	r.pause, r.cut = noPause, false
	r.anchor = r.anchor || r.lang.anchors.has(w)
}

// begins reports whether b begins with the letters of a.
func (r *reader) begins(a, b token) bool {
	n, text := a.end-a.start, r.texts[r.piece]
	return a.piece == b.piece && b.end-b.start > n &&
		strings.EqualFold(text[a.start:a.end], text[b.start:b.start+n])
}
