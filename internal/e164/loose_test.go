package e164

import (
	"errors"
	"strings"
	"testing"
	"unicode"
)

func TestParseLoose(t *testing.T) {
	for _, test := range []struct{ text, region, want string }{
		// Dressed E.164.
		{"+1 415 555 0123", "", "+14155550123"},
		{" +1-415-555-0123\n", "", "+14155550123"},
		{"+1 (415) 555-0123", "", "+14155550123"},
		{"(+1) 415.555.0123", "", "+14155550123"},
		{"+49 30/123456", "", "+4930123456"},
		{"+44 (0)20 7946 0123", "", "+442079460123"},
		{"+44(0)2079460123", "US", "+442079460123"},
		{"+49 (0)30 123456", "", "+4930123456"},
		{"+49 030 123456", "", "+4930123456"},
		{"+49030123456", "", "+4930123456"},
		{"+81 (0)3-1234-5678", "", "+81312345678"},
		{"+39 06 1234 5678", "", "+390612345678"}, // the 0 stays in Italy
		{"+36 (06) 1 234 5678", "", "+3612345678"},
		{"+7 (8) 916 123-45-67", "", "+79161234567"},
		{"+1 1 415 555 0123", "", "+14155550123"},
		{"+44 44 20 7946 0123", "", "+442079460123"},
		{"+52 1 55 1234 5678", "", "+525512345678"},
		{"+54 9 11 2345 6789", "", "+5491123456789"},
		{"\u00a0+1\u00a0415\u2011555\u20130123", "", "+14155550123"},
		{"+1 415−555—0123", "", "+14155550123"},
		{"\u202a+1 415 555 0123\u202c", "", "+14155550123"},
		{"\u200e+1\u200b4155550123\ufeff", "", "+14155550123"},
		{"＋１４１５５５５０１００", "", "+14155550100"},
		{"+١٤١٥٥٥٥٠١٠٠", "", "+14155550100"},
		{"+१४१५५५५०१००", "", "+14155550100"},
		{"+𝟏𝟒𝟏𝟓𝟝𝟝𝟝𝟢𝟷𝟶𝟶", "", "+14155550100"},
		{"'+14155550123", "", "+14155550123"},
		{`="+14155550123"`, "", "+14155550123"},
		{"“+14155550123”", "", "+14155550123"},
		{"=14155550123", "", "+14155550123"},
		{"+14155550123,", "", "+14155550123"},
		{"tel:+1-415-555-0123", "", "+14155550123"},
		{"TEL:+1(415)555.0123", "", "+14155550123"},
		{"tel:+14155550123;phone-context=+1", "", "+14155550123"},
		{"tel:4155550123;phone-context=example.com", "US", "+14155550123"},
		{"sip:+14155550123@example.com;user=phone", "", "+14155550123"},
		{"<sips:+14155550123;rn=1@10.0.0.1:5061>", "", "+14155550123"},
		{"sip:+14155550123:secret@example.com", "", "+14155550123"},

		// Dialed for +.
		{"0014155550123", "", "+14155550123"},
		{"00 44 (0)20 7946 0123", "US", "+442079460123"},
		{"00442079460123", "GB", "+442079460123"},
		{"01114155550123", "US", "+14155550123"},
		{"011 44 20 7946 0123", "", "+442079460123"},
		{"0011 44 20 7946 0123", "AU", "+442079460123"},
		{"010 1 415 555 0123", "JP", "+14155550123"},
		{"8 10 44 20 7946 0123", "RU", "+442079460123"},
		{"0015 1 415 555 0123", "BR", "+14155550123"},

		// National.
		{"4155550123", "US", "+14155550123"},
		{"(415) 555-0123", "US", "+14155550123"},
		{"415.555.0123", "CA", "+14155550123"},
		{"1 415 555 0123", "US", "+14155550123"},
		{"1-415-555-0123", "AG", "+14155550123"},
		{"020 7946 0123", "GB", "+442079460123"},
		{"20 7946 0123", "GB", "+442079460123"}, // not +20, Egypt
		{"07700 900123", "GB", "+447700900123"},
		{"030 123456", "DE", "+4930123456"},
		{"030/123456", "DE", "+4930123456"},
		{"0049171/1234567", "DE", "+491711234567"},
		{"06 1234 5678", "IT", "+390612345678"},
		{"391 234 5678", "IT", "+393912345678"},
		{"91234 56789", "IN", "+919123456789"}, // a mobile, not +91 and 8 digits
		{"011 2345 6789", "IN", "+911123456789"},
		{"011 491 2345", "ZA", "+27114912345"},
		{"8 (916) 123-45-67", "RU", "+79161234567"},
		{"800 555 35 35", "RU", "+78005553535"},
		{"06 1 234 5678", "HU", "+3612345678"},
		{"55 1234 5678", "MX", "+525512345678"},
		{"044 55 1234 5678", "MX", "+525512345678"},
		{"8 017 123-45-67", "BY", "+375171234567"},
		{"4155550123.0", "US", "+14155550123"},
		{"14155550123.00", "US", "+14155550123"},

		// The plus sign lost.
		{"14155550123", "", "+14155550123"},
		{"14155550123.0", "", "+14155550123"},
		{"1 (415) 555-0123", "", "+14155550123"},
		{"442079460123", "", "+442079460123"},
		{"442079460123", "US", "+442079460123"},
		{"44 20 7946 0123", "US", "+442079460123"},
		{"44(0)20 7946 0123", "US", "+442079460123"},
		{"44 (0)20 7946 0123", "GB", "+442079460123"},
		{"442079460123", "GB", "+442079460123"},
		{"45 12 34 56 78", "DK", "+4512345678"},
		{"33612345678", "FR", "+33612345678"},
		{"4915112345678", "US", "+4915112345678"},
	} {
		n, err := ParseLoose(test.text, test.region)
		if err != nil || n.String() != test.want {
			t.Errorf("ParseLoose(%q, %q) = %v, %v; want %s",
				test.text, test.region, n, err, test.want)
		}
	}
}

