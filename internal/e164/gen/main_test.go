package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/nyaruka/phonenumbers"

	"nocall/internal/e164"
)

// TestTablesAreCurrent fails when the library knows more than the tables.
func TestTablesAreCurrent(t *testing.T) {
	for path, text := range map[string]func() ([]byte, error){
		output: tables, zoneOutput: zoneTable,
	} {
		want, err := text()
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile("../" + path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what the metadata says; run go generate ./internal/e164", path)
		}
	}
}

// TestParseAgrees holds e164.Parse against the library's idea of possible for
// every calling code, or what only looks like one, and every length.
func TestParseAgrees(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 164))
	for calling := 1; calling < 1000; calling++ {
		for digits := 4; digits <= 17; digits++ {
			text := fmt.Sprintf("+%d", calling)
			for len(text) <= digits {
				text += string(rune('0' + random.IntN(10)))
			}
			compareParse(t, text)
		}
	}
}

func compareParse(t *testing.T, text string) {
	t.Helper()
	n, err := e164.Parse(text)
	p, libErr := phonenumbers.Parse(text, "")
	possible := libErr == nil &&
		phonenumbers.IsPossibleNumberWithReason(p) == phonenumbers.IS_POSSIBLE
	switch canonical := possible && phonenumbers.Format(p, phonenumbers.E164) == text; {
	case errors.Is(err, e164.ErrTrunk) && (p.GetCountryCode() == 57 || p.GetCountryCode() == 82):
		// The library thinks of a carrier's code behind the 0, and keeps it.
	case canonical && len(text) <= 1+maxDigits && (err != nil || n.String() != text):
		t.Errorf("Parse(%q) = %v, %v; the library has it possible", text, n, err)
	case err == nil && len(text) > 1+maxDigits:
		t.Errorf("Parse(%q) = %v, longer than E.164 allows", text, n)
	case err == nil && !canonical && !possibleElsewhere(p):
		t.Errorf("Parse(%q) = %v; the library has it otherwise: %v, %v", text, n, p, libErr)
	}
}

// possibleElsewhere reports whether p has a length that only a smaller region
// of its calling code has. The library asks the principal one alone.
func possibleElsewhere(p *phonenumbers.PhoneNumber) bool {
	if p == nil {
		return false
	}
	national := phonenumbers.GetNationalSignificantNumber(p)
	return slices.ContainsFunc(metadata(), func(m *phonenumbers.PhoneMetadata) bool {
		return m.GetCountryCode() == p.GetCountryCode() &&
			slices.Contains(m.GetGeneralDesc().GetPossibleLength(), int32(len(national)))
	})
}

// metadata returns what the library knows, region by region. The library reads
// all of it anew each time it is asked.
var metadata = sync.OnceValue(func() []*phonenumbers.PhoneMetadata {
	collection, err := phonenumbers.MetadataCollection()
	if err != nil {
		panic(err)
	}
	return collection.GetMetadata()
})

// exceptions are the regions some of whose national forms are not read, and
// why. They are refused; what is read must be right.
var exceptions = map[string]string{
	"AR": "the library writes mobiles without their area code, 09 15-… for 011 15-…",
	"BY": "8 801 … may be its 801 or its 8801, both of lengths that there are",
	"HN": "11 digits beginning 800 are toll-free there, and everywhere behind +",
	"KI": "five digits without the 0 of the country are taken for a short code",
}

// TestNationalForms writes random numbers of every region as they are written
// there, and reads them back.
func TestNationalForms(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 164))
	for _, m := range metadata() {
		region := m.GetId()
		if region == "001" {
			continue
		}
		for range 20 {
			p := randomNumber(random, m)
			want := phonenumbers.Format(p, phonenumbers.E164)
			if _, err := e164.Parse(want); err != nil {
				t.Errorf("Parse(%q): %v", want, err)
			}
			for _, form := range []phonenumbers.PhoneNumberFormat{
				phonenumbers.NATIONAL, phonenumbers.INTERNATIONAL, phonenumbers.RFC3966,
			} {
				text := phonenumbers.Format(p, form)
				n, err := e164.ParseLoose(text, region)
				excepted := exceptions[region] != "" && (err != nil || region == "AR")
				if n.String() == want || excepted {
					continue
				}
				t.Errorf("ParseLoose(%q, %q) = %v, %v; want %s", text, region, n, err, want)
			}
		}
	}
}

// TestDigitsAreNotMisread gives every region random digits of every possible
// length, with what is dialed before them and without: the answer is the
// number, or a refusal.
func TestDigitsAreNotMisread(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 164))
	asked, refused := 0, 0
	for _, m := range metadata() {
		for range 100 {
			lengths := m.GetGeneralDesc().GetPossibleLength()
			national := fmt.Sprint(1 + random.IntN(9))
			for length := lengths[random.IntN(len(lengths))]; len(national) < int(length); {
				national += fmt.Sprint(random.IntN(10))
			}
			want := fmt.Sprintf("+%d%s", m.GetCountryCode(), national)
			if _, err := e164.Parse(want); err != nil || m.GetId() == "001" {
				continue
			}
			for _, text := range []string{m.GetNationalPrefix() + national, "00" + want[1:]} {
				asked++
				switch n, err := e164.ParseLoose(text, m.GetId()); {
				case err != nil:
					refused++
				case n.String() != want:
					t.Errorf("ParseLoose(%q, %q) = %v, want %s", text, m.GetId(), n, want)
				}
			}
		}
	}
	t.Logf("%d of %d refused", refused, asked)
}

// randomNumber returns a number with a length that the region has, beginning
// as one of its examples does.
func randomNumber(random *rand.Rand, m *phonenumbers.PhoneMetadata) *phonenumbers.PhoneNumber {
	types := []phonenumbers.PhoneNumberType{
		phonenumbers.FIXED_LINE, phonenumbers.MOBILE, phonenumbers.TOLL_FREE, phonenumbers.VOIP,
	}
	example := phonenumbers.GetExampleNumberForType(m.GetId(), types[random.IntN(len(types))])
	if example == nil {
		example = phonenumbers.GetExampleNumber(m.GetId())
	}
	national := []byte(phonenumbers.GetNationalSignificantNumber(example))
	for i := min(3, len(national)-1); i < len(national); i++ {
		national[i] = byte('0' + random.IntN(10))
	}
	p, err := phonenumbers.Parse(fmt.Sprintf("+%d%s", m.GetCountryCode(), national), "")
	if err != nil {
		panic(err)
	}
	return p
}
