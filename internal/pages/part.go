package pages

// Part is a part of a number that is searched for. It is used for one search, by
// one goroutine.
//
// Which numbers of a page hold it is a matter of the page's prefix. Where it
// is in the prefix, all do. Else those do that have it in their suffix, and
// those where it begins at the end of the prefix and ends in the suffix. There
// are at most four ways to do that, each of which a prefix fits or does not.
type Part struct {
	text   string
	each   [maxDigits]uint64  // its digits, each repeated in all places of a number
	ways   [4]way             // by how many digits are left to the suffix, less one
	inside *suffixSet         // suffixes that hold all of it; nil where they are too short
	sets   [1 << 4]*suffixSet // by the ways that fit, where needed
}

// way is one way to stand across the end of a prefix. Its zero value fits none.
type way struct {
	mask, head   Digits // what the prefix ends with
	first, after uint64 // the suffixes that begin with the rest
}

// NewPart returns the part that text is, digits only, or false if no number
// holds it.
func NewPart(text string) (*Part, bool) {
	if len(text) > maxDigits {
		return nil, false
	}
	p := &Part{text: text}
	for i := range len(text) {
		digit := text[i] - '0'
		if digit > 9 {
			return nil, false
		}
		p.each[i] = uint64(digit) * places
	}
	for i := range p.ways {
		if cut := len(text) - i - 1; cut > 0 {
			p.ways[i] = newWay(text[:cut], text[cut:])
		}
	}
	if len(text) <= 4 {
		p.inside = new(suffixSet)
		for suffix := range uint64(suffixes) {
			if p.In(pack(suffixes+suffix) | 0xf_0000) { // with the zeros in front
				p.inside.add(suffix)
			}
		}
	}
	return p, true
}

func newWay(head, tail string) way {
	var w way
	for i := range len(head) {
		w.mask = w.mask<<4 | 0xf
		w.head = w.head<<4 | Digits(head[i]-'0')
	}
	width := uint64(suffixes)
	for i := range len(tail) {
		width /= 10
		w.first += uint64(tail[i]-'0') * width
	}
	w.after = w.first + width
	return w
}

// In reports whether d holds p.
func (p *Part) In(d Digits) bool {
	found := ^uint64(0) // where in d the digits of p so far end
	for i, digit := range p.each[:len(p.text)] {
		other := uint64(d) ^ digit
		other |= other >> 2
		other |= other >> 1 // now the lowest bit of a place tells whether it differs
		found = found >> 4 &^ other & places
		if i > 2 && found == 0 { // before, to go on is cheaper than to guess
			return false
		}
	}
	return found != 0
}

// after returns which suffixes complete p after prefix: all, or those in the
// set, which is nil for none.
func (p *Part) after(prefix Digits) (set *suffixSet, all bool) {
	if p.In(prefix) {
		return nil, true
	}
	fit := 0
	for i := range p.ways {
		if w := &p.ways[i]; w.mask != 0 && prefix&w.mask == w.head {
			fit |= 1 << i
		}
	}
	if fit == 0 {
		return p.inside, false
	}
	if p.sets[fit] == nil {
		p.sets[fit] = p.suffixes(fit)
	}
	return p.sets[fit], false
}

// suffixes returns the suffixes that hold p, or complete it in a way that fits.
func (p *Part) suffixes(fit int) *suffixSet {
	set := new(suffixSet)
	if p.inside != nil {
		*set = *p.inside
	}
	for i, w := range p.ways {
		for suffix := w.first; fit>>i&1 != 0 && suffix < w.after; suffix++ {
			set.add(suffix)
		}
	}
	return set
}
