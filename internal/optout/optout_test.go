package optout

import "testing"

func TestFind(t *testing.T) {
	d := New()
	for _, c := range []struct {
		text, quote string
	}{
		{"Please don't call me again.", "don't call me again"},
		{"Take me off your list", "Take me off your list"},
		{"call me back later", ""},
		{"don't call before five", ""},
		{"I'm not saying don't call", ""},
		{"stop calling me sir", ""},
	} {
		f, ok := d.Find([]Turn{{Agent, "Stop calling me."}, {Contact, c.text}}, "en-US")
		if ok != (c.quote != "") || f.Quote != c.quote {
			t.Logf("Find(%q) = %+v, %v; want %q", c.text, f, ok, c.quote)
		}
	}
}
