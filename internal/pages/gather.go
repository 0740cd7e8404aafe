package pages

import "sync"

// A large set of numbers is gone through in shares, by a goroutine each: a
// search is waited for by a person, and half of the time is half of the time.
const (
	shares     = 2
	fewNumbers = 100_000 // are gone through as one
)

// share is what one goroutine has found.
type share struct {
	total   int
	numbers []uint64
}

// Gather counts the numbers that hold p, and returns them, in no order and as
// [e164.Number.Uint64] gives them, if they are not more than most. A change that
// comes meanwhile may be counted, or not.
func (s *Set) Gather(p *Part, most int) (total int, numbers []uint64) {
	v := s.view.Load()
	if v == nil {
		return 0, nil
	}
	if s.size.Load() <= fewNumbers {
		found := s.gatherShare(v, *p, most, 0, 1)
		return found.total, found.numbers
	}
	var found [shares]share
	var running sync.WaitGroup
	for i := range found {
		running.Go(func() { found[i] = s.gatherShare(v, *p, most, i, shares) })
	}
	running.Wait()
	for _, f := range found {
		total += f.total
		numbers = append(numbers, f.numbers...)
	}
	if total > most {
		return total, nil
	}
	return total, numbers
}

// gatherShare is gather for the i-th of n shares of v.
func (s *Set) gatherShare(v *view, p Part, most, i, n int) share {
	var found share
	for prefix, r := range v.refs(i, n) {
		set, all := p.after(pack(prefix))
		if set == nil && !all {
			continue
		}
		page := s.resolve(v, prefix, r)
		count := page.count
		if !all {
			count = page.countIn(set)
		}
		if found.total += count; count > 0 && found.total <= most {
			found.numbers = page.appendNumbers(found.numbers, prefix, set)
		}
	}
	if found.total > most {
		found.numbers = nil
	}
	return found
}

// resolve returns the page of prefix, of which v has just said that it is r.
func (s *Set) resolve(v *view, prefix uint64, r ref) page {
	if s.view.Load() != v {
		return s.page(prefix)
	}
	return v.page(r)
}
