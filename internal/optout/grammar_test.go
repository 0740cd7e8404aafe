package optout

import (
	"strings"
	"testing"
)

func TestParseErrors(t *testing.T) {
	const head = "anchors = stop\ngroup any\n"
	for _, c := range []struct{ text, want string }{
		{"hello", "line 1: \"hello\" is no group and has neither = nor :"},
		{"# a\n\n= a", "line 3: \"= a\" lacks one side"},
		{"a =", "line 1: \"a =\" lacks one side"},
		{"@a = b\n@a = c", "line 2: class @a is there already"},
		{"a = b\nc = b", "line 2: b is a word already"},
		{"a = b c,, d", "line 1: a comma too many"},
		{"drop = uh\na = b uh", "line 2: uh is dropped, it is never seen here"},
		{"drop = uh\ngroup any\nx: stop uh", "line 3: uh: uh is dropped, it is never seen here"},
		{"x: stop", "line 1: x is in no group"},
		{"group any of it", "line 1: group \"any of it\": want NAME or NAME with OTHER"},
		{"group a with b", "line 1: group a: there is no group b before it"},
		{head + "x y z: stop", "line 3: \"x y z\": want NAME or KIND NAME"},
		{head + "befor x: stop", "line 3: befor: want before, after, sentence or later"},
		{head + "x: stop @call", "line 3: @call: \"@call\" is neither a word nor a @class"},
		{head + "x: stop ..99", "line 3: ..99: a gap is of 1 to 12 words"},
		{head + "x: stop ..", "line 3: ..: a gap is of 1 to 12 words"},
		{head + "x: stop" + strings.Repeat(" ..1 a", 7), "line 3: more than 30 steps or 6 gaps"},
		{head + "family", "line 3: \"family\" is no group"},
		{head + "family hue", "line 3: there is no family hue"},
		{head + "before? hue: a", "line 3: there is no family hue"},
		{"family alone", "line 1: family alone: want one name, in a group"},
		{head + "scope hue: a", "line 3: scope hue: want time, "},
		{head + "x: stop hue:a", "line 3: hue:a: there is no slot \"hue\""},
		{head + "x: stop <me>", "line 3: there is no sub-pattern <me> before it"},
		{head + "<me = a", "line 3: \"<me\": want <name>"},
		{head + "<me> = a,, b", "line 3: a comma too many"},
		{head + "<a> = b, stop\nx: <a> c", "line 4: x: needs a step"},
		{
			head + "<a> = b, c d\n<b> = <a> <a>\n<c> = <b> <b> <b>\nx: stop <c> <c> <c>",
			"line 6: more than",
		},
		{head + "x: stop a||b", "line 3: a||b: \"\" is not a word"},
		{head + "x: me? stop", "line 3: x: must begin with a word that is not optional"},
		{head + "x: call me", "line 3: x: needs a step all of whose words are anchors"},
		{head + "x: stop|call me", "line 3: x: needs a step all of whose words are anchors"},
		{head + "x: stop\nanswer y: BEGIN ..2 no", "line 4: answer y: must begin with words"},
		{head + "x: stop\nanswer y: BEGIN END", "line 4: answer y: has only optional words"},
	} {
		_, err := parse("xx", c.text)
		if err == nil || !strings.HasPrefix(err.Error(), "phrases xx: "+c.want) {
			t.Errorf("parse(%q) = %v; want %s", c.text, err, c.want)
		}
	}
}

