package optout

import (
	"slices"
	"strings"
	"testing"
)

// neutral is thirty words, or nearly, of each language that mean nothing here.
var neutral = map[string]string{
	"en": "The weather was lovely this morning and we went for a walk along the river. " +
		"Then it began to rain, so we had some soup and looked at the garden.",
	"es": "Esta mañana hacía buen tiempo y fuimos a pasear por el río. " +
		"Luego empezó a llover, así que tomamos una sopa caliente y miramos el jardín un rato.",
	"fr": "Ce matin il faisait beau et nous sommes allés marcher près de la rivière. " +
		"Puis la pluie est tombée, alors on a mangé une soupe en regardant le jardin.",
	"de": "Heute Morgen war das Wetter schön und wir gingen am Fluss spazieren. " +
		"Dann fing der Regen an, also aßen wir eine Suppe und sahen in den Garten.",
	"pt": "Hoje de manhã o tempo estava bonito e fomos passear perto do rio. " +
		"Depois começou a chover, então tomamos uma sopa quente e olhamos o jardim.",
	"it": "Questa mattina il tempo era bello e siamo andati a passeggio lungo il fiume. " +
		"Poi è arrivata la pioggia, così abbiamo mangiato una zuppa davanti al giardino.",
}

// tomorrow offers another time, in each language.
var tomorrow = map[string]string{
	"en": "call tomorrow instead", "es": "mejor llámeme mañana",
	"fr": "rappelez plutôt demain", "de": "rufen Sie lieber morgen an",
	"pt": "ligue amanhã", "it": "chiami domani piuttosto",
}

// atMost holds that hardly any of the tries came to something else.
func atMost(t *testing.T, share float64, tries, misses map[string][]string) {
	t.Helper()
	for name, missed := range misses {
		if got := float64(len(missed)) / float64(len(tries[name])); got > share {
			t.Errorf("%s: %.1f %% come to something else: %q", name, 100*got, missed)
		}
	}
}

// TestNeutral puts thirty words before and after requests.
func TestNeutral(t *testing.T) {
	d := detector()
	tries, misses := map[string][]string{}, map[string][]string{}
	for _, k := range talks(t) {
		if k.want != OptOut || len(k.turns) > 1 {
			continue
		}
		about := neutral[k.language]
		for name, text := range map[string]string{
			"before": about + " " + k.text(),
			"after":  strings.TrimRight(k.text(), ".!?") + ". " + about,
		} {
			name = k.language + " " + name
			tries[name] = append(tries[name], text)
			f, ok := d.FindLast([]Turn{{Contact, text}}, Options{Language: k.language})
			if !k.holds(f, ok) {
				misses[name] = append(misses[name], k.text())
			}
		}
	}
	atMost(t, 0.03, tries, misses)
}

// TestTomorrow offers another time, so that a request is none.
func TestTomorrow(t *testing.T) {
	d := detector()
	tries, misses := map[string][]string{}, map[string][]string{}
	for _, k := range talks(t) {
		if k.want != OptOut || len(k.turns) > 1 {
			continue
		}
		text := strings.TrimRight(k.text(), ".!?") + ", " + tomorrow[k.language]
		tries[k.language] = append(tries[k.language], text)
		f, ok := d.FindLast([]Turn{{Contact, text}}, Options{Language: k.language})
		if !ok || f.Verdict != Scoped {
			misses[k.language] = append(misses[k.language], text)
		}
	}
	atMost(t, 0.05, tries, misses)
}

// TestUnknownLanguage hears the lines in a call whose language nobody knows.
func TestUnknownLanguage(t *testing.T) {
	d := detector()
	tries, misses := map[string][]string{}, map[string][]string{}
	for _, k := range talks(t) {
		tries[k.language] = append(tries[k.language], k.text())
		if f, ok := d.FindLast(k.turns, Options{}); !k.holds(f, ok) {
			misses[k.language] = append(misses[k.language], k.text())
		}
	}
	atMost(t, 0.03, tries, misses)
}

