package e164

import (
	"fmt"
	"strconv"
	"strings"
)

// ErrSyntax reports text that is not a number. Every other error of this
// package is one too, so errors.Is(err, ErrSyntax) is true of all of them.
//
// Their texts are for users: each says what is wrong and what would be right,
// and none repeats what was written.
var ErrSyntax error = refusal("not a phone number: write + and digits, such as +14155550123")

// What is wrong with a text. An error that says more matches one of these too.
const (
	ErrEmpty       refusal = "no digits: write a phone number, such as +14155550123"
	ErrLetters     refusal = "letters in the number: write digits only"
	ErrExtension   refusal = "an extension: give the number without it"
	ErrDigitsLost  refusal = "digits were lost to a spreadsheet: give the number in full, as text"
	ErrTwoNumbers  refusal = "more than one number: give one at a time"
	ErrTooShort    refusal = "too short: give the number with its calling code and area code"
	ErrTooLong     refusal = "too long: a phone number has at most 15 digits"
	ErrNoAreaCode  refusal = "no area code: give the number with its area code"
	ErrCallingCode refusal = "no country has this calling code: check the digits after the +"
	ErrTrunk       refusal = "the prefix of national calls: leave it out after the calling code"
	ErrRegion      refusal = "which country is not clear: write + and the calling code first"
	ErrAmbiguous   refusal = "can be read as two numbers: write + and the calling code first"
)

// A refusal is why a text is not taken as a number.
type refusal string

// Error says what is wrong and what would be right.
func (r refusal) Error() string { return string(r) }

// Is makes every refusal match [ErrSyntax].
func (r refusal) Is(target error) bool { return target == ErrSyntax }

// A wording is a refusal in words of its own.
type wording struct {
	refusal
	text string
}

// Error says what is wrong and what would be right.
func (w wording) Error() string { return w.text }

// Unwrap makes a wording match the refusal that it puts into words.
func (w wording) Unwrap() error { return w.refusal }

var (
	errLetterO   = wording{ErrLetters, "a letter O in the number: write the digit 0"}
	errShortCode = wording{
		ErrTooShort,
		"too short: want a whole number, not a short code or an emergency number",
	}
	errTooMuchText = wording{ErrTooLong, "too long: write one phone number and nothing else"}
	errNoRegion    = wording{ErrRegion, "unknown region: want a country code, such as US"}
)

// maxDigits is the length of the longest number, calling code and all.
const maxDigits = 15

// refuse says why the digits in s, which stand after a plus sign, are no
// number.
func refuse(s string) error {
	c := find(s)
	switch {
	case s == "":
		return ErrEmpty
	case strings.Trim(s, "0123456789") != "":
		return ErrSyntax
	case len(s) > maxDigits:
		return ErrTooLong
	case len(s) < 3:
		return ErrTooShort
	case c == nil:
		return ErrCallingCode
	case c.lengths>>len(s)&1 == 0:
		return c.lengthError(len(s))
	}
	return ErrTrunk
}

// lengthError says how many digits follow the calling code, and how many are
// wanted.
func (c *code) lengthError(digits int) error {
	kind, what := ErrTooShort, "too short"
	switch {
	case 1<<digits > c.lengths:
		kind, what = ErrTooLong, "too long"
	case c.local>>digits&1 != 0:
		kind, what = ErrNoAreaCode, "no area code"
	}
	return wording{kind, fmt.Sprintf("%s: +%d is followed by %s digits, not %d",
		what, c.calling, lengthsText(c.lengths>>c.width), digits-int(c.width))}
}

// lengthsText lists the lengths in set: "7, 9 or 10", "4 to 13".
func lengthsText(set uint16) string {
	var lengths []string
	for n := range 16 {
		if set>>n&1 != 0 {
			lengths = append(lengths, strconv.Itoa(n))
		}
	}
	last := len(lengths) - 1
	switch {
	case last < 1:
		return strings.Join(lengths, "")
	case last > 2:
		return lengths[0] + " to " + lengths[last]
	}
	return strings.Join(lengths[:last], ", ") + " or " + lengths[last]
}
