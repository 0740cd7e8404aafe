package optout

import (
	"unicode"
	"unicode/utf8"
)

// A scan is a text cut into words, each of them looked up in all languages at
// once. It is kept for the next text, so that it needs no memory of its own.
type scan struct {
	lexicon *lexicon
	text    string
	words   []spelled
	letters []byte // of the words, folded
	after   space  // the last word
	space   space  // gathered since the last word
}

// A spelled is a word as it was spelled, which no language has read yet.
type spelled struct {
	before     space
	start, end int32 // byte offsets of the runes that spell it
	from, to   int32 // its letters
	lexeme     int32 // none if it is no word of any language
	parts      int32 // so many words after it are what its apostrophes part it into
	masked     bool  // it has stars in it
	number     bool  // it begins with a digit
}

// A space is what stands between two words.
type space struct {
	pause pause
	dot   bool  // a dot that ends a sentence, if the word before it is not short
	dash  int32 // where the last dash is that breaks off a word; 0 is nowhere
}

// maxWord is the longest word, in folded bytes, that a vocabulary may hold.
const maxWord = 31

// read cuts a text.
func (s *scan) read(x *lexicon, text string) {
	s.lexicon, s.text, s.space = x, text, space{}
	s.words, s.letters = s.words[:0], s.letters[:0]
	for i := 0; i < len(text); {
		if b := text[i]; b < utf8.RuneSelf && !wordByte[b] {
			s.note(i)
			i++
			continue
		}
		if end := s.word(i, len(text)); end > i {
			i = end
			continue
		}
		_, size := utf8.DecodeRuneInString(text[i:])
		s.note(i)
		i += size
	}
	s.after = s.space
}

// word reads the word at i, which ends before the limit, and returns where it
// ends, or i if none is there.
func (s *scan) word(i, limit int) (end int) {
	w := spelled{from: int32(len(s.letters)), lexeme: none}
	hash := uint32(fnvOffset)
	part, parted := 0, false // where the second part begins, and that there is one
	for end = i; end < limit; {
		r, size := rune(s.text[end]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(s.text[end:])
		}
		kind := kindOf(r)
		if kind == outside || kind == mask && end == i {
			break
		}
		n := len(s.letters) - int(w.from)
		switch kind {
		case mask:
			w.masked = true
		case apostrophe:
			if n > 0 && part == 0 {
				part = end + size
			}
		case letter, digit:
			if n == 0 {
				w.start, w.number = int32(end), kind == digit
			}
			w.end = int32(end + size)
			parted = parted || part > 0
			if n <= maxWord {
				hash = s.fold(hash, r)
			}
		}
		end += size
	}
	w.to = int32(len(s.letters))
	if w.from < w.to {
		s.keep(w, hash)
		if parted && w.to-w.from <= maxWord {
			s.part(len(s.words)-1, part, end)
		}
	}
	return end
}

// fold adds a rune to the letters, and to their hash.
func (s *scan) fold(hash uint32, r rune) uint32 {
	if 'a' <= r && r <= 'z' {
		s.letters = append(s.letters, byte(r))
		return mix(hash, uint32(r))
	}
	var p [utf8.UTFMax]byte
	for _, b := range p[:fold(p[:], r)] {
		s.letters = append(s.letters, b)
		hash = mix(hash, uint32(b))
	}
	return hash
}

// keep appends a word.
func (s *scan) keep(w spelled, hash uint32) {
	w.before, s.space = s.space, space{}
	if w.to-w.from <= maxWord {
		w.lexeme = s.lexicon.find(s.letters[w.from:w.to], hash)
	}
	s.words = append(s.words, w)
}

// part keeps the parts of the word at k: what stands before its first apostrophe,
// and what stands between there and its end.
func (s *scan) part(k, from, end int) {
	s.word(int(s.words[k].start), from)
	for at := from; at < end; {
		if to := s.word(at, end); to > at {
			at = to
			continue
		}
		_, size := utf8.DecodeRuneInString(s.text[at:])
		at += size
	}
	s.words[k].parts = int32(len(s.words) - k - 1)
}

// note takes in what stands at i between two words.
func (s *scan) note(i int) {
	p := noPause
	switch s.text[i] {
	case '\n', ';', '!':
		p = full
	case '?':
		p = question
	case ',', ':', '(', ')', '"', 0xE2: // 0xE2 begins the dashes, quotes and ellipsis
		p = comma
	case '-':
		p, s.space.dash = comma, int32(i)
		if i+1 < len(s.text) && wordByte[s.text[i+1]] {
			p, s.space.dash = noPause, 0 // a hyphen
		}
	case '.':
		p = s.dot(i)
	}
	s.space.pause = max(s.space.pause, p)
}

// dot tells the end of a sentence from the dots of hesitation ("don't... call")
// and of letters ("D.N.C.").
func (s *scan) dot(i int) pause {
	text := s.text
	switch {
	case i > 0 && text[i-1] == '.' || i+1 < len(text) && text[i+1] == '.':
		return comma
	case i+1 < len(text) && wordByte[text[i+1]]:
		return noPause
	case i > 1 && text[i-2] == '.':
		return noPause
	}
	s.space.dot = true
	return noPause
}

// What a rune is to a word.
type runeKind uint8

const (
	outside    runeKind = iota
	letter              // spells it
	digit               // spells it, and makes it a number if it comes first
	apostrophe          // belongs to it but does not spell it
	accent              // so does an accent of its own
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
		return accent
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
