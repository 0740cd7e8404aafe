package e164

import (
	"errors"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, test := range []struct {
		text string
		want error // nil: Parse takes text, and String gives it back
	}{
		{"+14151234567", nil}, // not valid, but possible
		{"+14155550123", nil},
		{"+15555550100", nil},
		{"+447700900123", nil},
		{"+442079460123", nil},
		{"+4930123456", nil},
		{"+390612345678", nil}, // a 0 that is part of the number
		{"+5491123456789", nil},
		{"+2904321", nil}, // 7 digits in all
		{"+491234", nil},  // 6
		{"+80012345678", nil},
		{"+883510012345678", nil}, // 15

		{"", ErrEmpty},
		{"+", ErrEmpty},
		{"+1", ErrTooShort},
		{"14155550123", ErrSyntax},
		{" +14155550123", ErrSyntax},
		{"+1 4155550123", ErrSyntax},
		{"+1415555012O", ErrSyntax},
		{"+１4155550123", ErrSyntax},
		{"++14155550123", ErrSyntax},
		{"+04155550123", ErrCallingCode},
		{"+99955501234", ErrCallingCode},
		{"+0987654321", ErrCallingCode},
		{"+210123456789", ErrCallingCode},
		{"+15550100", ErrNoAreaCode},
		{"+13101234", ErrNoAreaCode},
		{"+1415555012", ErrTooShort},
		{"+141555501234", ErrTooLong},
		{"+911", ErrTooShort},
		{"+4412345678", ErrNoAreaCode},
		{"+4402079460123", ErrTooLong},
		{"+49030123456", ErrTrunk}, // possible by its length alone
		{"+1234567890123456", ErrTooLong},
		{"+" + strings.Repeat("9", 100), ErrTooLong},
	} {
		n, err := Parse(test.text)
		switch {
		case !errors.Is(err, test.want):
			t.Errorf("Parse(%q) = %v, %v; want %v", test.text, n, err, test.want)
		case err != nil && (!n.IsZero() || !errors.Is(err, ErrSyntax)):
			t.Errorf("Parse(%q) = %v, %v; want no number and an ErrSyntax", test.text, n, err)
		case err == nil && n.String() != test.text:
			t.Errorf("Parse(%q) = %v", test.text, n)
		}
	}
}