func TestParseLooseRefuses(t *testing.T) {
	for _, test := range []struct {
		text, region string
		want         error
	}{
		{"", "US", ErrEmpty},
		{" \t", "US", ErrEmpty},
		{"+", "US", ErrEmpty},
		{"-", "US", ErrEmpty},
		{`=""`, "US", ErrEmpty},
		{"1.41555E+10", "US", ErrDigitsLost},
		{"4.15555E+09", "US", ErrDigitsLost},
		{"1,41555e+10", "", ErrDigitsLost},
		{"1.4155550100E10", "US", ErrDigitsLost},
		{"+1415555010O", "US", errLetterO},
		{"+1 415 555 O1OO", "US", errLetterO},
		{"415-555-O100", "US", errLetterO},
		{"1-800-FLOWERS", "US", ErrLetters},
		{"l4155550123", "US", ErrLetters},
		{"#ERROR!", "US", ErrSyntax},
		{"NaN", "US", ErrLetters},
		{"unknown", "US", ErrLetters},
		{"sip:alice@example.com", "US", ErrLetters},
		{"+1 415 555 0100 x12", "US", ErrExtension},
		{"415-555-0100 ext. 7", "US", ErrExtension},
		{"415-555-0100 Extension 7", "US", ErrExtension},
		{"+14155550100;ext=7", "US", ErrExtension},
		{"tel:+14155550100;ext=7", "US", ErrExtension},
		{"415-555-0100 #7", "US", ErrExtension},
		{"+14155550100,,7", "US", ErrExtension},
		{"415-555-0100 / 415-555-0101", "US", ErrTwoNumbers},
		{"+14155550100,+14155550101", "US", ErrTwoNumbers},
		{"4155550100;4155550101", "US", ErrTwoNumbers},
		{"4155550100 or 4155550101", "US", ErrTwoNumbers},
		{"+14155550100 +14155550101", "US", ErrTwoNumbers},
		{"+14155550100\n+14155550101", "US", ErrTwoNumbers},
		{"5550100/5550101", "US", ErrTwoNumbers},
		{"415-555-0100/1", "US", ErrTwoNumbers}, // not +41 and nine digits
		{"+49 30 123456/7", "", ErrTwoNumbers},
		{"555-0100", "US", ErrNoAreaCode},
		{"555-0100", "", ErrNoAreaCode},
		{"+1 555-0100", "US", ErrNoAreaCode},
		{"911", "US", ErrTooShort},
		{"911", "", ErrTooShort},
		{"112", "DE", ErrTooShort},
		{"12345", "US", ErrTooShort},
		{"72727", "US", ErrTooShort},
		{"72727", "DE", ErrTooShort}, // though +49 72727 is possible
		{"72727", "", ErrTooShort},
		{"415555012", "US", ErrTooShort},
		{"31255501234", "CA", nil}, // 11 digits and no trace of a separator: +31
		{"415-555-01234", "US", ErrTooLong},
		{"(312) 555-01234", "US", ErrTooLong}, // not +31
		{"(312) 555-01234", "", ErrRegion},
		{"4155550123", "", ErrRegion},
		{"3125550123", "", ErrRegion}, // Chicago, not +31
		{"1415 555 0123", "", ErrRegion},
		{"11987654321", "", ErrRegion},   // São Paulo: no number begins +1 1
		{"011 491 2345", "", ErrRegion},  // Johannesburg, not +49
		{"011 4912 3456", "", ErrRegion}, // Delhi
		{"020 7946 0123", "", ErrRegion},
		{"4155550123", "XX", ErrRegion},
		{"tel:2079460123;phone-context=+44", "US", ErrRegion},
		{"4930123456", "DE", ErrAmbiguous},  // 04930 123456, or the plus lost
		{"14155550123", "DE", ErrAmbiguous}, // or the plus lost
		{"390612345678", "IT", ErrAmbiguous},
		{"39 06 12345678", "IT", ErrAmbiguous},
		{"009 1 987 654 3210", "CO", ErrAmbiguous}, // 009 and +1, 00 and +91
		{"+999 123 4567", "", ErrCallingCode},
		{"00 999 123 4567", "US", ErrCallingCode},
		{"+0044 20 7946 0123", "", ErrCallingCode},
		{"+44 20 7946 01234", "", ErrTooLong},
		{"+54 11 15 2345 6789", "", ErrTooLong}, // 15 is not rewritten
		{"*67 415 555 0123", "US", ErrSyntax},
		{"415_555_0123", "US", ErrSyntax},
		{"+1415\xff5550123", "US", ErrSyntax},
		{"++14155550123", "US", ErrSyntax},
		{"12:30", "US", ErrSyntax},
		{strings.Repeat(" ", 200) + "+14155550123", "US", ErrTooLong},
		{strings.Repeat("1", 150), "US", ErrTooLong},
	} {
		n, err := ParseLoose(test.text, test.region)
		if !errors.Is(err, test.want) || err != nil && !errors.Is(err, ErrSyntax) {
			t.Errorf("ParseLoose(%q, %q) = %v, %v; want %v",
				test.text, test.region, n, err, test.want)
		}
	}
}

