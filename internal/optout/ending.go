package optout

import "bytes"

// An ending is a word that is written at the end of others, as "me" is in the
// Spanish "llamarme".
type ending struct {
	text []byte // folded
	word word
}

// minStem is how many folded bytes stand before an ending at least.
const minStem = 2

// affixes reads "endings = me nos ..." or "elided = m n ...".
func (p *parser) affixes(to *[]ending, texts []string) error {
	for _, text := range texts {
		w, err := p.word(text)
		if err != nil {
			return err
		}
		text, err := folded(text)
		if err != nil {
			return err
		}
		*to = append(*to, ending{[]byte(text), w})
	}
	return nil
}

// spell keeps w, the word of the first n folded bytes. If it is unknown but for
// an ending, both are kept; each of them spans the whole.
func (r *reader) spell(w word, n, first, last int) {
	if w == unknown && n <= maxWord {
		for _, e := range r.lang.endings {
			stem, ok := bytes.CutSuffix(r.letter[:n], e.text)
			if !ok || len(stem) < minStem {
				continue
			}
			if v, ok := r.lang.word(stem); ok {
				r.keep(v, first, last)
				w = e.word
				break
			}
		}
	}
	if w == unknown && n <= maxWord {
		w = r.elision(n, first, last)
	}
	r.keep(w, first, last)
}

// elision keeps the elided word that the first n folded bytes begin with, if
// they go on with a known one, as in "mappelez" for "m'appelez", which it
// returns.
func (r *reader) elision(n, first, last int) word {
	for _, e := range r.lang.elided {
		rest, ok := bytes.CutPrefix(r.letter[:n], e.text)
		if !ok || len(rest) < minStem || !bytes.ContainsRune([]byte("aehiouy"), rune(rest[0])) {
			continue
		}
		if w, ok := r.lang.word(rest); ok {
			r.keep(e.word, first, last)
			return w
		}
	}
	return unknown
}

// elides reports whether the first n folded bytes are an elided word, so that
// an apostrophe ends it.
func (r *reader) elides(n int) bool {
	for _, e := range r.lang.elided {
		if bytes.Equal(r.letter[:n], e.text) {
			return true
		}
	}
	return false
}
