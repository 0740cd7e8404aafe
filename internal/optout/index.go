package optout

import (
	"errors"
	"fmt"
	"slices"
)

// finish checks what can be checked only when all is read, and makes the index
// of first words.
func (p *parser) finish() error {
	l := p.lang
	l.anchorJoints()
	l.firsts = make([][]phraseAt, int(firstWord)+len(l.words))
	var errs []error
	for i := range l.groups {
		errs = append(errs, l.index(i))
	}
	l.answerJoints()
	return errors.Join(errs...)
}

// index takes the phrases of a group into the index.
func (l *language) index(group int) error {
	var errs []error
	g := &l.groups[group]
	for i, ph := range g.phrases {
		begin, err := first(ph.pattern)
		if err == nil && len(g.answers) == 0 {
			err = anchored(ph.pattern, l.anchors)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("line %d: %s: %w", ph.line, ph.name, err))
		}
		for w := range l.firsts {
			if begin.has(word(w)) {
				l.firsts[w] = append(l.firsts[w], phraseAt{group, i})
			}
		}
	}
	for _, ph := range g.answers {
		begin, err := opens(ph.pattern)
		if err != nil {
			errs = append(errs, fmt.Errorf("line %d: answer %s: %w", ph.line, ph.name, err))
		}
		l.answers.addAll(begin)
	}
	return errors.Join(errs...)
}

// anchorJoints makes an anchor of the last word of each joint that stands for
// one and has none in it, as anchors are looked for before joints are made.
func (l *language) anchorJoints() {
	given := slices.Clone(l.anchors)
	for _, joints := range l.joints {
		for _, j := range joints {
			if given.has(j.as) && !slices.ContainsFunc(j.words, given.has) {
				l.anchors.add(j.words[len(j.words)-1])
			}
		}
	}
}

// answerJoints makes the first word of each joint that may begin an answer one
// that may.
func (l *language) answerJoints() {
	for first, joints := range l.joints {
		for _, j := range joints {
			if l.answers.has(j.as) {
				l.answers.add(first)
			}
		}
	}
}

// first returns the words that a pattern may begin with.
func first(p pattern) (set, error) {
	if i := slices.IndexFunc(p, wordy); i >= 0 && p[i].kind == one {
		return p[i].words, nil
	}
	return nil, errors.New("must begin with a word that is not optional")
}

// opens returns the words that an answer may begin with.
func opens(p pattern) (set, error) {
	var s set
	for _, st := range p {
		if wordy(st) {
			s.addAll(st.words)
		}
		switch st.kind {
		case one:
			return s, nil
		case other, gap:
			return nil, errors.New("must begin with words that are given")
		}
	}
	return nil, errors.New("has only optional words")
}

// wordy reports whether a step is about words, not about places.
func wordy(s step) bool { return s.kind < edge }

// anchored checks that a pattern cannot stand where no anchor is.
func anchored(p pattern, anchors set) error {
	for _, s := range p {
		if s.kind == one && anchors.holds(s.words) {
			return nil
		}
	}
	return errors.New("needs a step all of whose words are anchors")
}