// TestSplit says requests, and what is none, in two turns, split at each word,
// while the agent says nothing, murmurs or interrupts.
func TestSplit(t *testing.T) {
	d := detector()
	for between, share := range map[string]map[Verdict]float64{
		"":               {OptOut: 0.03, None: 0.06},
		"mhm":            {OptOut: 0.03, None: 0.09},
		"sir, if I may,": {OptOut: 0.05},
	} {
		tries, misses := map[string][]string{}, map[string][]string{}
		for i, k := range talks(t) {
			words := strings.Fields(k.text())
			if _, tried := share[k.want]; !tried || len(words) > 20 || i%4 > 0 { // some will do
				continue
			}
			name := k.language + " " + string(k.want) + " " + between
			for i := 1; i < len(words); i++ {
				turns := slices.Clone(k.turns[:len(k.turns)-1])
				turns = append(turns, Turn{Contact, strings.Join(words[:i], " ")})
				if between != "" {
					turns = append(turns, Turn{Agent, between})
				}
				turns = append(turns, Turn{Contact, strings.Join(words[i:], " ")})
				f, _ := d.Find(turns, Options{Language: k.language})
				tries[name] = append(tries[name], "")
				if (f.Verdict == OptOut) != (k.want == OptOut) {
					said := strings.Join(words[:i], " ") + " / " + strings.Join(words[i:], " ")
					misses[name] = append(misses[name], said)
				}
			}
		}
		for name := range misses {
			verdict := Verdict(strings.Fields(name)[1])
			one := map[string][]string{name: misses[name]}
			atMost(t, share[verdict], tries, one)
		}
	}
}

// FuzzStream says turns of any kind, and holds what is found in them to what a
// finding promises.
func FuzzStream(f *testing.F) {
	f.Add("stop\n[sir\ncalling me\n[yes?\nyou can call me")
	f.Add("don't call me\nbefore nine\n[May I call again?\nno\nno thanks")
	f.Add("no me llame\n[perdón\nmás")
	f.Fuzz(func(t *testing.T, talk string) {
		var turns []Turn
		for line := range strings.SplitSeq(talk[:min(len(talk), 2000)], "\n") {
			if text, ok := strings.CutPrefix(line, "["); ok {
				turns = append(turns, Turn{Agent, text})
			} else {
				turns = append(turns, Turn{Contact, line})
			}
		}
		d := detector()
		last, ok := d.FindLast(turns, Options{})
		if ok && last.Turn != len(turns)-1 {
			t.Errorf("FindLast(%q) = %+v: of another turn", turns, last)
		}
		end, found := d.Find(turns, Options{})
		if ok && !found {
			t.Errorf("Find(%q) finds nothing, FindLast %+v", turns, last)
		}
		for _, f := range []Finding{last, end} {
			if f.Verdict != "" {
				checkSpans(t, turns, f)
			}
		}
		if x := d.Explain(turns, Options{}); x.Found != found {
			t.Errorf("Explain(%q) = %+v; Find %+v", turns, x, end)
		}
	})
}

// checkSpans holds the words of a finding to the turns that they are in.
func checkSpans(t *testing.T, turns []Turn, f Finding) {
	t.Helper()
	spans := []Span{{f.Turn, f.Start, f.End, f.Quote}}
	if f.Before != nil {
		spans = append(spans, *f.Before)
		if f.Before.Turn >= f.Turn {
			t.Errorf("%q: %+v is before %d", turns, *f.Before, f.Turn)
		}
	}
	for _, s := range spans {
		if s.Turn < 0 || s.Turn >= len(turns) || turns[s.Turn].Speaker != Contact {
			t.Fatalf("%q: %+v is in no turn of the contact", turns, s)
		}
		if s.Start < 0 || s.Start >= s.End || s.End > len(turns[s.Turn].Text) || s.Quote == "" {
			t.Fatalf("%q: %+v is out of place", turns, s)
		}
	}
}
