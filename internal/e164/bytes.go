package e164

// ParseBytes is [ParseLoose] of text that is not a string yet. The usual forms
// of North American numbers, and international ones with their plus sign, are
// read without allocating, many times faster than others.
func ParseBytes(text []byte, region string) (Number, error) {
	if n, ok := parseUsual(text, region); ok {
		return n, nil
	}
	return ParseLoose(string(text), region)
}

// parseUsual reads text of digits after a plus sign, and 10 digits, or 11 that
// begin with 1, of a region of calling code 1, with blanks, dashes and brackets
// among them.
func parseUsual(text []byte, region string) (Number, bool) {
	if len(text) > 0 && text[0] == '+' {
		return accept(string(text[1:])) // does not allocate: accept keeps nothing
	}
	c := ofRegion(region)
	if c == nil || c.calling != 1 || len(text) > 2*usualDigits {
		return Number{}, false
	}
	var digits [usualDigits]byte
	digits[0] = '1'
	n, prefixed := 1, false
	for _, b := range text {
		switch {
		case b == '1' && n == 1 && !prefixed:
			prefixed = true
		case (b == '0' || b == '1') && n == 1: // begins no area code: a prefix
			return Number{}, false
		case '0' <= b && b <= '9' && n < usualDigits:
			digits[n] = b
			n++
		case b == ' ', b == '-', b == '(', b == ')':
		default:
			return Number{}, false
		}
	}
	if n != usualDigits {
		return Number{}, false
	}
	return accept(string(digits[:]))
}

// usualDigits is how many digits a North American number has, with its calling
// code.
const usualDigits = 11