// TestDigit walks all of Unicode: the digits of a script stand in order.
func TestDigit(t *testing.T) {
	want := byte(0)
	for r := rune(0); r <= unicode.MaxRune; r++ {
		d, isDigit := digit(r)
		if isDigit != unicode.Is(unicode.Nd, r) {
			t.Fatalf("digit(%U): %v", r, isDigit)
		}
		if !isDigit {
			if want != 0 {
				t.Fatalf("digit(%U): digits end before 9", r)
			}
			continue
		}
		if d != want {
			t.Fatalf("digit(%U) = %d, want %d", r, d, want)
		}
		want = (want + 1) % 10
	}
}

func FuzzParseLoose(f *testing.F) {
	for _, s := range []string{
		"+44 (0)20 7946 0123", "(415) 555-0123", "sip:+14155550123@host", "1.41555E+10",
		"００４４２０７９４６０１２３", "8 10 44 20 7946 0123", "4155550123.0", "415-555-0100 / 1",
	} {
		for _, region := range []string{"", "US", "GB", "DE", "RU", "JP", "XX"} {
			f.Add(s, region)
		}
	}
	f.Fuzz(func(t *testing.T, s, region string) {
		n, err := ParseLoose(s, region)
		if err != nil {
			if !errors.Is(err, ErrSyntax) || !n.IsZero() {
				t.Errorf("ParseLoose(%q, %q) = %v, %v", s, region, n, err)
			}
			return
		}
		again, err := Parse(n.String())
		if err != nil || again != n {
			t.Errorf("ParseLoose(%q, %q) = %v; Parse of that: %v, %v", s, region, n, again, err)
		}
		// The number ends as the digits of the text do, but for what follows
		// the number in an address or a fraction.
		if !strings.ContainsAny(s, ":.") {
			checkTail(t, s, n)
		}
	})
}

// checkTail wants all of n but its calling code to be the last digits of s.
func checkTail(t *testing.T, s string, n Number) {
	t.Helper()
	var digits []byte
	for _, r := range s {
		if d, isDigit := digit(r); isDigit {
			digits = append(digits, '0'+d)
		}
	}
	text := n.String()[1:]
	if national := text[find(text).width:]; !strings.HasSuffix(string(digits), national) {
		t.Errorf("%v of %q: digits %s do not end in %s", n, s, digits, national)
	}
}
