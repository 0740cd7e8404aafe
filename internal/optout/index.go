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
	l.slips()
	l.tabulate()
	l.firsts = make([][]phraseAt, int(firstWord)+len(l.words))
	l.asks = make([][]phraseAt, len(l.firsts))
	var errs []error
	for i := range l.groups {
		errs = append(errs, l.index(i))
	}
	l.answerJoints()
	l.needs()
	return errors.Join(errs...)
}

// index takes the phrases of a group into the index.
func (l *language) index(group int) error {
	var errs []error
	g := &l.groups[group]
	for i, ph := range g.phrases {
		begin, err := first(ph.pattern)
		if err == nil && len(g.answers) == 0 && !anchored(ph.pattern, l.anchors, map[*step]bool{}) {
			err = errors.New("needs a step all of whose words are anchors")
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("line %d: %s: %w", ph.line, ph.name, err))
		}
		g.phrases[i].then = second(ph.pattern)
		table := l.firsts
		if len(g.answers) > 0 {
			table = l.asks
		}
		for w := range table {
			if begin.has(word(w)) {
				table[w] = append(table[w], phraseAt{group, i})
			}
		}
	}
	for _, ph := range g.answers {
		begin, err := opens(ph.pattern)
		if err == errRepeat {
			l.repeats, err = true, nil
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("line %d: answer %s: %w", ph.line, ph.name, err))
		}
		l.answers.addAll(begin)
	}
	return errors.Join(errs...)
}

// tabulate makes the tables by which words are looked up.
func (l *language) tabulate() {
	share(l)
	l.spelt = make([]uint32, int(firstWord)+len(l.words))
	for w, name := range l.names {
		l.spelt[w] = hashOf([]byte(name))
	}
	l.joined = make([][]joint, int(firstWord)+len(l.words))
	for w, joints := range l.joints {
		l.joined[w] = joints
	}
}

// second returns the words of which one follows the first word of p, or nil if
// that cannot be told.
func second(p pattern) set {
	if len(p) == 0 {
		return nil
	}
	switch p[0].kind {
	case one:
		words, err := first(p[1:])
		if err != nil {
			return nil
		}
		return words
	case fork:
		words, err := eachWay(p[0].ways, func(way pattern) (set, error) {
			if words := second(way); words != nil {
				return words, nil
			}
			return nil, errFirst
		})
		if err == nil {
			return words
		}
	}
	return nil
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
	for _, s := range p {
		switch s.kind {
		case one:
			return s.words, nil
		case maybe, other, repeat, gap:
			return nil, errFirst
		case fork:
			return eachWay(s.ways, first)
		}
	}
	return nil, errFirst
}

var errFirst = errors.New("must begin with a word that is not optional")

// errRepeat says that an answer may begin with a word of the question.
var errRepeat = errors.New("begins with a word of the question")

// opens returns the words that an answer may begin with. Its error is errRepeat
// if it may begin with one of the question too.
func opens(p pattern) (set, error) {
	var begin set
	for _, s := range p {
		switch s.kind {
		case one, maybe:
			begin.addAll(s.words)
		case other, gap:
			return nil, errors.New("must begin with words that are given")
		case repeat:
			return begin, errRepeat
		case fork:
			words, err := opensOne(s.ways)
			begin.addAll(words)
			return begin, err
		}
		if s.kind == one {
			return begin, nil
		}
	}
	return nil, errors.New("has only optional words")
}

// opensOne returns the words that one of several answers may begin with.
func opensOne(ways []pattern) (begin set, end error) {
	for _, way := range ways {
		words, err := opens(way)
		if err != nil && err != errRepeat {
			return nil, err
		}
		begin.addAll(words)
		end = errors.Join(end, err)
	}
	if end != nil {
		return begin, errRepeat
	}
	return begin, nil
}

// eachWay returns what begin gives for all of ways.
func eachWay(ways []pattern, begin func(pattern) (set, error)) (all set, err error) {
	for _, way := range ways {
		words, err := begin(way)
		if err != nil {
			return nil, err
		}
		all.addAll(words)
	}
	return all, nil
}

// anchored reports whether a pattern cannot stand where no anchor is. Known
// holds what was asked before: ways share their ends.
func anchored(p pattern, anchors set, known map[*step]bool) bool {
	if len(p) == 0 {
		return false
	}
	if is, ok := known[&p[0]]; ok {
		return is
	}
	is := slices.ContainsFunc(p, func(s step) bool {
		return s.kind == one && anchors.holds(s.words) ||
			s.kind == fork && !slices.ContainsFunc(s.ways, func(way pattern) bool {
				return !anchored(way, anchors, known)
			})
	})
	known[&p[0]] = is
	return is
}
