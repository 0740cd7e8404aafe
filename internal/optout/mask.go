package optout

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// minMasked is how many digits in a row, written or spoken, may be a number
// that is nobody's business: a telephone number, a card, an account.
const minMasked = 4

// masked is what stands for a digit.
const masked = '#'

// mask returns text with its runs of digits masked, whatever stands between
// them, and so the words for digits.
func (l *language) mask(text string) string {
	var out strings.Builder
	done := 0
	for i := 0; i < len(text); {
		end, digits := l.digitRun(text, i)
		if digits >= minMasked {
			out.WriteString(text[done:i])
			maskRun(&out, text[i:end])
			done = end
		}
		if end == i {
			_, size := utf8.DecodeRuneInString(text[i:])
			end += size
		}
		i = end
	}
	if done == 0 {
		return text
	}
	out.WriteString(text[done:])
	return out.String()
}

// digitRun returns where the run of digits ends that begins with the word at i,
// and how many they are; end is i if no word begins there, and the end of the
// word if it is none.
func (l *language) digitRun(text string, i int) (end, digits int) {
	end = i
	for at := i; at < len(text); {
		stop := wordEnd(text, at)
		n := l.digitsIn(text[at:stop])
		if n == 0 {
			if digits == 0 {
				end = stop
			}
			return end, digits
		}
		digits, end = digits+n, stop
		for at = stop; at < len(text) && wordEnd(text, at) == at; {
			_, size := utf8.DecodeRuneInString(text[at:])
			at += size
		}
	}
	return end, digits
}

// wordEnd returns where the word ends that begins at i.
func wordEnd(text string, i int) int {
	for i < len(text) {
		r, size := utf8.DecodeRuneInString(text[i:])
		if kindOf(r) == outside {
			break
		}
		i += size
	}
	return i
}

// digitsIn returns how many digits a word has, or 1 if it is a word for one.
func (l *language) digitsIn(text string) (n int) {
	for _, r := range text {
		if unicode.IsDigit(r) {
			n++
		}
	}
	if n > 0 || text == "" {
		return n
	}
	if word, err := folded(text); err == nil && l.digits.has(l.words[word]) {
		return 1
	}
	return 0
}

// maskRun writes a run of digits: each of them, and each word for one, as one
// mark.
func maskRun(out *strings.Builder, run string) {
	word := false
	for _, r := range run {
		switch {
		case unicode.IsDigit(r):
			out.WriteRune(masked)
		case kindOf(r) == outside:
			out.WriteRune(r)
		case !word:
			out.WriteRune(masked)
		}
		word = kindOf(r) != outside && !unicode.IsDigit(r)
	}
}
