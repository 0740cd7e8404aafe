package registry

import (
	"testing"

	"nocall/internal/e164"
)

// TestAreas holds that every area that is kept can be read again.
func TestAreas(t *testing.T) {
	all := append(append(canada(), unitedStates()...), britain, 7, 998)
	seen := make(map[Area]bool)
	for _, a := range all {
		text, err := a.MarshalText()
		var again Area
		if err == nil {
			err = again.UnmarshalText(text)
		}
		if err != nil || again != a || seen[a] {
			t.Errorf("%s is read as %s, %v, seen before: %v", a, again, err, seen[a])
		}
		seen[a] = true
	}
	for _, bad := range []string{
		"", "+", "0", "1", "+1", "+1000", "1199", "2000", "044", "x", "-44",
	} {
		if a, err := ParseArea(bad); err == nil {
			t.Errorf("ParseArea(%q) = %s; want it refused", bad, a)
		}
	}
}

// TestAreaOf holds that what is counted in an area is what is in it.
func TestAreaOf(t *testing.T) {
	b := &newBuilding(Registry{}, nil, nil).builder
	w := b.Worker()
	for text, want := range map[string]Area{
		"+12005550123": 1200, "+19995550123": 1999, "+447700900123": 44, "+441635506160": 44,
		"+79161234567": 7, "+35312345678": 353,
	} {
		n := num(text)
		if got := AreaOf(n); got != want {
			t.Errorf("AreaOf(%s) = %s; want %s", text, got, want)
		}
		w.Add(n)
	}
	set, err := b.Freeze()
	if err != nil {
		t.Fatal(err)
	}
	for a, want := range map[Area]int64{1200: 1, 1999: 1, 1201: 0, 44: 2, 7: 1, 353: 1} {
		if got := a.count(set); got != want {
			t.Errorf("%s has %d numbers; want %d", a, got, want)
		}
	}
	if a := AreaOf(e164.Number{}); a != 0 {
		t.Errorf("AreaOf(none) = %s; want 0", a)
	}
}