func TestParsePlain(t *testing.T) {
	for _, text := range []string{"14155550123", "+14155550123"} {
		if n, err := ParsePlain(text); err != nil || n.String() != "+14155550123" {
			t.Errorf("ParsePlain(%q) = %v, %v", text, n, err)
		}
	}
	for _, text := range []string{"", "+", "++14155550123", "4155550123", "1 4155550123"} {
		if n, err := ParsePlain(text); !errors.Is(err, ErrSyntax) {
			t.Errorf("ParsePlain(%q) = %v, %v; want an ErrSyntax", text, n, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	for text, want := range map[string]string{
		"+1415555012":   "too short: +1 is followed by 10 digits, not 9",
		"+15550100":     "no area code: +1 is followed by 10 digits, not 7",
		"+44207946012":  "", // 9 digits: possible
		"+442079460123": "",
		"+4420794601":   "no area code: +44 is followed by 7, 9 or 10 digits, not 8",
		"+4912345":      "",
		"+59812":        "too short: +598 is followed by 4 to 12 digits, not 2",
		"+9991234567":   ErrCallingCode.Error(),
	} {
		var got string
		if _, err := Parse(text); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("Parse(%q): %q, want %q", text, got, want)
		}
	}
}

func TestZeroNumber(t *testing.T) {
	var n Number
	if !n.IsZero() || n.String() != "" || len(n.AppendTo(nil)) != 0 {
		t.Errorf("zero Number: IsZero %v, String %q", n.IsZero(), n)
	}
	if err := n.UnmarshalText(nil); err != nil || !n.IsZero() {
		t.Errorf("UnmarshalText(nil) = %v, number %v", err, n)
	}
}

func TestNumberText(t *testing.T) {
	n, err := Parse("+14155550123")
	if err != nil {
		t.Fatal(err)
	}
	text, err := n.MarshalText()
	if err != nil || string(text) != "+14155550123" {
		t.Errorf("MarshalText = %q, %v", text, err)
	}
	var again Number
	if err := again.UnmarshalText(text); err != nil || again != n {
		t.Errorf("UnmarshalText(%q) = %v, number %v", text, err, again)
	}
	if err := again.UnmarshalText([]byte("14155550123")); !errors.Is(err, ErrSyntax) || again != n {
		t.Errorf("UnmarshalText without +: %v, number %v", err, again)
	}
	if FromUint64(n.Uint64()) != n || n.LastTwo() != 23 {
		t.Errorf("FromUint64(%d) = %v, last two digits %d",
			n.Uint64(), FromUint64(n.Uint64()), n.LastTwo())
	}
}

func TestRegions(t *testing.T) {
	all := Regions()
	if len(all) < 240 || all[0] != "AC" || all[len(all)-1] != "ZW" {
		t.Errorf("Regions: %d, %v", len(all), all)
	}
	for _, region := range all {
		if !KnownRegion(region) {
			t.Errorf("KnownRegion(%q) = false", region)
		}
	}
	for region, calling := range map[string]uint16{"US": 1, "KZ": 7, "GB": 44, "FI": 358} {
		if c := ofRegion(region); c == nil || c.calling != calling {
			t.Errorf("ofRegion(%q) = %+v, want +%d", region, c, calling)
		}
	}
	for _, region := range []string{"", "A", "us", "ZZ", "001", "USA", "AB"} {
		if KnownRegion(region) {
			t.Errorf("KnownRegion(%q) = true", region)
		}
	}
}

func TestFastPathsDoNotAllocate(t *testing.T) {
	for name, parse := range map[string]func() (Number, error){
		"Parse":      func() (Number, error) { return Parse("+4915112345678") },
		"ParsePlain": func() (Number, error) { return ParsePlain("14155550123") },
		"ParseLoose": func() (Number, error) { return ParseLoose("+14155550123", "GB") },
	} {
		allocs := testing.AllocsPerRun(100, func() {
			if _, err := parse(); err != nil {
				t.Error(err)
			}
		})
		if allocs != 0 {
			t.Errorf("%s: %v allocations", name, allocs)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	texts := []string{"+14155550123", "+442079460123", "+4915112345678", "+33612345678"}
	i := 0
	for b.Loop() {
		if _, err := Parse(texts[i&3]); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

func BenchmarkParseLoose(b *testing.B) {
	for name, text := range map[string]string{
		"e164": "+14155550123", "plain": "14155550123", "national": "(415) 555-0123",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ParseLoose(text, "US"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"+14155550123", "+49030123456", "+", "", "+999", "+390612345678"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := Parse(s)
		if err != nil {
			if !errors.Is(err, ErrSyntax) || !n.IsZero() {
				t.Errorf("Parse(%q) = %v, %v", s, n, err)
			}
			return
		}
		if n.String() != s {
			t.Errorf("Parse(%q) = %v", s, n)
		}
		if plain, err := ParsePlain(s[1:]); err != nil || plain != n {
			t.Errorf("ParsePlain(%q) = %v, %v", s[1:], plain, err)
		}
		if loose, err := ParseLoose(s, "GB"); err != nil || loose != n {
			t.Errorf("ParseLoose(%q) = %v, %v", s, loose, err)
		}
	})
}

func TestCallingCode(t *testing.T) {
	for text, want := range map[string]int{
		"+14155550123": 1, "+447700900123": 44, "+35312345678": 353, "+79161234567": 7, "": 0,
	} {
		var n Number
		if err := n.UnmarshalText([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if got := n.CallingCode(); got != want {
			t.Errorf("%s.CallingCode() = %d; want %d", text, got, want)
		}
	}
	n := FromUint64(447700900123)
	if a := testing.AllocsPerRun(10, func() { n.CallingCode() }); a > 0 {
		t.Errorf("CallingCode allocates %v times", a)
	}
}
