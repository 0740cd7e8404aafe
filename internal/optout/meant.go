package optout

// What is looked back at: so many meanings, and so many words.
const (
	farthest = 6
	beside   = 2
)

// meantBefore is what the last words meant.
type meantBefore struct {
	meanings [farthest]meaning // of the words that have any, and pauses, the last one first
	at       [farthest]int32   // and the places of those words
	near     [beside]meaning   // of the last words, known or not
	spelt    [beside]uint32    // and the hashes of how they are written
}

// Marks of the kinds of features.
const (
	markRow = 0x1F3D5B79 * (iota + 1)
	markGaps
	markPair
	markBefore
	markAfter
)

// meanings takes the features of what the words of tokens mean.
func (f *featurer) meanings(r *reader, tokens []token, after pause) {
	f.meant = meantBefore{}
	f.means(meansBegin, 0)
	for i, t := range tokens {
		if p := t.pause.meaning(); p != noMeaning && i > 0 {
			f.means(p, int32(i))
		}
		m := r.lang.meaning(t.word)
		if m != noMeaning {
			f.means(m, int32(i+1))
		}
		f.beside(m, r.spelt(t))
	}
	if after == question {
		f.means(meansQuery, int32(len(tokens)))
	}
	f.means(meansEnd, int32(len(tokens)))
}

// means takes the features of a meaning with those before it: up to four in a
// row, up to three with how far apart they are, and pairs with others between.
func (f *featurer) means(m meaning, at int32) {
	b := &f.meant
	row, gaps, from := mix(markRow, uint32(m)), mix(markGaps, uint32(m)), at
	f.take(row)
	for k, before := range b.meanings {
		if before == noMeaning {
			break
		}
		if k < 3 {
			row = mix(row, uint32(before))
			f.take(row)
		}
		if k < 2 {
			gaps = mix(gaps, uint32(before)<<2|distance(from-b.at[k]))
			from = b.at[k]
			f.take(gaps)
		}
		if k > 0 {
			f.take(mix(mix(markPair, uint32(m)), uint32(before)))
		}
	}
	copy(b.meanings[1:], b.meanings[:farthest-1])
	copy(b.at[1:], b.at[:farthest-1])
	b.meanings[0], b.at[0] = m, at
}

// beside takes the features of a word and what the words beside it mean.
func (f *featurer) beside(m meaning, spelt uint32) {
	b := &f.meant
	for k, before := range b.near {
		if before != noMeaning {
			f.take(mix(mix(markBefore, uint32(before)<<2|uint32(k)), spelt))
		}
		if m != noMeaning && b.spelt[k] != 0 {
			f.take(mix(mix(markAfter, uint32(m)<<2|uint32(k)), b.spelt[k]))
		}
	}
	copy(b.near[1:], b.near[:beside-1])
	copy(b.spelt[1:], b.spelt[:beside-1])
	b.near[0], b.spelt[0] = m, spelt
}

// distance is how far apart two words are, in steps that matter.
func distance(words int32) uint32 {
	switch {
	case words <= 1:
		return 0
	case words <= 3:
		return 1
	}
	return 2
}

// spelt returns the hash of how a token is written.
func (r *reader) spelt(t token) uint32 {
	if t.word != unknown {
		return r.lang.spelt[t.word]
	}
	return hashOf(r.letter[:r.folded(0, t)])
}

func hashOf(text []byte) uint32 {
	h := uint32(fnvOffset)
	for _, b := range text {
		h = mix(h, uint32(b))
	}
	return h
}

func mix(h, v uint32) uint32 { return (h ^ v) * fnvPrime }