// TestMatch tries each kind of step.
func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, text, want string
	}{
		{"a <s> d", "a b d", "a b d"},
		{"a <s> d", "a c x d", "a c x d"},
		{"a <s> d", "a c d", ""},
		{"a <s>? d", "a d", "a d"},
		{"<s> <s>", "b c x b", "b c x"},
		{"<t> b", "c x x d b", "c x x d b"},
		{"a <t>? b", "a b d b", "a b d b"},
		{"a list:<s>?", "a", "a"},
		{"a ?", "a b", ""},
		{"a ?", "a? b", "a"},
		{"a ?", "a?", "a"},
		{"a b", "a b c", "a b"},
		{"a b", "a. b", ""},
		{"a b?", "a c", "a"},
		{"a b? c", "a b c", "a b c"},
		{"a|x b", "x b", "x b"},
		{"a !b", "a c", "a c"},
		{"a !b", "a b", ""},
		{"a !b", "a, c", ""},
		{"a !b", "a", ""},
		{"a ..2 b", "a b c b", "a b"},
		{"a ..2 b", "a c d b", "a c d b"},
		{"a ..2 b", "a c d c b", ""},
		{"a ..2!c b", "a c b", ""},
		{"a ..2 b", "a c. b", ""},
		{"a ..2+ b", "a c d b", "a c d b"},
		{"a ..2+ b", "a, c b", ""},
		{"a ..2+ b", "a c, d b", ""},
		{"a ..2+!c b", "a c b", ""},
		{"a . b", "a. b", "a. b"},
		{"a . b", "a b", ""},
		{"a .", "a", "a"},
		{"a + b", "a, b", ""},
		{"a + b", "a b", "a b"},
		{"a PAUSE b", "a, b", "a, b"},
		{"a PAUSE b", "a. b", "a. b"},
		{"a PAUSE b", "a b", ""},
		{"a PAUSE", "a.", ""},
		{"BEGIN a END", "a", "a"},
		{"BEGIN a END", "a. b", ""},
		{"a DIGITS", "a 5pm", "a 5pm"},
	} {
		l, err := parse("xx", "anchors = a x b c\n<s> = b, c x\n<t> = <s> ..1 d\n"+
			"group g\nalphabet: a|x|b|c|d a\nrule: "+c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		var r reader
		r.read(l, c.text)
		s := r.passage()
		pl := s.place()
		got := ""
		if end, ok := pl.match(l.groups[0].phrases[1].pattern, 0); ok {
			got = c.text[:r.tokens[end-1].end]
		}
		if got != c.want {
			t.Errorf("%q matches %q of %q; want %q", c.pattern, got, c.text, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	english, err := files.ReadFile("phrases/english.txt")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(english[:2000]))
	f.Add("@a = b\ndrop = uh\nb = c d, e\nanchors = @a\n" +
		"group g\nx: b ..2!c . !d + END\nanswer n: BEGIN e")
	f.Fuzz(func(t *testing.T, text string) {
		l, err := parse("xx", text)
		if err != nil {
			return
		}
		said := text[:min(len(text), 500)]
		new(hearing).hear([]*language{l}, []Turn{{Agent, said}, {Contact, said}}, "")
	})
}

// TestEndings reads words with pronouns at their end.
func TestEndings(t *testing.T) {
	l, err := parse("xx", "anchors = call\nendings = me us\ngroup g\nx: call me\ny: call us")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"say cállme now": "cállme", "callus": "callus", "call me": "call me",
		"calme": "", "me": "", "recallme": "",
	} {
		d := &Detector{languages: []*language{l}}
		f, _ := d.FindLast([]Turn{{Contact, text}}, Options{})
		if f.Quote != want {
			t.Errorf("find(%q) quotes %q; want %q", text, f.Quote, want)
		}
	}
}

// TestElided reads words with others before an apostrophe, or without it.
func TestElided(t *testing.T) {
	l, err := parse("xx",
		"me = m\nanchors = me\nelided = m qu\ngroup g\nx: me appelez\ny: me heurte")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"ne m'appelez plus": "m'appelez", "M’appelez": "M’appelez", "mappelez": "mappelez",
		"m' appelez": "m' appelez", "m appelez": "m appelez", "mheurte": "mheurte",
		"qu'm'appelez": "m'appelez", "mappel": "", "xm'appelez": "", "m'": "",
	} {
		d := &Detector{languages: []*language{l}}
		f, _ := d.FindLast([]Turn{{Contact, text}}, Options{})
		if f.Quote != want {
			t.Errorf("find(%q) quotes %q; want %q", text, f.Quote, want)
		}
	}
}

// TestTwoLetters reads umlauts and ligatures as two letters.
func TestTwoLetters(t *testing.T) {
	l, err := parse("xx", "öl = Gemüse\nanchors = löschen öl straße cœur\n"+
		"group g\nx: löschen\ny: öl\nz: straße\nc: cœur")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"LÖSCHEN", "loeschen", "loschen", "öl", "Oel", "Gemuese", "gemuse", "Strasse", "straße",
		"coeur", "cœur",
	} {
		d := &Detector{languages: []*language{l}}
		if f, ok := d.FindLast([]Turn{{Contact, text}}, Options{}); !ok || f.Quote != text {
			t.Errorf("find(%q) quotes %q, %v", text, f.Quote, ok)
		}
	}
}

// TestDoubts makes requests a thing for review.
func TestDoubts(t *testing.T) {
	l, err := parse("xx", "anchors = stop off\nlater? reversal: wait\nlater reversal: never mind\n"+
		"group base\nbefore? reported: he ..2\nafter? object: ads\nsentence? threat: haha\n"+
		"group g with base\nx: stop it\ny: off list")
	if err != nil {
		t.Fatal(err)
	}
	d := &Detector{languages: []*language{l}}
	for text, want := range map[string]string{
		"stop it": "opt_out ", "he said stop it": "review reported",
		"stop it ads":  "review object",
		"haha stop it": "review threat", "haha. stop it": "opt_out ",
		"stop it. wait":           "review reversal",
		"stop it. wait. off list": "opt_out ", "stop it. wait, never mind": " ",
	} {
		f, _ := d.FindLast([]Turn{{Contact, text}}, Options{})
		if got := string(f.Verdict) + " " + f.Family; got != want {
			t.Errorf("%q is %q; want %q", text, got, want)
		}
		_, ok := d.FindLast([]Turn{{Contact, text}}, Options{Preset: Strict})
		if ok != (f.Verdict == OptOut) {
			t.Errorf("%q: strict finds %v", text, ok)
		}
	}
}
