package index

import (
	"slices"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/pages"
)

// fewMatches is how many matches are gathered before they are put in order.
// Where there are more, going through the list in order meets them soon.
const fewMatches = 1 << 16

// search is one search of a list.
type search struct {
	dnc.Query
	list *list
	part *pages.Part

	few     bool
	matches []uint64 // all of them, in no order, if few

	found dnc.Found
	last  dnc.Position // of the number found last
}

// search finds one page of numbers. A change that comes meanwhile may be in
// the page and in the total, or not.
func (l *list) search(q dnc.Query) dnc.Found {
	p, ok := pages.NewPart(q.Part)
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
			s.matches = slices.DeleteFunc(s.matches, s.bySystem)
			total = len(s.matches)
		} else {
			bySystem, _ := s.list.system.Gather(s.part, 0)
			total = max(total-bySystem, 0)
		}
	}
	s.found.Total = total
}

func (s *search) gather(numbers *pages.Set) (total int) {
	if s.Part == "" && s.CreatedBy != dnc.System {
		return numbers.Len() // in order most of them are met at once
	}
	total, s.matches = numbers.Gather(s.part, fewMatches)
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
		if s.wants(d) && !s.take(d.Number(), time.UnixMicro(rows.at(i)).UTC()) {
			return
		}
		i += step
	}
}

// wants reports whether an entry of these digits is asked for.
func (s *search) wants(d pages.Digits) bool {
	switch {
	case d&removed != 0,
		s.CreatedBy == dnc.User && d&bySystem != 0,
		s.CreatedBy == dnc.System && d&bySystem == 0:
		return false
	}
	return s.part.In(d)
}

// byNumber finds a page in the order of the numbers.
func (s *search) byNumber() {
	inOrder := s.walk
	if s.few {
		inOrder = s.sorted
	}
	for n := range inOrder {
		if !s.take(n, time.Time{}) {
			return
		}
	}
}

// sorted gives the few matches in order.
func (s *search) sorted(yield func(e164.Number) bool) {
	slices.Sort(s.matches)
	if s.Order == dnc.NumberDown {
		slices.Reverse(s.matches)
	}
	for _, n := range s.matches {
		if s.beyond(n) && !yield(e164.FromUint64(n)) {
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

// walk goes through the list for matches in order.
func (s *search) walk(yield func(e164.Number) bool) {
	numbers := &s.list.all
	if s.CreatedBy == dnc.System {
		numbers = &s.list.system
	}
	for n := range numbers.Search(s.part, s.After.Number, s.Order == dnc.NumberDown) {
		theirs := s.CreatedBy == dnc.User && s.list.system.Has(n)
		if !theirs && !yield(n) {
			return
		}
	}
}

// bySystem reports whether the system has added n.
func (s *search) bySystem(n uint64) bool { return s.list.system.Has(e164.FromUint64(n)) }
