package main

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"

	"nocall/internal/e164"
)

// TestReadZones holds what was read from the library's file against what the
// library answers.
func TestReadZones(t *testing.T) {
	listed, err := listedZones()
	if err != nil {
		t.Fatal(err)
	}
	if len(listed) < 3000 {
		t.Fatalf("%d prefixes, want thousands", len(listed))
	}
	for prefix, zones := range listed {
		want, err := phonenumbers.GetTimezonesForPrefix(prefix)
		if err != nil || join(slices.Clone(want)) != zones {
			t.Errorf("zones of %s: %s; the library has %v, %v", prefix, zones, want, err)
		}
	}
}

// TestZonesCover holds random numbers that begin with each prefix the library
// knows against its answer.
func TestZonesCover(t *testing.T) {
	listed, err := listedZones()
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(4, 164))
	below := listed.sums()
	for prefix := range listed {
		country := prefix[:1]
		for listed[country] == "" {
			country = prefix[:len(country)+1]
		}
		for range 5 {
			if n, ok := randomBehind(random, prefix); ok {
				compareZones(t, n, below[country])
			}
		}
	}
}

// compareZones wants what the library has for n, and besides only zones of its
// country.
func compareZones(t *testing.T, n e164.Number, country string) {
	t.Helper()
	want, err := phonenumbers.GetTimezonesForPrefix(n.String())
	if err != nil {
		t.Fatal(err)
	}
	got := n.Zones()
	for _, zone := range got {
		if !strings.Contains(country, zone+" ") {
			t.Errorf("%v may stand in %v; the library has no %s there", n, got, zone)
		}
	}
	if len(want) > 40 {
		return // zones of all the plan, though the area code is known
	}
	for _, zone := range want {
		if !slices.Contains(got, zone) {
			t.Errorf("%v may stand in %v; the library has %s", n, got, zone)
		}
	}
}

// randomBehind returns a number that begins with prefix.
func randomBehind(random *rand.Rand, prefix string) (e164.Number, bool) {
	for range 10 {
		text := "+" + prefix
		for length := 7 + random.IntN(8); len(text) <= length; {
			text += string(rune('0' + random.IntN(10)))
		}
		if n, err := e164.Parse(text); err == nil {
			return n, true
		}
	}
	return e164.Number{}, false
}

// TestAreaCodes holds every area code of the North American plan that has
// zones of its own against all entries below it.
func TestAreaCodes(t *testing.T) {
	listed, err := listedZones()
	if err != nil {
		t.Fatal(err)
	}
	for prefix, zones := range listed.sums() {
		if prefix[0] != '1' || len(prefix) != 4 {
			continue
		}
		n, err := e164.Parse("+" + prefix + "5550100")
		if err != nil {
			t.Fatal(err)
		}
		for zone := range strings.FieldsSeq(zones) {
			if got := n.Zones(); !slices.Contains(got, zone) {
				t.Errorf("%v may stand in %v, not in %s", n, got, zone)
			}
		}
	}
}
