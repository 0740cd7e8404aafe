package e164

import (
	"sort"
	"strconv"
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

// trunk returns the prefix that stands wrongly between the calling code and
// the rest of a number: no number begins with it, and without it the length is
// possible.
func (c *code) trunk(national string) string {
	for _, t := range c.trunks {
		rest, found := strings.CutPrefix(national, t.prefix)
		if !found || rest == "" || t.never>>(rest[0]-'0')&1 == 0 {
			continue
		}
		if c.lengths>>(int(c.width)+len(rest))&1 != 0 {
			return t.prefix
		}
	}
	return ""
}

// number returns the number with the given digits after the calling code.
func (c *code) number(national string) (Number, error) {
	return parse(strconv.Itoa(int(c.calling)) + national)
}
