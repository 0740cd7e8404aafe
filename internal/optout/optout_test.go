package optout

import (
	"embed"
	"errors"
	"io/fs"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

//go:embed testdata/*.txt
var lines embed.FS

// A talk is a conversation, and what its last turn comes to.
type talk struct {
	language string
	turns    []Turn
	want     Verdict
	family   string // that it must be of; "" for any
}

// text is what the last turn says.
func (k talk) text() string { return k.turns[len(k.turns)-1].Text }

// holds reports whether a finding is what the talk comes to. What is no request
// may limit calls, if it offers others.
func (k talk) holds(f Finding, ok bool) bool {
	switch {
	case k.want == None:
		return !ok || f.Verdict == Scoped && f.Family == ""
	case k.family != "" && k.family != f.Family:
		return false
	}
	return ok && f.Verdict == k.want
}

// tags gives the language of each file of testdata.
var tags = map[string]string{
	"english": "en", "spanish": "es", "french": "fr", "german": "de", "portuguese": "pt",
	"italian": "it",
}

// detector is one for all tests: they do not change it.
var detector = sync.OnceValue(New)

// talks reads testdata/*.txt of the languages that have phrases; english.txt
// says how they are written.
func talks(t testing.TB) []talk {
	t.Helper()
	var all []talk
	for _, name := range slices.Sorted(maps.Keys(tags)) { // always the same ones are tried
		tag := tags[name]
		if !slices.ContainsFunc(detector().languages, func(l *language) bool {
			return l.tag == tag && len(l.groups) > 0
		}) {
			continue
		}
		text, err := lines.ReadFile("testdata/" + name + ".txt")
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, readTalks(t, tag, string(text))...)
	}
	return all
}

// readTalks reads one file of testdata.
func readTalks(t testing.TB, tag, text string) []talk {
	var read []talk
	k := talk{language: tag}
	end := func() {
		if k.turns != nil {
			read = append(read, k)
			k.turns = nil
		}
	}
	for line := range strings.Lines(text + "\n") {
		line = strings.TrimSpace(line)
		heading, isHeading := strings.CutPrefix(line, "# ")
		agent, ofAgent := strings.CutPrefix(line, "agent: ")
		contact, ofContact := strings.CutPrefix(line, "contact: ")
		switch {
		case isHeading:
			end()
			k.want, k.family = verdictOf(t, heading)
		case k.want == "" || line == "":
			end()
		case ofAgent:
			k.turns = append(k.turns, Turn{Agent, agent})
		case ofContact:
			k.turns = append(k.turns, Turn{Contact, contact})
		default:
			end()
			k.turns = []Turn{{Contact, line}}
			end()
		}
	}
	end()
	return read
}

// verdictOf reads a heading, "opt-out", "scoped FAMILY", "review FAMILY" or
// "not".
func verdictOf(t testing.TB, heading string) (v Verdict, family string) {
	t.Helper()
	name, rest, _ := strings.Cut(heading, " ")
	switch name {
	case "opt-out":
		return OptOut, ""
	case "scoped":
		return Scoped, rest
	case "review":
		return Review, rest
	case "not":
		return None, ""
	}
	t.Fatalf("heading %q: want opt-out, scoped, review or not", heading)
	return "", ""
}

func TestLines(t *testing.T) {
	d := detector()
	counts := map[string]int{}
	for _, k := range talks(t) {
		counts[k.language+" "+string(k.want)]++
		f, ok := d.FindLast(k.turns, Options{Language: k.language})
		if !k.holds(f, ok) {
			t.Errorf("%s: FindLast(%q) found %s %s %s in %q; want %s %s", k.language, k.turns,
				f.Verdict, f.Family, f.Phrase, f.Quote, k.want, k.family)
		} else if ok {
			checkFinding(t, k.turns, f)
		}
	}
	if counts["en opt_out"] < 250 || counts["en none"] < 350 {
		t.Errorf("read %v; want 250 opt-outs in English and 350 others", counts)
	}
}

// TestAgent gives the contact's words to the agent, whose words never are an
// opt-out.
func TestAgent(t *testing.T) {
	d := detector()
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
	d := detector()
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
	d := detector()
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
	d := detector()
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
	if text[f.Start:f.End] != f.Quote && !strings.ContainsRune(f.Quote, masked) || f.Phrase == "" {
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
	d, other := detector(), New()
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
