package optout

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// spellings reads "word = other, another", if the line is one, for the others
// that are one word.
func (p *parser) spellings(line string) error {
	name, others, ok := strings.Cut(line, "=")
	name = strings.TrimSpace(name)
	if !ok || name == "" || strings.ContainsAny(name, "@<: ") || isSetting(name) {
		return nil
	}
	as, err := p.spelled(name)
	if err != nil {
		return err
	}
	for other := range strings.SplitSeq(others, ",") {
		if words := strings.Fields(other); len(words) == 1 {
			if err := p.same(words[0], as); err != nil {
				return err
			}
		}
	}
	return nil
}

// isSetting reports whether "name = ..." sets something, and is about no word
// of that name.
func isSetting(name string) bool {
	switch name {
	case "anchors", "short", "digits", "exact", "lone", "endings", "elided", "unlike":
		return true
	}
	return false
}

// spelled returns the word that others are read as; the word "drop" stands
// for nothing.
func (p *parser) spelled(name string) (word, error) {
	if name == "drop" {
		return dropped, nil
	}
	return p.word(name)
}

// umlauts are written as two letters where there are no others.
var umlauts = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "Ä", "ae", "Ö", "oe", "Ü", "ue")

// spellOut makes text with its umlauts as two letters another spelling of w,
// unless that is a word already.
func (p *parser) spellOut(text string, w word) error {
	text, err := folded(umlauts.Replace(text))
	if err != nil {
		return err
	}
	if _, ok := p.lang.words[text]; !ok {
		p.lang.words[text] = w
	}
	return nil
}

// same makes text another spelling of a word.
func (p *parser) same(written string, as word) error {
	text, err := folded(written)
	if err != nil {
		return err
	}
	if _, ok := p.lang.words[text]; ok {
		return fmt.Errorf("%s is a word already", text)
	}
	p.lang.words[text] = as
	return p.spellOut(written, as)
}

// joints reads "word = other words, others still", for the others that are
// more than one word.
func (p *parser) joints(name, others string) error {
	as, err := p.spelled(name)
	if err != nil {
		return err
	}
	for other := range strings.SplitSeq(others, ",") {
		words := strings.Fields(other)
		if len(words) == 0 {
			return errors.New("a comma too many")
		}
		if len(words) > 1 {
			if err := p.joint(words, as); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *parser) joint(spelled []string, as word) error {
	j := joint{as: as}
	for _, text := range spelled {
		w, err := p.word(text)
		if err != nil {
			return err
		}
		if w == dropped {
			return fmt.Errorf("%s is dropped, it is never seen here", text)
		}
		j.words = append(j.words, w)
	}
	p.lang.joints[j.words[0]] = append(p.lang.joints[j.words[0]], j)
	return nil
}

// more reads "anchors = ...", "short = ..." or "digits = ...": words and classes.
func (p *parser) more(to *set, members string) error {
	s, err := p.set(strings.Fields(members))
	to.addAll(s)
	return err
}

// unlike reads "unlike = ...": words that are no slips of an anchor.
func (p *parser) unlike(words string) error {
	for text := range strings.FieldsSeq(words) {
		text, err := folded(text)
		if err != nil {
			return err
		}
		p.lang.unlike[text] = true
	}
	return nil
}

// class reads "@name = ...", words and classes.
func (p *parser) class(name, members string) error {
	if _, ok := p.classes[name]; ok {
		return fmt.Errorf("class %s is there already", name)
	}
	s, err := p.set(strings.Fields(members))
	p.classes[name] = s
	return err
}

// set returns the set of words and @classes.
func (p *parser) set(members []string) (set, error) {
	var s set
	for _, m := range members {
		if class, ok := p.classes[m]; ok {
			s.addAll(class)
			continue
		}
		w, err := p.word(m)
		if err != nil {
			return nil, err
		}
		if w == dropped {
			return nil, fmt.Errorf("%s is dropped, it is never seen here", m)
		}
		s.add(w)
	}
	return s, nil
}

// maxWords is how many spellings a language may have.
const maxWords = 1 << 15

// word returns the word for a text, which becomes one if it is not yet.
func (p *parser) word(written string) (word, error) {
	text, err := folded(written)
	if err != nil {
		return 0, err
	}
	w, ok := p.lang.words[text]
	if len(p.lang.words) >= maxWords {
		return 0, fmt.Errorf("more than %d words", maxWords)
	}
	if !ok {
		w = firstWord + word(len(p.lang.words))
		p.lang.words[text], p.lang.names[w] = w, text
	}
	return w, p.spellOut(written, w)
}

// folded returns a word as the reader would see it.
func folded(text string) (string, error) {
	var p []byte
	for _, r := range text {
		switch kindOf(r) {
		case letter, digit:
			n := len(p)
			p = append(p, make([]byte, utf8.UTFMax)...)
			p = p[:n+fold(p[n:], r)]
		case apostrophe:
		default:
			return "", fmt.Errorf("%q is neither a word nor a @class", text)
		}
	}
	if len(p) == 0 || len(p) > maxWord {
		return "", fmt.Errorf("%q is not a word", text)
	}
	return string(p), nil
}
