package dnc

import (
	"bytes"
	"time"

	"nocall/internal/e164"
)

// Order is the order of a page of entries.
type Order string

// The orders. Numbers are compared by value: a shorter number comes first.
const (
	NewestFirst Order = "-created_at"
	OldestFirst Order = "created_at"
	NumberUp    Order = "number"
	NumberDown  Order = "-number"
)

// Query asks for one page of a list.
type Query struct {
	Part      string    // digits anywhere in the number, as in E.164 without plus; "" for all
	CreatedBy CreatedBy // "" for both
	Order     Order     // "" for NewestFirst
	After     Position  // the last entry of the page before; zero for the first page
	Limit     int       // entries on a page, at least 1
}

// Matches reports whether q asks for e. It heeds Part and CreatedBy; order and
// page are not of one entry.
func (q Query) Matches(e Entry) bool {
	if q.CreatedBy != "" && q.CreatedBy != e.CreatedBy {
		return false
	}
	var digits [24]byte
	return q.Part == "" || bytes.Contains(e.Number.AppendTo(digits[:0]), []byte(q.Part))
}

// Position is a place between two entries in any order.
type Position struct {
	CreatedAt time.Time
	Number    e164.Number
}

// IsZero reports whether p is the place before the first entry.
func (p Position) IsZero() bool { return p == Position{} }

// Found is what an index found for a query.
type Found struct {
	Numbers []e164.Number
	Total   int      // all that match, on every page
	Next    Position // where the next page goes on; zero after the last one
}

// Page is one page of entries.
type Page struct {
	Entries []Entry
	Total   int      // all that match, on every page
	Next    Position // where the next page goes on; zero after the last one
}

// Digits returns the digits of what was typed into a search, in any
// punctuation: "+1 (415) 555" asks for 1415555. Other decimal digits of
// Unicode count as what they are. It returns false for text that no number
// can match, because it has letters or signs that no number is written with.
func Digits(typed string) (string, bool) {
	digits := make([]byte, 0, 15)
	for _, r := range typed {
		switch {
		case r >= '0' && r <= '9':
			digits = append(digits, byte(r))
		case r >= '０' && r <= '９': // full-width
			digits = append(digits, byte(r-'０'+'0'))
		case punctuation(r):
		default:
			return "", false
		}
	}
	return string(digits), true
}

func punctuation(r rune) bool {
	switch r {
	case ' ', '\t', '+', '-', '.', '(', ')', '/', '[', ']', '\u00a0', '\u2007', '\u202f',
		'\u2010', '\u2011', '\u2012', '\u2013', '\u2014', '\u200b', '\u200e', '\u200f',
		'\u202a', '\u202b', '\u202c', '\u2066', '\u2067', '\u2068', '\u2069', '\ufeff':
		return true
	}
	return false
}
