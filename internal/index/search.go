package index

import (
	"slices"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/e164"
)

// fewMatches is how many matches are gathered before they are put in order.
// Where there are more, going through the list in order meets them soon.
const fewMatches = 1 << 16

// search is one search of a list.
type search struct {
	dnc.Query
	list *list
	part *part

	few     bool
	matches []uint64 // all of them, in no order, if few

	found dnc.Found
	last  dnc.Position // of the number found last
}

// search finds one page of numbers. A change that comes meanwhile may be in
// the page and in the total, or not.
func (l *list) search(q dnc.Query) dnc.Found {
	p, ok := newPart(q.Part)
	if !ok {
		return dnc.Found{}
	}
	s := &search{Query: q, list: l, part: p}
	s.count()
	if s.found.Total == 0 {
		return dnc.Found{}
	}
	if q.Order == dnc.NumberUp || q.Order == dnc.NumberDown {
		s.byNumber()
	} else {
		s.byTime()
	}
	return s.found
}

// count counts all that match, and gathers them if they are few.
func (s *search) count() {
	total := 0
	switch s.CreatedBy {
	case "":
		total = s.gather(&s.list.all)
	case dnc.System:
		total = s.gather(&s.list.system)
	case dnc.User:
		total = s.gather(&s.list.all)
		if s.few {
			s.matches = slices.DeleteFunc(s.matches, s.list.system.contains)
			total = len(s.matches)
		} else {
			bySystem, _ := s.list.system.gather(s.part, 0)
			total = max(total-bySystem, 0)
		}
	}
	s.found.Total = total
}

func (s *search) gather(numbers *pages) (total int) {
	if s.Part == "" && s.CreatedBy != dnc.System {
		return int(numbers.size.Load()) // in order most of them are met at once
	}
	total, s.matches = numbers.gather(s.part, fewMatches)
	s.few = total <= fewMatches
	return total
}

// take takes a number into what is found. It returns false when the page is
// full, and tells where the next one goes on.
func (s *search) take(n e164.Number, at time.Time) bool {
	if len(s.found.Numbers) == max(s.Limit, 1) {
		s.found.Next = s.last
		return false
	}
	s.found.Numbers = append(s.found.Numbers, n)
	s.last = dnc.Position{CreatedAt: at, Number: n}
	return true
}

// byTime finds a page in the order in which entries were created.
func (s *search) byTime() {
	rows, size := s.list.arrivals.view()
	i, step := rows.before(s.After, size)-1, -1
	if s.Order == dnc.OldestFirst {
		i, step = rows.after(s.After, size), 1
	}
	var few sieve
	if s.few {
		few = newSieve(s.matches)
	}
	for {
		i = rows.next(i, step, few)
		if i < 0 || i >= size {
			return
		}
		d := rows.digits(i)
		if s.wants(d) && !s.take(e164.FromUint64(d.number()), time.UnixMicro(rows.at(i)).UTC()) {
			return
		}
		i += step
	}
}

// wants reports whether an entry of these digits is asked for.
func (s *search) wants(d digits) bool {
	switch {
	case d&removed != 0,
		s.CreatedBy == dnc.User && d&bySystem != 0,
		s.CreatedBy == dnc.System && d&bySystem == 0:
		return false
	}
	return s.part.in(d)
}

// byNumber finds a page in the order of the numbers.
func (s *search) byNumber() {
	inOrder := s.walk
	if s.few {
		inOrder = s.sorted
	}
	for n := range inOrder {
		if !s.take(e164.FromUint64(n), time.Time{}) {
			return
		}
	}
}

// beyond reports whether n comes after the page before.
func (s *search) beyond(n uint64) bool {
	after := s.After.Number.Uint64()
	if s.Order == dnc.NumberDown {
		return n < after || after == 0
	}
	return n > after
}

// sorted gives the few matches in order.
func (s *search) sorted(yield func(uint64) bool) {
	slices.Sort(s.matches)
	if s.Order == dnc.NumberDown {
		slices.Reverse(s.matches)
	}
	for _, n := range s.matches {
		if s.beyond(n) && !yield(n) {
			return
		}
	}
}

// walk goes through the pages for matches in order.
func (s *search) walk(yield func(uint64) bool) {
	numbers := &s.list.all
	if s.CreatedBy == dnc.System {
		numbers = &s.list.system
	}
	down := s.Order == dnc.NumberDown
	prefixes := numbers.rising(s.After.Number.Uint64() / suffixes)
	if down && s.After.Number.IsZero() {
		prefixes = numbers.falling(maxNumber / suffixes)
	} else if down {
		prefixes = numbers.falling(s.After.Number.Uint64() / suffixes)
	}
	var buf []uint64
	for prefix := range prefixes {
		set, all := s.part.after(pack(prefix))
		if set == nil && !all {
			continue
		}
		buf = numbers.page(prefix).appendNumbers(buf[:0], prefix, set)
		slices.Sort(buf)
		if down {
			slices.Reverse(buf)
		}
		for _, n := range buf {
			theirs := s.CreatedBy == dnc.User && s.list.system.contains(n)
			if s.beyond(n) && !theirs && !yield(n) {
				return
			}
		}
	}
}
