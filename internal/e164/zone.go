package e164

import "sort"

// Zones returns the IANA names of all time zones in which the number may
// stand, as far as its digits tell: a fixed line those of its area, another
// number those of its country. It returns nil if no zone is known, as for
// numbers that belong to no country.
//
// Who holds a number may be elsewhere, and names of zones get old: some are
// links to newer ones. The slice is shared and must not be changed.
func (n Number) Zones() []string {
	if n.IsZero() {
		return nil
	}
	first := n.digits // seven of them
	for first >= 1e7 {
		first /= 10
	}
	for first < 1e6 {
		first *= 10
	}
	i := sort.Search(len(zoneStarts), func(i int) bool { return uint64(zoneStarts[i]) > first })
	return zoneLists[zonePlaces[i-1]]
}
