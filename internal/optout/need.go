package optout

import (
	"cmp"
	"slices"
)

// A need is sets of words, a bit for each: those that a phrase needs one word
// of, or those that the words of a turn are in.
type need [2]uint64

// maxNeeds is how many sets a language may look at; more are not looked at.
const maxNeeds = 128

func (n *need) add(o need) { n[0], n[1] = n[0]|o[0], n[1]|o[1] }

// lacks reports whether a set of n is not among those of o.
func (n need) lacks(o need) bool { return n[0]&^o[0]|n[1]&^o[1] != 0 }

// needs finds the sets of words that most phrases need one word of, so that a
// phrase is not tried where one of its words is missing.
func (l *language) needs() {
	sets, uses := map[string]set{}, map[string]int{}
	known := map[*step]map[string]set{}
	for _, g := range l.groups {
		for _, ph := range g.phrases {
			for key, words := range needed(ph.pattern, known) {
				sets[key] = words
				uses[key]++
			}
		}
	}
	keys := make([]string, 0, len(sets))
	for key := range sets {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int {
		return cmp.Or(uses[b]-uses[a], cmp.Compare(a, b))
	})
	bits := map[string]need{}
	l.serves = make([]need, int(firstWord)+len(l.words))
	for i, key := range keys[:min(len(keys), maxNeeds)] {
		var bit need
		bit[i/64] = 1 << (i % 64)
		bits[key] = bit
		for w := range l.serves {
			if sets[key].has(word(w)) {
				l.serves[w].add(bit)
			}
		}
	}
	for _, g := range l.groups {
		for i := range g.phrases {
			for key := range needed(g.phrases[i].pattern, known) {
				g.phrases[i].needs.add(bits[key])
			}
		}
	}
}

// needed returns the sets of words of which each way through a pattern has one.
// Known holds what was asked before: ways share their ends.
func needed(p pattern, known map[*step]map[string]set) map[string]set {
	if len(p) == 0 {
		return nil
	}
	if all, ok := known[&p[0]]; ok {
		return all
	}
	all := map[string]set{}
	for _, s := range p {
		switch s.kind {
		case one:
			all[s.words.key()] = s.words
		case fork:
			for key, words := range neededByAll(s.ways, known) {
				all[key] = words
			}
		}
	}
	known[&p[0]] = all
	return all
}

// neededByAll returns the sets that each of several ways needs.
func neededByAll(ways []pattern, known map[*step]map[string]set) map[string]set {
	all := map[string]set{}
	for i, way := range ways {
		of := needed(way, known)
		if i == 0 {
			for key, words := range of {
				all[key] = words
			}
			continue
		}
		for key := range all {
			if _, ok := of[key]; !ok {
				delete(all, key)
			}
		}
	}
	return all
}

// key returns the same for the same words.
func (s set) key() string {
	var key []byte
	for _, bits := range s {
		for range 8 {
			key = append(key, byte(bits))
			bits >>= 8
		}
	}
	return string(key)
}
