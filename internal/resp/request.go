package resp

import "errors"

// Limits of a request.
const (
	maxNumbers = 100_000        // in one request
	maxWords   = maxNumbers + 2 // a request is the words of a command
	maxWord    = 1024           // bytes

	maxWordsBefore = 16 // of a client that has not said who it is
)

// Errors of those who do not speak as Redis does. The connection is closed.
var (
	errSyntax = errors.New("want an array of bulk strings")
	errLength = errors.New("a length that is none, or is too large")
)

// parser takes requests apart into their words, as the bytes come in. Its zero
// value stands before a request.
type parser struct {
	words int // of the request
	left  int // of those, not read yet; 0 between requests
}

// next reads a word of a request at the beginning of b. It returns how many
// bytes it has done with, also where the word is not there whole: then word is
// nil. No request may have more than most words.
func (p *parser) next(b []byte, most int) (word []byte, done int, err error) {
	for p.left == 0 {
		n, size, err := length(b[done:], '*', most)
		if size == 0 || err != nil {
			return nil, done, err
		}
		p.words, p.left = n, n // an empty request is passed over
		done += size
	}
	n, size, err := length(b[done:], '$', maxWord)
	if err != nil {
		return nil, done, err
	}
	begin := done + size
	end := begin + n
	if size == 0 || len(b) < end+2 {
		return nil, done, nil
	}
	if b[end] != '\r' || b[end+1] != '\n' {
		return nil, done, errSyntax
	}
	p.left--
	return b[begin:end:end], end + 2, nil
}

// length reads a length of at most most, which stands between sign and CRLF. It
// takes no bytes of b while they are not all there.
func length(b []byte, sign byte, most int) (n, size int, err error) {
	for i, c := range b {
		digit := c - '0'
		switch {
		case i == 0 && c != sign:
			return 0, 0, errSyntax
		case i == 0:
		case digit <= 9:
			if n = n*10 + int(digit); n > most {
				return 0, 0, errLength
			}
		case c == '\r' && i > 1:
			if i+1 == len(b) {
				return 0, 0, nil
			}
			if b[i+1] != '\n' {
				return 0, 0, errSyntax
			}
			return n, i + 2, nil
		default:
			return 0, 0, errLength
		}
		if i > maxLength {
			return 0, 0, errLength // zeros without end
		}
	}
	return 0, 0, nil
}

// maxLength is how many digits a length may have.
const maxLength = 8
