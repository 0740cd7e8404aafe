package e164

import (
	"strconv"
	"strings"
)

// ParseLoose reads a number as people write it, and refuses what can be read
// as the number of someone else. Region is the ISO 3166-1 alpha-2 code of the
// country whose national forms are understood, or "".
//
// Separators, brackets, invisible characters, quotes, the digits of any
// script, tel: and sip: are seen through. What is left is read
//
//   - after +, as an international number. Where that is not possible, the
//     prefix of national calls or a calling code written twice is dropped:
//     +44 (0)20 7946 0123, +1 1 415 555 0123;
//   - after 00 or what else the region dials for it, such as 011, likewise;
//   - with a region, as a national number, with or without its prefix;
//   - as an international number whose + was lost, if it cannot be a national
//     one. Without the region's own calling code to show it, the number must
//     have 11 digits or more, and a first group of digits, if there are
//     groups, that is the calling code: 442079460123, 44 20 7946 0123.
//
// Where two of these are as likely, the text is refused: 4930123456 in Germany
// lacks either its 0 or its plus sign, and so does 14155550123.
//
// Old forms that would need an area code to be known, as 15 in Argentina, are
// not rewritten. Text that [Parse] takes is not read twice, nor allocated for.
func ParseLoose(text, region string) (Number, error) {
	if text != "" && text[0] == '+' {
		if n, err := Parse(text); err == nil {
			return n, nil
		}
	}
	w, err := read(text)
	if err != nil {
		return Number{}, err
	}
	n, err := w.resolve(region)
	if err == nil && w.endings() || err != nil && w.two() {
		return Number{}, ErrTwoNumbers
	}
	return n, err
}

// KnownRegion reports whether region is one whose national forms
// [ParseLoose] understands.
func KnownRegion(region string) bool { return ofRegion(region) != nil }

// Regions returns every region that [ParseLoose] understands, in order.
func Regions() []string {
	all := make([]string, 0, len(regions)/5)
	for i := 0; i < len(regions); i += 5 {
		all = append(all, regions[i:i+2])
	}
	return all
}

// resolve reads the digits as [ParseLoose] says.
func (w *written) resolve(region string) (Number, error) {
	if w.plus {
		return international(w.digits)
	}
	if region == "" {
		return w.withoutRegion()
	}
	c := ofRegion(region)
	if c == nil {
		return Number{}, errNoRegion
	}
	abroad, err := c.dialed(w.digits)
	home, homeErr := c.national(w.digits)
	switch {
	case err == ErrAmbiguous, err == nil && homeErr == nil && c.equally(w.digits, home):
		return Number{}, ErrAmbiguous
	case err == nil:
		return abroad, nil
	case homeErr == ErrAmbiguous, homeErr == nil && w.mayLackPlus(c, home):
		return Number{}, ErrAmbiguous
	case homeErr == nil:
		return home, nil
	}
	if n, lostErr := w.plusLost(c); lostErr == nil {
		return n, nil
	}
	if strings.HasPrefix(w.digits, "00") {
		return Number{}, err
	}
	return Number{}, homeErr
}

// mayLackPlus reports whether digits that are home in c are as likely the
// number of somebody else, whose plus sign a spreadsheet took: 14155550123 in
// Germany. National numbers have fewer than 11 digits, or begin with the prefix
// of national calls, with which no calling code begins; but in Brazil and China
// mobile numbers are always written with 11 digits, and must be read.
func (w *written) mayLackPlus(c *code, home Number) bool {
	if len(w.digits) < 11 || c.calling == 55 || c.calling == 86 {
		return false
	}
	n, err := w.plusLost(c)
	return err == nil && n != home
}

// withoutRegion reads digits of which only an international number can be made.
func (w *written) withoutRegion() (Number, error) {
	if rest, found := strings.CutPrefix(w.digits, "00"); found {
		return international(rest)
	}
	// 011 is also the area code of Johannesburg, Delhi, Turin and others,
	// where no number is as long as an international one that follows it.
	if rest, found := strings.CutPrefix(w.digits, "011"); found && len(rest) >= 10 {
		return international(rest)
	}
	if n, err := w.plusLost(nil); err == nil {
		return n, nil
	}
	switch n := len(w.digits); {
	case n < 7:
		return Number{}, errShortCode
	case n == 7:
		return Number{}, ErrNoAreaCode
	}
	return Number{}, ErrRegion
}

