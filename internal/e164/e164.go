// Package e164 parses and prints telephone numbers in the international form
// of ITU-T Recommendation E.164: a plus sign and up to 15 digits.
//
// The package knows the shape of a number, not who holds it: whether a number
// is mobile, premium or in service is for others to say. Its tables are made
// from the metadata of libphonenumber; see gen.
package e164

import "strconv"

// Number is one telephone number.
//
// A Number is a comparable value of eight bytes: it can be a map key and is
// compared with ==. The zero Number is no number at all.
type Number struct {
	// digits holds the number without its plus sign. No calling code begins
	// with 0, so no leading digit is lost.
	digits uint64
}

// Parse reads a number in the form +14151234567. It accepts nothing looser;
// see [ParseLoose] for what people write. It does not allocate, but for errors.
//
// The calling code must be one that there is, and the length one that its
// numbers may have. Beyond that Parse does not ask whether there is such a
// number: numbering plans change. The same line has one Number only, so the 0
// of calls inside a country is not taken after its calling code.
func Parse(s string) (Number, error) {
	if s != "" && s[0] != '+' {
		return Number{}, ErrSyntax
	}
	return ParsePlain(s)
}

// ParsePlain is [Parse] for digits that may go without their plus sign, as in
// the path of a URL.
func ParsePlain(s string) (Number, error) {
	if s != "" && s[0] == '+' {
		s = s[1:]
	}
	n, ok := accept(s)
	if !ok {
		return Number{}, refuse(s)
	}
	return n, nil
}

// accept reads the digits of a number, without its plus sign.
func accept(s string) (Number, bool) {
	var n uint64
	for i := range len(s) {
		d := s[i] - '0'
		if d > 9 {
			return Number{}, false
		}
		n = n*10 + uint64(d)
	}
	c := find(s)
	if c == nil || !c.fits(s[c.width:]) {
		return Number{}, false
	}
	return Number{n}, true
}

// FromUint64 returns the number with the given digits, as [Number.Uint64]
// gave them. It trusts them.
func FromUint64(digits uint64) Number { return Number{digits} }

// Uint64 returns the digits of the number, without its plus sign, as a value.
func (n Number) Uint64() uint64 { return n.digits }

// LastTwo returns the last two digits.
func (n Number) LastTwo() int { return int(n.digits % 100) }

// CallingCode returns the calling code of n, such as 1 or 44; 0 for the zero
// Number. It does not allocate.
func (n Number) CallingCode() int {
	first := n.digits
	for first > 999 {
		first /= 10
	}
	place := places[first]
	if first < 100 || place == 0 {
		return 0
	}
	return int(codes[place].calling)
}

// IsZero reports whether n is no number.
func (n Number) IsZero() bool { return n.digits == 0 }

// String returns the number with its plus sign, or "" for the zero Number.
func (n Number) String() string {
	if n.IsZero() {
		return ""
	}
	return string(n.AppendTo(make([]byte, 0, 16)))
}

// AppendTo appends what [Number.String] returns to b.
func (n Number) AppendTo(b []byte) []byte {
	if n.IsZero() {
		return b
	}
	return strconv.AppendUint(append(b, '+'), n.digits, 10)
}

// MarshalText implements [encoding.TextMarshaler].
func (n Number) MarshalText() ([]byte, error) { return n.AppendTo(nil), nil }

// UnmarshalText implements [encoding.TextUnmarshaler]. Empty text is the zero
// Number.
func (n *Number) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*n = Number{}
		return nil
	}
	parsed, err := Parse(string(text))
	if err != nil {
		return err
	}
	*n = parsed
	return nil
}
