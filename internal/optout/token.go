package optout

import (
	"strings"
	"unicode"
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

// maxWord is the longest word, in folded bytes, that a vocabulary may hold.
const maxWord = 31

// A reader reads the tokens of one turn, or of several as if they were one. It
// is kept for the next turn, so that reading needs no memory of its own.
type reader struct {
	lang   *language
	texts  [maxPieces]string
	piece  uint8  // the text that is being read
	text   string // and what it says
	tokens []token
	lone   []token // what says something only where nothing else is said
	pause  pause   // gathered since the last token kept
	cut    bool    // the last token was broken off, as in "d- don't"
	anchor bool    // a word was read without which nothing can be found
	letter [maxWord + utf8.UTFMax]byte
}

// read fills tokens with the words of text, each as it was spelled; see join.
func (r *reader) read(lang *language, text string) {
	r.begin(lang)
	r.add(text)
	r.end()
}

// begin makes ready to read.
func (r *reader) begin(lang *language) {
	r.lang, r.piece, r.text, r.tokens, r.lone = lang, 0, "", r.tokens[:0], r.lone[:0]
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
func (r *reader) add(text string) {
	r.text, r.texts[r.piece] = text, text
	for i := 0; i < len(text); {
		if b := text[i]; b < utf8.RuneSelf && !wordByte[b] {
			r.note(i)
			i++
			continue
		}
		if end := r.word(i); end > i {
			i = end
			continue
		}
		_, size := utf8.DecodeRuneInString(text[i:])
		r.note(i)
		i += size
	}
}

// promises reports whether what was read may carry an opt-out at all: it has
// an anchor, or is short enough for an answer and begins like one.
func (r *reader) promises() bool {
	n := len(r.tokens)
	return r.anchor || 0 < n && n <= 2*maxAnswer &&
		(r.lang.repeats || r.lang.answers.has(r.tokens[0].word))
}

// word reads the word at i and returns where it ends, or i if none is there.
func (r *reader) word(i int) int {
	n, end, masked, digits := 0, i, false, false
	first, last := i, i // of the runes that spell it
	for end < len(r.text) {
		b, size := rune(r.text[end]), 1
		if b >= utf8.RuneSelf {
			b, size = utf8.DecodeRuneInString(r.text[end:])
		}
		kind := kindOf(b)
		if kind == outside || kind == mask && end == i {
			break
		}
		if kind == apostrophe && n > 0 && n <= maxWord && r.elides(n) {
			end += size
			break
		}
		masked = masked || kind == mask
		spells := kind == letter || kind == digit
		if spells && n == 0 {
			first, digits = end, kind == digit
		}
		if spells && n <= maxWord {
			n += fold(r.letter[n:], b)
		}
		end += size
		if spells {
			last = end
		}
	}
	if n > 0 {
		r.spell(r.known(n, masked, digits), n, first, last)
	}
	return end
}

// known returns the word of the first n folded bytes.
func (r *reader) known(n int, masked, digits bool) word {
	if n > maxWord {
		return unknown
	}
	w, ok := r.lang.word(r.letter[:n])
	switch {
	case ok:
		return w
	case masked:
		return dropped // an expletive with stars in it
	case digits:
		return number
	}
	return unknown
}

// keep appends a word, unless it is of the kind that says nothing or repeats
// the one before it.
func (r *reader) keep(w word, start, end int) {
	if w == dropped {
		return
	}
	t := token{word: w, pause: r.pause, piece: r.piece, start: int32(start), end: int32(end)}
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
	n := a.end - a.start
	return a.piece == b.piece && b.end-b.start > n &&
		strings.EqualFold(r.text[a.start:a.end], r.text[b.start:b.start+n])
}

// note takes in what stands at i between two words.
func (r *reader) note(i int) {
	p := noPause
	switch r.text[i] {
	case '\n', ';', '!':
		p = full
	case '?':
		p = question
	case ',', ':', '(', ')', '"', 0xE2: // 0xE2 begins the dashes, quotes and ellipsis
		p = comma
	case '-':
		p = comma
		last := len(r.tokens) - 1
		r.cut = last >= 0 && r.tokens[last].piece == r.piece && int(r.tokens[last].end) == i
		if i+1 < len(r.text) && wordByte[r.text[i+1]] {
			p, r.cut = noPause, false // a hyphen
		}
	case '.':
		p = r.dot(i)
	}
	r.pause = max(r.pause, p)
}

// dot tells the end of a sentence from the dots of hesitation ("don't... call")
// and of letters ("D.N.C.", "Mr. Hill").
func (r *reader) dot(i int) pause {
	text := r.text
	switch {
	case i > 0 && text[i-1] == '.' || i+1 < len(text) && text[i+1] == '.':
		return comma
	case i+1 < len(text) && wordByte[text[i+1]]:
		return noPause
	case i > 1 && text[i-2] == '.':
		return noPause
	case len(r.tokens) > 0 && r.lang.short.has(r.tokens[len(r.tokens)-1].word):
		return noPause
	}
	return full
}

// What a rune is to a word.
type runeKind uint8

const (
	outside    runeKind = iota
	letter              // spells it
	digit               // spells it, and makes it a number if it comes first
	apostrophe          // belongs to it but does not spell it; so do accents of their own
	mask                // stands for a letter of an expletive
)

func kindOf(r rune) runeKind {
	switch {
	case 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z':
		return letter
	case '0' <= r && r <= '9':
		return digit
	case r == '\'' || r == '`' || r == '´' || r == '‘' || r == '’' || r == 'ʼ' || r == '＇':
		return apostrophe
	case r == '*':
		return mask
	case r < utf8.RuneSelf || r == utf8.RuneError:
		return outside
	case unicode.Is(unicode.Mn, r):
		return apostrophe
	case unicode.IsLetter(r):
		return letter
	case unicode.IsDigit(r):
		return digit
	}
	return outside
}

// wordByte says which ASCII bytes can be part of a word.
var wordByte = func() (in [256]bool) {
	for b := range in {
		in[b] = b >= utf8.RuneSelf || kindOf(rune(b)) != outside
	}
	return in
}()