// international reads what follows a plus sign.
func international(digits string) (Number, error) {
	n, ok := accept(digits)
	if ok {
		return n, nil
	}
	c := find(digits)
	if c == nil {
		return Number{}, refuse(digits)
	}
	national := digits[c.width:]
	n, ok = c.withoutTrunk(national)
	if !strings.HasPrefix(national, digits[:c.width]) {
		return n, refuseUnless(ok, digits)
	}
	twice, okTwice := accept(national)
	if !okTwice {
		return n, refuseUnless(ok, digits)
	}
	if ok && n != twice {
		return Number{}, ErrAmbiguous
	}
	return twice, nil
}

// refuseUnless returns nil if ok.
func refuseUnless(ok bool, digits string) error {
	if ok {
		return nil
	}
	return refuse(digits)
}

// withoutTrunk drops the prefix of national calls, if a possible number is
// left.
func (c *code) withoutTrunk(national string) (Number, bool) {
	for _, t := range c.trunks {
		if rest, found := strings.CutPrefix(national, t.prefix); found {
			if n, ok := c.number(rest); ok {
				return n, true
			}
		}
	}
	return Number{}, false
}

// dialed reads digits that begin with what is dialed from c for a plus sign:
// 011 in the United States. 00 is understood everywhere.
func (c *code) dialed(digits string) (Number, error) {
	var n Number
	err := ErrSyntax
	try := func(prefix string) {
		rest, found := strings.CutPrefix(digits, prefix)
		if !found || err == ErrAmbiguous {
			return
		}
		more, moreErr := international(rest)
		switch {
		case n.IsZero():
			n, err = more, moreErr
		case moreErr == nil && more != n:
			n, err = Number{}, ErrAmbiguous
		}
	}
	for prefix := range strings.FieldsSeq(c.prefixes) {
		try(prefix)
	}
	try("00")
	return n, err
}

// equally reports whether digits that are dialed for a number abroad are as
// likely one at home: 018 and +65 in Israel, or 0 and a number beginning 18.
// Of 00 nobody doubts.
func (c *code) equally(digits string, home Number) bool {
	return !strings.HasPrefix(digits, "00") && c.startsAt(home.String()[1:]) && c.isOrdinary(home)
}

// national reads the digits of a call inside the country.
func (c *code) national(digits string) (Number, error) {
	whole, ok := c.number(digits)
	if dialed, found := c.withoutTrunk(digits); found {
		if ok && (c.isOrdinary(whole) || !c.isOrdinary(dialed)) {
			return Number{}, ErrAmbiguous
		}
		return dialed, nil
	}
	switch {
	case len(digits) < 6 && (!ok || len(c.trunks) > 0):
		return Number{}, errShortCode
	case !ok:
		return Number{}, refuse(strconv.Itoa(int(c.calling)) + digits)
	case len(c.trunks) > 0 && c.ownOrdinary(digits):
		return Number{}, ErrAmbiguous
	}
	return whole, nil
}

// isOrdinary reports whether n is as long as a fixed line or a mobile of c.
func (c *code) isOrdinary(n Number) bool { return c.ordinary>>(len(n.String())-1)&1 != 0 }

// ownOrdinary reports whether digits are an ordinary number of c with its
// calling code: 4930123456 in Germany, where 030 123456 is what one dials.
func (c *code) ownOrdinary(digits string) bool {
	return find(digits) == c && c.ordinary>>len(digits)&1 != 0 && c.startsAt(digits)
}

// startsAt reports whether the digits behind the calling code begin as those
// of some number do.
func (c *code) startsAt(digits string) bool {
	return c.starts>>(digits[c.width]-'0')&1 != 0
}

// plusLost reads an international number without its plus sign; own is the
// calling code that is expected, or nil.
func (w *written) plusLost(own *code) (Number, error) {
	c := find(w.digits)
	if c == nil {
		return Number{}, ErrCallingCode
	}
	apart := w.group == int(c.width) // the calling code stands by itself
	switch {
	case c == own:
		return international(w.digits)
	case len(w.digits) < 11, !apart && w.group < len(w.digits), !c.startsAt(w.digits) && !apart:
		return Number{}, ErrRegion
	case apart:
		return international(w.digits)
	}
	return ParsePlain(w.digits)
}
