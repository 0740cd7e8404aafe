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

// endings reads "endings = me nos ...".
func (p *parser) endings(texts []string) error {
	for _, text := range texts {
		w, err := p.word(text)
		if err != nil {
			return err
		}
		text, err := folded(text)
		if err != nil {
			return err
		}
		p.lang.endings = append(p.lang.endings, ending{[]byte(text), w})
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
			if v, ok := r.lang.words[string(stem)]; ok {
				r.keep(v, first, last)
				w = e.word
				break
			}
		}
	}
	r.keep(w, first, last)
}
