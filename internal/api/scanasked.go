package api

// scanAsked finds the numbers in text where it is the JSON that most programs
// send: an object with the member numbers and no other, an array of strings in
// which nothing is escaped and all is ASCII. It appends to places where each string
// stands, and returns false for everything else, right or wrong, and for more than
// maxNumbers.
//
// What it takes, package encoding/json takes too, and finds the same in it.
func scanAsked(text []byte, places []place) (_ []place, ok bool) {
	s := scanner{text: text}
	if !s.take('{') || !s.name() || !s.take(':') || !s.take('[') {
		return places, false
	}
	for more := !s.take(']'); more; {
		found, ok := s.string()
		if !ok || len(places) == maxNumbers {
			return places, false
		}
		places = append(places, found)
		switch {
		case s.take(']'):
			more = false
		case !s.take(','):
			return places, false
		}
	}
	return places, s.take('}') && s.end()
}

// scanner reads JSON from at on.
type scanner struct {
	text []byte
	at   int
}

// skip passes over space.
func (s *scanner) skip() {
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case ' ', '\n', '\r', '\t':
			s.at++
		default:
			return
		}
	}
}

// take passes over sign, and space before it. It returns false if something else
// stands there.
func (s *scanner) take(sign byte) bool {
	if s.at < len(s.text) && s.text[s.at] == sign { // as it mostly is
		s.at++
		return true
	}
	s.skip()
	if s.at == len(s.text) || s.text[s.at] != sign {
		return false
	}
	s.at++
	return true
}

// end reports whether nothing but space is left.
func (s *scanner) end() bool {
	s.skip()
	return s.at == len(s.text)
}

// name passes over the name of the member.
func (s *scanner) name() bool {
	found, ok := s.string()
	return ok && string(s.text[found.begin:found.end]) == "numbers"
}

// string passes over a string and returns where its text stands.
func (s *scanner) string() (place, bool) {
	if !s.take('"') {
		return place{}, false
	}
	begin := s.at
	for i, c := range s.text[begin:] {
		switch {
		case c == '"':
			s.at = begin + i + 1
			return placeBetween(begin, begin+i), true
		case c < ' ' || c > '~' || c == '\\':
			return place{}, false
		}
	}
	return place{}, false
}
