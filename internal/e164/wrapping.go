package e164

import (
	"strings"
	"unicode"
)

// unwrap takes away what a number comes wrapped in: quotes, the apostrophe and
// ="…" of spreadsheets, the scheme of an address and what follows the number
// in it.
func unwrap(text string) (string, error) {
	s := strings.TrimFunc(text, isWrapping)
	scheme, rest, found := strings.Cut(s, ":")
	if !found {
		return s, nil
	}
	switch strings.ToLower(scheme) {
	case "tel":
	case "sip", "sips":
		// User, perhaps with a password, at a host.
		rest, _, _ = strings.Cut(rest, "@")
		rest, _, _ = strings.Cut(rest, ":")
	default:
		return s, nil
	}
	number, parameters, _ := strings.Cut(rest, ";")
	return number, checkParameters(number, parameters)
}

// checkParameters refuses the parameters of an address without which number is
// another one.
func checkParameters(number, parameters string) error {
	for p := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(p, "=")
		switch strings.ToLower(name) {
		case "ext", "isub":
			return ErrExtension
		case "phone-context":
			if strings.HasPrefix(value, "+") && !strings.HasPrefix(number, "+") {
				return ErrRegion
			}
		}
	}
	return nil
}

func isWrapping(r rune) bool {
	switch r {
	case '\'', '"', '`', '=', '<', '>', ',', ';', '’', '‘', '“', '”', '„', '«', '»':
		return true
	}
	return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r)
}

// isExponent reports whether a spreadsheet made s: 1.41555E+10.
func isExponent(s string) bool {
	mantissa, exponent, found := strings.Cut(strings.ToUpper(s), "E")
	if !found || mantissa == "" || exponent == "" {
		return false
	}
	return strings.Trim(mantissa, "+0123456789.,") == "" &&
		strings.Trim(exponent, "+-0123456789") == ""
}

// withoutFraction drops the .0 of a number that a spreadsheet or a program
// took for one with a fraction. Where fewer digits stand before it, or more
// zeros behind, the dot may be a separator.
func withoutFraction(s string) string {
	whole, fraction, found := strings.Cut(s, ".")
	if !found || fraction != "0" && fraction != "00" {
		return s
	}
	if digits := strings.TrimPrefix(whole, "+"); len(digits) < wholeNumber ||
		strings.Trim(digits, "0123456789") != "" {
		return s
	}
	return whole
}
