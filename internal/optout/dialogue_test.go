package optout

import "testing"

// TestReply answers in the words of the question, and in words that are read
// only where nothing else is said.
func TestReply(t *testing.T) {
	l, err := parse("xx", "drop = uh\nplease = plz\nplease = if you will\nlone = please\n"+
		"anchors = list\ngroup o\nx: off the list\n"+
		"answer yes: BEGIN yes? SAID!keep|list it ..1!not END\n"+
		"answer yes: BEGIN please END\nanswer yes: BEGIN do END")
	if err != nil {
		t.Fatal(err)
	}
	d := &Detector{languages: []*language{l}}
	for _, c := range []struct {
		agent, contact string
		want           bool
	}{
		{"Shall I remove you? Off the list?", "remove it", false}, // of the last question only
		{"Shall I be removing you, off the list?", "Remove it.", true},
		{"Shall I be removing you, off the list?", "yes, uh, remove it now", true},
		{"Shall I be removing you, off the list?", "remove it not", false},
		{"Shall I be removing you, off the list?", "retire it", false},
		{"Shall I cut you off the list?", "cut it", false}, // no other form of a short word
		{"May I do so, off the list?", "do it", true},
		{"Off the list, or remove it?", "remove it", false},
		{"Shall I keep or remove you off the list?", "keep it", false},
		{"Off the list?", "Plz.", true},
		{"Off the list?", "uh, please, please", true},
		{"Off the list?", "if you will", true},
		{"Off the list?", "please do", true},
		{"Off the list?", "do if you will", true},
		{"Off the list?", "please wait", false},
		{"The list?", "please", false},
	} {
		f, ok := d.FindLast([]Turn{{Agent, c.agent}, {Contact, c.contact}}, Options{})
		if ok != c.want {
			t.Errorf("%q to %q: found %v; want %v", c.contact, c.agent, ok, c.want)
		} else if ok {
			checkFinding(t, []Turn{{Agent, c.agent}, {Contact, c.contact}}, f)
		}
	}
}
