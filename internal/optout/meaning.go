package optout

import (
	"fmt"
	"strings"
)

// A meaning is what words of several languages have in common, as "phone" and
// "llamar" do. The weights know sentences by the meanings of their words, so that what
// they have learned in one language they know in all.
type meaning uint8

// What stands in a sentence and is no word, and the first that a word may mean.
const (
	noMeaning meaning = iota
	meansBegin
	meansBreath
	meansStop
	meansQuery
	meansEnd
	firstMeaning
)

// A part of a request is what is to be done, or what with.
type part uint8

const (
	deed part = 1 << iota
	thing
)

// meanings are what phrase files may say that words mean, from firstMeaning on,
// and which part of a request that may be.
var meanings = [...]struct {
	name string
	part part
}{
	{"not", deed},
	{"call", thing},
	{"cease", deed},
	{"remove", deed},
	{"list", thing},
	{"number", thing},
	{"me", 0},
	{"my", 0},
	{"you", 0},
	{"they", 0},
	{"kin", 0},
	{"again", deed},
	{"keep", 0},
	{"want", 0},
	{"say", 0},
	{"ask", 0},
	{"may", 0},
	{"if", 0},
	{"where", 0},
	{"when", 0},
	{"place", 0},
	{"write", 0},
	{"law", deed},
	{"consent", thing},
	{"revoke", deed},
	{"yes", 0},
	{"put", deed},
	{"sale", 0},
	{"dnc", deed | thing},
	{"optout", deed | thing},
}

// part returns which part of a request a word of that meaning may be.
func (m meaning) part() part {
	if m < firstMeaning {
		return 0
	}
	return meanings[m-firstMeaning].part
}

// mean reads "means NAME = ...": words and classes. What a word was said to mean
// first stands.
func (p *parser) mean(name, members string) error {
	i := 0
	for i < len(meanings) && meanings[i].name != name {
		i++
	}
	if i == len(meanings) {
		return fmt.Errorf("means %s: there is no such meaning, see README.md", name)
	}
	words, err := p.set(strings.Fields(members))
	if err != nil {
		return err
	}
	for w := range word(len(words) * 64) {
		if !words.has(w) {
			continue
		}
		for int(w) >= len(p.lang.meanings) {
			p.lang.meanings = append(p.lang.meanings, noMeaning)
		}
		if p.lang.meanings[w] == noMeaning {
			p.lang.meanings[w] = firstMeaning + meaning(i)
		}
	}
	return nil
}

// meaning returns what a word means, if that is known.
func (l *language) meaning(w word) meaning {
	if int(w) < len(l.meanings) {
		return l.meanings[w]
	}
	return noMeaning
}

// meaning returns what stands before a word, if that is anything.
func (p pause) meaning() meaning {
	switch p {
	case comma:
		return meansBreath
	case full:
		return meansStop
	case question:
		return meansQuery
	}
	return noMeaning
}
