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
		if to == &p.lang.endings {
			p.lang.lasts |= letters([]byte{text[len(text)-1]})
		}
	}
	return nil
}

// spell keeps a word. If it is unknown but for an ending, both are kept; each of
// them spans the whole.
func (r *reader) spell(s *scan, w *spelled) {
	is := r.known(s, w)
	if is == unknown && w.to-w.from <= maxWord {
		is = r.ended(s.of(w), w)
		if is == unknown {
			is = r.elision(s.of(w), w)
		}
	}
	r.keep(is, w.start, w.end)
}

// ended keeps the known word that letters have before an ending, as in
// "llamarme", and returns the ending.
func (r *reader) ended(letters []byte, w *spelled) word {
	if len(letters) == 0 || r.lang.lasts>>(letters[len(letters)-1]&31)&1 == 0 {
		return unknown
	}
	for _, e := range r.lang.endings {
		stem, ok := bytes.CutSuffix(letters, e.text)
		if !ok || len(stem) < minStem {
			continue
		}
		if v, ok := r.lang.word(stem); ok {
			r.keep(v, w.start, w.end)
			return e.word
		}
	}
	return unknown
}

// elision keeps the elided word that letters begin with, if they go on with a
// known one, as in "mappelez" for "m'appelez", which it returns.
func (r *reader) elision(letters []byte, w *spelled) word {
	for _, e := range r.lang.elided {
		rest, ok := bytes.CutPrefix(letters, e.text)
		if !ok || len(rest) < minStem || !bytes.ContainsRune([]byte("aehiouy"), rune(rest[0])) {
			continue
		}
		if v, ok := r.lang.word(rest); ok {
			r.keep(e.word, w.start, w.end)
			return v
		}
	}
	return unknown
}

// elides reports whether letters are an elided word, so that an apostrophe ends
// it.
func (r *reader) elides(letters []byte) bool {
	for _, e := range r.lang.elided {
		if bytes.Equal(letters, e.text) {
			return true
		}
	}
	return false
}
