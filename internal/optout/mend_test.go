package optout

import (
	"strings"
	"testing"
)

// TestMend reads words that were misheard.
func TestMend(t *testing.T) {
	l, err := parse("xx", `
		dont = do not
		unlike = falling
		exact = never
		anchors = calling call unsubscribe stop remove never
		group g
		x: dont stop calling me list
		x: call|remove|unsubscribe`)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ text, want string }{
		{"stop caling me", "stop calling me"},
		{"stop callling me", "stop calling me"},
		{"stop clalin me", "stop ? me"}, // two letters
		{"stop clling me", "stop calling me"},
		{"stop acllings me", "stop ? me"},
		{"stop aclling me", "stop calling me"},
		{"stop CÄLLLING me", "stop calling me"},
		{"stop falling me", "stop ? me"},
		{"nefer stop", "? stop"},
		{"sto calling me", "? calling me"}, // too short to be guessed
		{"stop call ing me", "stop calling me"},
		{"stop cal ling me", "stop calling me"},
		{"stop call, ing me", "stop call ,? me"},
		{"re move me", "remove me"},
		{"stopcalling me", "stop calling me"},
		{"dont callme", "dont call me"},
		{"dontcall me", "dont call me"},
		{"melist me", "? me"}, // no anchor in it
		{"unsubscibe", "unsubscribe"},
		{"a b c d e f g h unsubscibe", "? ? ? ? ? ? ? ? ?"}, // some other language
	} {
		var r reader
		r.read(l, c.text)
		r.mend()
		r.join()
		if got := spoken(l, r.tokens, c.want); got != c.want {
			t.Errorf("%q reads %q; want %q", c.text, got, c.want)
		}
	}
}

// slipped returns the line with one letter wrong in the first anchor that is
// long enough, or "" if it has none, or becomes another word by it.
func slipped(l *language, line string, slip func(string) string) string {
	between := func(r rune) bool { return kindOf(r) == outside }
	for _, word := range strings.FieldsFunc(line, between) {
		text, err := folded(word)
		if err != nil || len(text) < minAnchor || len(text) != len(word) {
			continue
		}
		if w, ok := l.words[text]; !ok || !l.anchors.has(w) || l.exact.has(w) {
			continue
		}
		wrong := slip(text)
		if _, known := l.words[wrong]; known || l.unlike[wrong] {
			return ""
		}
		return strings.Replace(line, word, wrong, 1)
	}
	return ""
}

// TestSlips gets one letter of an anchor wrong.
func TestSlips(t *testing.T) {
	d, all := detector(), talks(t)
	for name, slip := range map[string]func(string) string{
		"swapped": func(s string) string { return s[:1] + s[2:3] + s[1:2] + s[3:] },
		"missing": func(s string) string { return s[:2] + s[3:] },
		"doubled": func(s string) string { return s[:3] + s[2:] },
		"wrong":   func(s string) string { return s[:len(s)-2] + "x" + s[len(s)-1:] },
	} {
		for _, l := range d.languages {
			tries, misses := 0, []string(nil)
			for _, k := range all {
				if k.language != l.tag || k.want != OptOut {
					continue
				}
				said := slipped(l, k.text(), slip)
				if said == "" {
					continue
				}
				tries++
				turns := k.last(func(string) string { return said })
				f, ok := d.FindLast(turns, Options{Language: l.tag})
				if !k.holds(f, ok) {
					misses = append(misses, said)
				}
			}
			if len(misses)*33 > tries {
				t.Errorf("%s: %s: %d of %d are not found: %q",
					l.tag, name, len(misses), tries, misses)
			}
		}
	}
}
