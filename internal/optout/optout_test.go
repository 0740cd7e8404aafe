package optout

import (
	_ "embed"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

//go:embed testdata/english.txt
var englishTalks string

// A talk is a conversation, and whether its last turn is an opt-out.
type talk struct {
	turns  []Turn
	optOut bool
}

// text is what the last turn says.
func (k talk) text() string { return k.turns[len(k.turns)-1].Text }

// talks reads testdata/english.txt; it says itself how.
func talks(t testing.TB) []talk {
	t.Helper()
	var read []talk
	heading, block := "", []Turn(nil)
	end := func() {
		if block != nil {
			read = append(read, talk{block, heading == "opt-out"})
			block = nil
		}
	}
	for line := range strings.Lines(englishTalks + "\n") {
		line = strings.TrimSpace(line)
		name, isHeading := strings.CutPrefix(line, "# ")
		agent, ofAgent := strings.CutPrefix(line, "agent: ")
		contact, ofContact := strings.CutPrefix(line, "contact: ")
		switch {
		case isHeading:
			end()
			heading = name
		case heading == "":
		case line == "":
			end()
		case ofAgent:
			block = append(block, Turn{Agent, agent})
		case ofContact:
			block = append(block, Turn{Contact, contact})
		default:
			end()
			block = []Turn{{Contact, line}}
			end()
		}
	}
	end()
	return read
}

func TestEnglish(t *testing.T) {
	d := New()
	counts := map[bool]int{}
	for _, k := range talks(t) {
		counts[k.optOut]++
		f, ok := d.FindLast(k.turns, Options{Language: "en-US"})
		switch {
		case ok && !k.optOut:
			t.Errorf("FindLast(%q) found %s in %q; want nothing", k.turns, f.Phrase, f.Quote)
		case !ok && k.optOut:
			t.Errorf("FindLast(%q) found nothing; want an opt-out", k.turns)
		case ok:
			checkFinding(t, k.turns, f)
		}
	}
	if counts[true] < 250 || counts[false] < 350 {
		t.Errorf("read %d opt-outs and %d others; want 250 and 350", counts[true], counts[false])
	}
}

// TestVariants says the same in other ways, which must not change what is
// found.
func TestVariants(t *testing.T) {
	replace := func(pairs ...string) func(string) string {
		return strings.NewReplacer(pairs...).Replace
	}
	d := New()
	for _, variant := range []struct {
		name string
		of   func(string) string
		flat bool // punctuation is lost, so where it means something this is skipped
	}{
		{"upper case", strings.ToUpper, false},
		{"lower case", strings.ToLower, false},
		{"typographic", replace("'", "’"), false},
		{"no apostrophes", replace("'", ""), false},
		{"fillers", replace(" ", " um "), false},
		{"expletives", replace(" ", " f***ing "), false},
		{"polite", func(s string) string { return "please " + s + " please" }, false},
		{"space", func(s string) string { return "\n " + s + " \t" }, false},
		{"no punctuation", replace(".", "", ",", "", "!", "", "?", "", ";", ""), true},
	} {
		for _, k := range talks(t) {
			said := k.text()
			if variant.flat && (!k.optOut || strings.ContainsAny(said[:len(said)-1], ".,!?;")) {
				continue
			}
			turns := append([]Turn{}, k.turns...)
			turns[len(turns)-1].Text = variant.of(said)
			if f, ok := d.FindLast(turns, Options{}); ok != k.optOut {
				t.Errorf("%s: FindLast(%q) = %+v, %v", variant.name, turns, f, ok)
			}
		}
	}
}

// TestAgent gives the contact's words to the agent, whose words never are an
// opt-out.
func TestAgent(t *testing.T) {
	d := New()
	for _, k := range talks(t) {
		turns := append([]Turn{}, k.turns...)
		turns[len(turns)-1].Speaker = Agent
		if f, ok := d.FindLast(turns, Options{Language: "en"}); ok {
			t.Errorf("FindLast(%q) = %+v; want nothing in the agent's words", turns, f)
		}
	}
}

// TestNeverSaid denies each opt-out.
func TestNeverSaid(t *testing.T) {
	d := New()
	for _, text := range []string{
		"don't call me", "stop calling me", "take me off your list", "I want to opt out",
		"put me on your do not call list", "remove my number", "I revoke my consent",
		"I don't want any more calls", "no more calls",
	} {
		for _, denial := range []string{"I never said ", "I'm not saying ", "I didn't say "} {
			if f, ok := d.Find([]Turn{{Contact, denial + text}}, Options{Language: "en"}); ok {
				t.Errorf("Find(%q) = %+v; want nothing", denial+text, f)
			}
		}
	}
}

func TestQuote(t *testing.T) {
	d := New()
	for _, c := range []struct {
		text, phrase, quote string
	}{
		{"Please don't call me again.", "dont_call", "don't call me again"},
		{"«Ça» – naïve… DON’T CALL ME", "dont_call", "DON’T CALL ME"},
		{"Hm, d- don't, um, call me.", "dont_call", "don't, um, call me"},
		{"take me take me off your list", "list_removal", "take me off your list"},
		{"Would you listen? Stop calling us!", "stop_calling", "Stop calling us"},
		{"'Stop calling', I said", "stop_calling", "Stop calling"},
		{"\xff\xfe don't \xf0 call me", "dont_call", "don't \xf0 call me"},
		{"put me on your D.N.C. list, please", "dnc_list", "put me on your D.N.C. list"},
		{"I asked you to stop", "told_you", "asked you to stop"},
	} {
		f, ok := d.Find([]Turn{{Contact, c.text}}, Options{Language: "en"})
		if !ok || f.Quote != c.quote || f.Phrase != c.phrase {
			t.Errorf("Find(%q) = %+v, %v; want %s in %q", c.text, f, ok, c.phrase, c.quote)
			continue
		}
		checkFinding(t, []Turn{{Contact, c.text}}, f)
	}
}

func TestFind(t *testing.T) {
	d := New()
	turns := []Turn{
		{Agent, "Hello, stop calling me if I bore you."},
		{Contact, "Who is this?"},
		{Agent, "Brightside. Would you like me to take you off our list?"},
		{Contact, "Yes, please."},
		{Contact, "And don't call me again."},
	}
	f, ok := d.Find(turns, Options{})
	if want := (Finding{
		Verdict: OptOut, Turn: 3, Phrase: "offer_accepted", Quote: "Yes", End: 3, Language: "en",
	}); !ok || !reflect.DeepEqual(f, want) {
		t.Errorf("Find = %+v, %v; want %+v", f, ok, want)
	}
	if f, ok := d.FindLast(turns, Options{Language: "de-DE"}); !ok || f.Turn != 4 {
		t.Errorf("FindLast = %+v, %v; want turn 4: English is heard in every call", f, ok)
	}
	if f, ok := d.FindLast(turns[:3], Options{}); ok {
		t.Errorf("FindLast = %+v; want nothing", f)
	}
	if f, ok := d.Find(nil, Options{}); ok {
		t.Errorf("Find(nil) = %+v; want nothing", f)
	}
	if f, ok := new(Detector).Find(turns, Options{}); ok {
		t.Errorf("zero Detector: Find = %+v; want nothing", f)
	}
}

func TestSpeaks(t *testing.T) {
	l := &language{tag: "pt"}
	for tag, want := range map[string]bool{
		"": true, "und": true, "pt": true, "PT-BR": true, "en": false, "p": false,
	} {
		if got := l.speaks(tag); got != want {
			t.Errorf("speaks(%q) = %v; want %v", tag, got, want)
		}
	}
}

// checkFinding holds a finding against the turn that it is said to be in.
func checkFinding(t *testing.T, turns []Turn, f Finding) {
	t.Helper()
	if f.Turn != len(turns)-1 {
		t.Fatalf("%q: %+v is in another turn", turns, f)
	}
	text := turns[f.Turn].Text
	if f.Start < 0 || f.End > len(text) || f.Start >= f.End {
		t.Fatalf("%q: %+v is out of place", turns, f)
	}
	if text[f.Start:f.End] != f.Quote || f.Phrase == "" || f.Language != "en" {
		t.Errorf("%q: %+v does not fit", turns, f)
	}
	if utf8.ValidString(text) && !utf8.ValidString(f.Quote) {
		t.Errorf("%q: %+v splits a letter", turns, f)
	}
}

func FuzzFind(f *testing.F) {
	for _, k := range talks(f) {
		f.Add("Would you like to be removed from our list?", k.text())
	}
	f.Add("", "d- d- \xff don’t c\u0301all me… * ' ''' f**k")
	d, other := New(), New()
	f.Fuzz(func(t *testing.T, agent, contact string) {
		turns := []Turn{{Agent, agent}, {Contact, contact}}
		found, ok := d.FindLast(turns, Options{})
		if ok {
			checkFinding(t, turns, found)
		}
		again, ok2 := other.FindLast(turns, Options{})
		if ok2 != ok || !reflect.DeepEqual(again, found) {
			t.Errorf("%q: %+v, %v at first and %+v, %v then", turns, found, ok, again, ok2)
		}
		turns[1].Speaker = Agent
		if found, ok := d.FindLast(turns, Options{}); ok {
			t.Errorf("%q: %+v in the agent's words", turns, found)
		}
	})
}
