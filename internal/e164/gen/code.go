package main

import (
	"cmp"
	"fmt"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// maxDigits is the longest number that E.164 has, calling code and all. The
// metadata knows longer ones, which cannot be called from another country.
const maxDigits = 15

// formerly holds trunk prefixes that a plan has given up and people still
// write: +52 1 55…, 01 55…, 044 55… and 045 55… in Mexico.
var formerly = map[int][]string{52: {"044", "045", "01", "1"}}

// code is one calling code, as package e164 wants it. Lengths are sets of bits
// that count the calling code in; starts and never are sets of digits.
type code struct {
	calling  int
	lengths  uint16
	ordinary uint16 // of fixed lines and mobiles
	local    uint16
	starts   uint16
	trunks   []trunk
	prefixes []string
}

type trunk struct {
	digits string
	never  uint16
}

// newCode makes a code of the metadata of all regions that share it.
func newCode(calling int, plan []*phonenumbers.PhoneMetadata) (code, error) {
	c := code{calling: calling}
	principal := plan[0]
	var programs []*syntax.Prog
	for _, m := range plan {
		if m.GetMainCountryForCode() {
			principal = m
		}
		general := m.GetGeneralDesc()
		c.lengths |= c.set(general.GetPossibleLength())
		c.ordinary |= c.set(ordinary(m))
		program, err := compile(general.GetNationalNumberPattern())
		if err != nil {
			return code{}, err
		}
		programs = append(programs, program)
	}
	// Canada has numbers that are dialed there without an area code. Abroad,
	// seven digits after +1 are a number without its area code.
	c.local = c.set(principal.GetGeneralDesc().GetPossibleLengthLocalOnly())
	c.lengths &^= c.local
	c.starts = ^firstNever(programs, "") & (1<<10 - 1)
	for _, digits := range trunkPrefixes(calling, principal) {
		c.trunks = append(c.trunks, trunk{digits, firstNever(programs, digits)})
	}
	prefixes, err := internationalPrefixes(principal)
	c.prefixes = prefixes
	return c, err
}

// set returns lengths as bits, with the calling code counted in.
func (c code) set(lengths []int32) uint16 {
	var set uint16
	for _, n := range lengths {
		if digits := int(n) + len(strconv.Itoa(c.calling)); n > 0 && digits <= maxDigits {
			set |= 1 << digits
		}
	}
	return set
}

// ordinary returns the lengths of fixed lines and mobiles. Lengths that are
// those of the region are not repeated in the metadata.
func ordinary(m *phonenumbers.PhoneMetadata) []int32 {
	var lengths []int32
	for _, desc := range []*phonenumbers.PhoneNumberDesc{m.GetFixedLine(), m.GetMobile()} {
		own := desc.GetPossibleLength()
		if len(own) == 0 {
			own = m.GetGeneralDesc().GetPossibleLength()
		}
		lengths = append(lengths, own...)
	}
	return lengths
}

// firstNever returns the digits that follow prefix in no number.
func firstNever(programs []*syntax.Prog, prefix string) uint16 {
	var never uint16
	for d := range 10 {
		begins := func(p *syntax.Prog) bool { return canBegin(p, prefix+strconv.Itoa(d)) }
		if !slices.ContainsFunc(programs, begins) {
			never |= 1 << d
		}
	}
	return never
}

// trunkPrefixes returns what is dialed before a number inside its country, the
// longest first: all that are read if they are few, or else the one that is
// written. Codes of carriers and relay services, which are longer, are left.
func trunkPrefixes(calling int, m *phonenumbers.PhoneMetadata) []string {
	prefixes, err := expand(m.GetNationalPrefixForParsing())
	if err != nil || len(prefixes) > 4 {
		prefixes = []string{m.GetNationalPrefix()}
	}
	prefixes = slices.DeleteFunc(prefixes, func(p string) bool { return p == "" || len(p) > 2 })
	return longestFirst(append(prefixes, formerly[calling]...))
}

// internationalPrefixes returns what is dialed before a calling code, the
// longest first. Those that look like part of a number are left.
func internationalPrefixes(m *phonenumbers.PhoneMetadata) ([]string, error) {
	prefixes, err := expand(m.GetInternationalPrefix())
	if err != nil {
		return nil, err
	}
	return longestFirst(slices.DeleteFunc(prefixes, func(p string) bool {
		return !strings.HasPrefix(p, "0") && p != "810" && p != "119"
	})), nil
}

func longestFirst(s []string) []string {
	slices.SortFunc(s, func(a, b string) int {
		return cmp.Or(len(b)-len(a), strings.Compare(a, b))
	})
	return slices.Compact(s)
}

// String returns the line of the table, broken where it is long.
func (c code) String() string {
	line := fmt.Sprintf("{%d, %d, %#04x, %#04x, %#04x, %#03x, ", c.calling,
		len(strconv.Itoa(c.calling)), c.lengths, c.ordinary, c.local, c.starts)
	trunks := "nil"
	if len(c.trunks) > 0 {
		var b strings.Builder
		for _, t := range c.trunks {
			fmt.Fprintf(&b, "{%q, %#03x}, ", t.digits, t.never)
		}
		trunks = "[]trunk{" + strings.TrimSuffix(b.String(), ", ") + "}"
	}
	prefixes := fmt.Sprintf("%q", strings.Join(c.prefixes, " "))
	if len(prefixes) > 24 {
		prefixes = "\"\" +\n" + strings.TrimSuffix(wrap(strings.Join(c.prefixes, " "), 84), "\n")
	}
	if len(c.trunks) > 2 {
		return "{\n" + strings.TrimPrefix(line, "{") + "\n" + trunks + ",\n" + prefixes + ",\n},\n"
	}
	return line + trunks + ", " + prefixes + "},\n"
}
