package optout

import "testing"

func TestMask(t *testing.T) {
	l, err := parse("xx", "digits = zero oh one two nine double\nanchors = x\ngroup g\nx: x")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"before 9, not 10", "before 9, not 10"},
		{"not before 9:30", "not before 9:30"},
		{"call 5550199 now", "call ####### now"},
		{"call +1 (555) 010-9999 now, or at 5", "call +# (###) ###-#### now, or at 5"},
		{"it's 12 34", "it's ## ##"},
		{"one two", "one two"},
		{"to Nine, double oh, one please", "to #, # #, # please"},
		{"nine nine nine 1", "# # # #"},
		{"née 1234 é", "née #### é"},
		{"٠١٢٣", "####"},
		{"\xff1234\xff", "\xff####\xff"},
		{"4x4 5a5b5c", "### ######"},
	} {
		if got := l.mask(c.text); got != c.want {
			t.Errorf("mask(%q) = %q; want %q", c.text, got, c.want)
		}
	}
}
