package e164

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxText bounds what is looked at, in bytes.
	maxText = 200
	// wholeNumber is how many digits it takes to be a number by oneself.
	wholeNumber = 7
)

// written is what stands in a text: digits, and how they were set.
type written struct {
	digits string
	plus   bool
	group  int // digits before the first separator
	split  int // digits before the first / or new line behind a whole number
}

// read finds the digits in text and refuses what is no number by its looks.
func read(text string) (written, error) {
	if len(text) > maxText {
		return written{}, errTooMuchText
	}
	s, err := unwrap(text)
	if err != nil {
		return written{}, err
	}
	if isExponent(s) {
		return written{}, ErrDigitsLost
	}
	return scan(withoutFraction(s))
}

// scan reads s up to its end; anything but digits, a plus sign before them
// and separators is refused.
func scan(s string) (written, error) {
	var w written
	digits := make([]byte, 0, 32)
	for i, r := range s {
		d, isDigit := digit(r)
		switch {
		case isDigit:
			digits = append(digits, '0'+d)
		case isPlus(r) && len(digits) == 0 && !w.plus:
			w.plus = true
		case isSeparator(r):
			w.separate(r, len(digits))
		case unicode.Is(unicode.Cf, r):
		default:
			return written{}, why(s[i:], len(digits))
		}
	}
	if len(digits) == 0 {
		return written{}, ErrEmpty
	}
	w.digits = string(digits)
	w.separate(' ', len(digits))
	return w, nil
}

// separate notes a separator behind so many digits.
func (w *written) separate(r rune, digits int) {
	if w.group == 0 {
		w.group = digits
	}
	if w.split == 0 && digits >= wholeNumber && strings.ContainsRune("/／\n\r", r) {
		w.split = digits
	}
}

// endings reports whether a whole number is followed by another ending for
// it: 415 555 0123/4.
func (w *written) endings() bool {
	rest := len(w.digits) - w.split
	return w.split > 0 && rest > 0 && rest < 4
}

// two reports whether the digits are those of two whole numbers.
func (w *written) two() bool {
	return w.split > 0 && len(w.digits)-w.split >= wholeNumber || w.endings()
}

// why says what is wrong with rest, which no number goes on with, behind so
// many digits.
func why(rest string, digits int) error {
	var after int
	onlyO := true
	for _, r := range rest {
		if _, isDigit := digit(r); isDigit {
			after++
		}
		if unicode.IsLetter(r) && !strings.ContainsRune("oOοΟоО", r) {
			onlyO = false
		}
	}
	first, _ := utf8.DecodeRuneInString(rest)
	switch {
	case digits >= wholeNumber && after >= wholeNumber:
		return ErrTwoNumbers
	case digits >= wholeNumber-1 && after > 0 && isExtension(rest):
		return ErrExtension
	case unicode.IsLetter(first) && onlyO:
		return errLetterO
	case unicode.IsLetter(first):
		return ErrLetters
	}
	return ErrSyntax
}

// isExtension reports whether rest is what an extension begins with, or the
// pause before its keys are pressed.
func isExtension(rest string) bool {
	first, _ := utf8.DecodeRuneInString(rest)
	if strings.ContainsRune("xX×#,;pPwW", first) {
		return true
	}
	return len(rest) >= 3 && strings.EqualFold(rest[:3], "ext")
}

// digit returns the value of a decimal digit of any script.
func digit(r rune) (byte, bool) {
	if '0' <= r && r <= '9' {
		return byte(r - '0'), true
	}
	if r < utf8.RuneSelf || !unicode.Is(unicode.Nd, r) {
		return 0, false
	}
	// The digits of a script follow each other, and those of the next one
	// may follow them.
	zero := r
	for unicode.Is(unicode.Nd, zero-1) {
		zero--
	}
	return byte((r - zero) % 10), true
}

func isPlus(r rune) bool {
	switch r {
	case '+', '＋', '﹢', '⁺':
		return true
	}
	return false
}

// isSeparator reports whether r may stand between the digits of a number.
func isSeparator(r rune) bool {
	switch r {
	case ' ', '-', '.', '/', '(', ')', '[', ']', '−', '·', '．', '／', '（', '）', '［', '］':
		return true
	}
	return unicode.IsSpace(r) || unicode.Is(unicode.Pd, r)
}
