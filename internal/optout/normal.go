package optout

import (
	"unicode"
	"unicode/utf8"
)

// fold writes r as it is compared to p, and returns how many bytes that took:
// lower case, without accents, and ligatures as two letters. P must have room
// for any rune.
func fold(p []byte, r rune) int {
	if r < utf8.RuneSelf {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		p[0] = byte(r)
		return 1
	}
	r = unicode.ToLower(r)
	if i := int(r) - firstPlain; 0 <= i && i < len(plain) && plain[i] != ' ' {
		p[0] = plain[i]
		return 1
	}
	switch r {
	case 'ß':
		return copy(p, "ss")
	case 'œ':
		return copy(p, "oe")
	case 'æ':
		return copy(p, "ae")
	}
	return utf8.EncodeRune(p, r)
}

// plain gives the letters from à (U+00E0) to ž (U+017E) without their accents.
// A space marks what has no plain letter.
const (
	firstPlain = 0xE0
	plain      = "aaaaaa ceeeeiiii nooooo ouuuuy y" +
		"aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii  jjkk llllll  llnnnnnn" +
		"   oooooo  rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzz"
)

// A joint is several words that are read as one: "do not" as "dont", "any more"
// as "anymore", "you know" as nothing.
type joint struct {
	words []word
	as    word
}

// join writes the tokens in the words of the language: joints as the word they
// stand for, and without the stutter of two words, as in "take me take me off".
func (r *reader) join() {
	tokens, n := r.tokens, 0
	for i := 0; i < len(tokens); {
		as, taken := r.lang.joint(tokens[i:])
		t := tokens[i]
		t.word = as
		t.reach(tokens[i+taken-1])
		i += taken
		switch {
		case as == dropped, r.lang.lone.has(as) && n+len(tokens)-i > 0:
			if i < len(tokens) {
				tokens[i].pause = max(tokens[i].pause, t.pause)
			}
			continue
		case n > 0 && as > number && tokens[n-1].word == as && t.pause < full:
			t.pause = max(t.pause, tokens[n-1].pause)
			n--
		}
		tokens[n] = t
		n++
		if repeats(tokens[:n]) {
			tokens[n-2].pause = max(tokens[n-2].pause, tokens[n-4].pause)
			n -= copy(tokens[n-4:], tokens[n-2:n])
		}
	}
	r.tokens = tokens[:n]
}

// reach makes t span all up to the end of other, as far as that is in one
// text.
func (t *token) reach(other token) {
	if t.piece != other.piece {
		t.piece, t.start = other.piece, other.start
	}
	t.end = other.end
}

// joint returns the word that the first tokens are written as, and how many of
// them: the longest joint, or the first token itself.
func (l *language) joint(tokens []token) (as word, taken int) {
	as, taken = tokens[0].word, 1
	for _, j := range l.joined[as] {
		if len(j.words) > len(tokens) || len(j.words) < taken || !j.at(tokens) {
			continue
		}
		as, taken = j.as, len(j.words)
	}
	return as, taken
}

func (j joint) at(tokens []token) bool {
	for i, w := range j.words {
		if tokens[i].word != w || i > 0 && tokens[i].pause != noPause {
			return false
		}
	}
	return true
}

// repeats reports whether the last two tokens say again what the two before
// them said.
func repeats(tokens []token) bool {
	n := len(tokens)
	if n < 4 || tokens[n-2].pause >= full || tokens[n-1].pause >= full {
		return false
	}
	a, b, c, d := tokens[n-4], tokens[n-3], tokens[n-2], tokens[n-1]
	return a.word == c.word && b.word == d.word && a.word > number && b.word > number
}
