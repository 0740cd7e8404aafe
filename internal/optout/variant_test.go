package optout

import (
	"strings"
	"testing"
)

// fillers are, in each language, a word that says nothing, and what is polite.
var fillers = map[string]struct{ filler, polite string }{
	"en": {"um", "please"}, "es": {"eh", "por favor"}, "fr": {"euh", "s'il vous plaît"},
	"de": {"äh", "bitte"}, "pt": {"hum", "por favor"}, "it": {"ehm", "per favore"},
}

// A variant says the same in another way, which must not change what is found.
type variant struct {
	name string
	of   func(k talk) []Turn
	flat bool // punctuation is lost, so where it means something this is skipped
}

// last returns the turns of k with what of makes of the last one.
func (k talk) last(of func(string) string) []Turn {
	turns := append([]Turn{}, k.turns...)
	turns[len(turns)-1].Text = of(k.text())
	return turns
}

// replaced is a variant in which some text is replaced by other.
func replaced(name string, pairs ...string) variant {
	r := strings.NewReplacer(pairs...)
	return variant{name: name, of: func(k talk) []Turn { return k.last(r.Replace) }}
}

var variants = []variant{
	{name: "upper case", of: func(k talk) []Turn { return k.last(strings.ToUpper) }},
	{name: "lower case", of: func(k talk) []Turn { return k.last(strings.ToLower) }},
	replaced("typographic", "'", "’"),
	replaced("no apostrophes", "'", ""),
	replaced("expletives", " ", " f***ing "),
	{name: "fillers", of: func(k talk) []Turn {
		return k.last(strings.NewReplacer(" ", " "+fillers[k.language].filler+" ").Replace)
	}},
	{name: "polite", of: func(k talk) []Turn {
		polite := fillers[k.language].polite
		return k.last(func(s string) string { return polite + " " + s + " " + polite })
	}},
	{name: "space", of: func(k talk) []Turn {
		return k.last(func(s string) string { return "\n " + s + " \t" })
	}},
	{name: "no punctuation", flat: true, of: func(k talk) []Turn {
		return k.last(strings.NewReplacer(".", "", ",", "", "!", "", "?", "", ";", "").Replace)
	}},
}

// TestVariants holds each variant of the lines to what the lines come to, up to
// a small share: language is not that regular.
func TestVariants(t *testing.T) {
	d, all := detector(), talks(t)
	for _, v := range variants {
		tries, misses := map[string]int{}, map[string][]string{}
		for _, k := range all {
			said := k.text()
			if v.flat && (k.want != OptOut || strings.ContainsAny(said[:len(said)-1], ".,!?;")) {
				continue
			}
			tries[k.language]++
			turns := v.of(k)
			if f, ok := d.FindLast(turns, Options{Language: k.language}); !k.holds(f, ok) {
				misses[k.language] = append(misses[k.language], turns[len(turns)-1].Text)
			}
		}
		for tag, missed := range misses {
			if share := float64(len(missed)) / float64(tries[tag]); share > 0.03 {
				t.Errorf("%s: %s: %.1f %% come to something else: %q",
					v.name, tag, 100*share, missed)
			}
		}
	}
}
