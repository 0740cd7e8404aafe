package e164

import (
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"
)

func TestZones(t *testing.T) {
	for _, test := range []struct{ number, want string }{
		{"+14155550123", "America/Los_Angeles"},
		{"+12125550123", "America/New_York"},
		{"+442079460123", "Europe/London"},
		{"+4930123456", "Europe/Berlin"},
		{"+491234", "Europe/Berlin"},                         // six digits
		{"+12705550123", "America/Chicago America/New_York"}, // the area lies in both
		{"+13645550123", "America/Chicago America/New_York"}, // its overlay
		{"+19285550123", "America/Denver America/Phoenix"},
		{"+12085550123", "America/Boise America/Denver America/Los_Angeles"},
		{"+61755550123", "Australia/Brisbane Australia/Sydney"}, // no entry in Queensland
		{"+61731001234", "Australia/Brisbane"},
		{"+34912345678", "Atlantic/Canary Europe/Madrid"},
		{"+34612345678", "Atlantic/Canary Europe/Madrid"}, // a mobile
		{"+628123456789", "Asia/Jakarta Asia/Jayapura Asia/Makassar"},
		{"+62211234567", "Asia/Jakarta"},
		{"+77172123456", "Asia/Almaty Asia/Aqtobe"},
		{"+80012345678", ""},
		{"+883510012345678", ""},
	} {
		n, err := Parse(test.number)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(n.Zones(), " "); got != test.want {
			t.Errorf("%v stands in %q, want %q", n, got, test.want)
		}
	}
	if zones := (Number{}).Zones(); zones != nil {
		t.Errorf("no number stands in %v", zones)
	}
}

// TestZonesFarApart has numbers that may be carried anywhere in a wide country.
func TestZonesFarApart(t *testing.T) {
	for number, want := range map[string][]string{
		"+18005550123": {"America/Los_Angeles", "America/New_York", "Pacific/Honolulu"},
		"+61412345678": {"Australia/Perth", "Australia/Sydney"},
		"+79161234567": {"Asia/Vladivostok", "Europe/Moscow"},
	} {
		n, err := Parse(number)
		if err != nil {
			t.Fatal(err)
		}
		for _, zone := range want {
			if !slices.Contains(n.Zones(), zone) {
				t.Errorf("%v stands in %v, not in %s", n, n.Zones(), zone)
			}
		}
	}
}

func TestZonesAreKnown(t *testing.T) {
	for _, list := range zoneLists {
		for _, name := range list {
			if _, err := time.LoadLocation(name); err != nil {
				t.Errorf("zone %s: %v", name, err)
			}
		}
	}
}

func TestZonesDoNotAllocate(t *testing.T) {
	n, err := Parse("+14155550123")
	if err != nil {
		t.Fatal(err)
	}
	if allocs := testing.AllocsPerRun(100, func() { n.Zones() }); allocs != 0 {
		t.Errorf("Zones allocates %v times", allocs)
	}
}
