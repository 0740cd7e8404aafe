package e164

import (
	"sort"
	"strings"
)

//go:generate go run ./gen

// A code is one calling code and what its numbers are like, whichever of the
// regions that share it they belong to. The lengths are sets of bits that
// count the digits of the calling code in.
type code struct {
	calling  uint16
	width    uint8  // digits of calling
	lengths  uint16 // that a number may have
	ordinary uint16 // that fixed lines and mobiles have
	local    uint16 // that a number has without its area code
	starts   uint16 // set of digits that numbers begin with, after calling
	trunks   []trunk
	prefixes string // what is dialed there before a calling code, longest first
}

// A trunk is the prefix of a call inside the country: the 0 of 020 7946 0123.
type trunk struct {
	prefix string
	never  uint16 // set of digits that follow prefix in no number
}

// find returns the calling code that digits begin with, or nil.
func find(digits string) *code {
	if len(digits) < 3 {
		return nil
	}
	at := 0
	for i := range 3 {
		d := digits[i] - '0'
		if d > 9 {
			return nil
		}
		at = at*10 + int(d)
	}
	place := places[at]
	if place == 0 {
		return nil
	}
	return &codes[place]
}

// ofRegion returns the calling code of region, or nil.
func ofRegion(region string) *code {
	i := sort.Search(len(regions)/5, func(i int) bool { return regions[i*5:i*5+2] >= region })
	if i == len(regions)/5 || regions[i*5:i*5+2] != region {
		return nil
	}
	return find(strings.TrimLeft(regions[i*5+2:i*5+5], "0") + "00")
}

// fits reports whether the digits after the calling code are as many as they
// may be, and begin as a number may.
func (c *code) fits(national string) bool {
	return c.possible(len(national)) && !c.trunkBegins(national)
}

// possible reports whether a number may have so many digits after its calling
// code.
func (c *code) possible(digits int) bool { return c.lengths>>(int(c.width)+digits)&1 != 0 }

// trunkBegins reports whether national begins with a prefix that no number
// begins with, and is possible without it.
func (c *code) trunkBegins(national string) bool {
	for i := range c.trunks {
		t := &c.trunks[i]
		if national[0] != t.prefix[0] || !strings.HasPrefix(national, t.prefix) {
			continue
		}
		rest := national[len(t.prefix):]
		if rest != "" && t.never>>(rest[0]-'0')&1 != 0 && c.possible(len(rest)) {
			return true
		}
	}
	return false
}

// number returns the number with the given digits after the calling code.
func (c *code) number(national string) (Number, bool) {
	if national == "" || !c.fits(national) {
		return Number{}, false
	}
	n := uint64(c.calling)
	for i := range len(national) {
		n = n*10 + uint64(national[i]-'0')
	}
	return Number{n}, true
}
