package optout

import (
	_ "embed"
	"slices"
	"strings"
	"unicode"
)

//go:embed phrases/english.txt
var english string

type token struct {
	word       string // lower case, without apostrophes
	start, end int
}

type phrase struct {
	name  string
	steps [][]string // the words that may stand in each place
}

// parse reads phrases: a line each, a name, a colon and the places, each with
// its words between bars.
func parse(text string) []phrase {
	var phrases []phrase
	for line := range strings.Lines(text) {
		name, places, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		p := phrase{name: name}
		for place := range strings.FieldsSeq(places) {
			p.steps = append(p.steps, strings.Split(place, "|"))
		}
		phrases = append(phrases, p)
	}
	return phrases
}

// at reports whether the phrase stands at the beginning of tokens, and how
// many of them it takes.
func (p phrase) at(tokens []token) (int, bool) {
	if len(tokens) < len(p.steps) {
		return 0, false
	}
	for i, words := range p.steps {
		if !slices.Contains(words, tokens[i].word) {
			return 0, false
		}
	}
	return len(p.steps), true
}

func tokenize(text string) []token {
	var tokens []token
	start := -1
	for i, r := range text + " " {
		inside := unicode.IsLetter(r) || unicode.IsDigit(r) || r == '\'' || r == '’'
		if inside && start < 0 {
			start = i
		}
		if !inside && start >= 0 {
			word := strings.ToLower(strings.NewReplacer("'", "", "’", "").Replace(text[start:i]))
			tokens = append(tokens, token{word: word, start: start, end: i})
			start = -1
		}
	}
	return tokens
}
