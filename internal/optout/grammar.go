package optout

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A language is what is known of one language: its words, and the groups of
// phrases that stand or fall by the same rules.
type language struct {
	tag     string // such as "en"
	words   map[string]word
	joints  map[word][]joint // by first word
	anchors set              // the words without which nothing can be found
	short   set              // the words whose dot ends no sentence
	groups  []group
	firsts  [][]phraseAt // by first word, the phrases that may stand there
	answers set          // the first words of answers
	later   rules        // what, said later in the turn, takes it all back
}

// A group holds phrases and the rules that each of their candidates must
// pass. A group with answers is a dialogue: its phrases are the agent's, and
// the contact's answer is the opt-out.
type group struct {
	name    string
	phrases []phrase
	before  rules // what spoils a candidate when it stands right before it
	after   rules // and right after it
	answers rules
}

// A phrase is a pattern of words that may carry an opt-out.
type phrase struct {
	name    string
	pattern pattern
	line    int // where it is written
}

type rules []phrase

// A phraseAt tells a phrase by its place in the language's groups.
type phraseAt struct{ group, phrase int }

// A parser reads the phrase file of one language; see phrases/README.md.
type parser struct {
	lang    *language
	classes map[string]set
	at      int // number of the line
}

// parse reads a phrase file. Its error names the line.
func parse(tag, text string) (*language, error) {
	p := &parser{
		lang:    &language{tag: tag, words: map[string]word{}, joints: map[word][]joint{}},
		classes: map[string]set{"DIGITS": {1 << number}},
	}
	// What a word is said for must be known before the word is met.
	for _, read := range []func(string) error{p.spellings, p.line} {
		for i, line := range strings.Split(text, "\n") {
			if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
				continue
			}
			p.at = i + 1
			if err := read(line); err != nil {
				return nil, fmt.Errorf("phrases %s: line %d: %w", tag, p.at, err)
			}
		}
	}
	if err := p.finish(); err != nil {
		return nil, fmt.Errorf("phrases %s: %w", tag, err)
	}
	return p.lang, nil
}

// spellings reads "word = other, another", if the line is one, for the others
// that are one word.
func (p *parser) spellings(line string) error {
	name, others, ok := strings.Cut(line, "=")
	name = strings.TrimSpace(name)
	if !ok || name == "" || strings.Contains(name, ":") || name[0] == '@' ||
		name == "anchors" || name == "short" {
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

func (p *parser) line(line string) error {
	if name, ok := strings.CutPrefix(line, "group "); ok {
		return p.begin(strings.Fields(name))
	}
	i := strings.IndexAny(line, "=:")
	if i < 0 {
		return fmt.Errorf("%q is no group and has neither = nor : in it", line)
	}
	name, rest := strings.TrimSpace(line[:i]), strings.TrimSpace(line[i+1:])
	switch {
	case name == "" || rest == "":
		return fmt.Errorf("%q lacks one side", line)
	case line[i] == ':':
		return p.rule(strings.Fields(name), rest)
	case name == "anchors":
		return p.more(&p.lang.anchors, rest)
	case name == "short":
		return p.more(&p.lang.short, rest)
	case name[0] == '@':
		return p.class(name, rest)
	}
	return p.joints(name, rest)
}

// begin reads "group NAME" or "group NAME with OTHER", which takes over the
// rules of a group before it.
func (p *parser) begin(fields []string) error {
	if len(fields) != 1 && (len(fields) != 3 || fields[1] != "with") {
		return fmt.Errorf("group %q: want NAME or NAME with OTHER", strings.Join(fields, " "))
	}
	g := group{name: fields[0]}
	if len(fields) == 3 {
		i := slices.IndexFunc(p.lang.groups, func(g group) bool { return g.name == fields[2] })
		if i < 0 {
			return fmt.Errorf("group %s: there is no group %s before it", g.name, fields[2])
		}
		g.before = slices.Clone(p.lang.groups[i].before)
		g.after = slices.Clone(p.lang.groups[i].after)
	}
	p.lang.groups = append(p.lang.groups, g)
	return nil
}

// more reads "anchors = ..." or "short = ...": words and classes.
func (p *parser) more(to *set, members string) error {
	s, err := p.set(strings.Fields(members))
	to.addAll(s)
	return err
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

// spelled returns the word that others are read as; the word "drop" stands
// for nothing.
func (p *parser) spelled(name string) (word, error) {
	if name == "drop" {
		return dropped, nil
	}
	return p.word(name)
}

// same makes text another spelling of a word.
func (p *parser) same(text string, as word) error {
	text, err := folded(text)
	if err != nil {
		return err
	}
	if _, ok := p.lang.words[text]; ok {
		return fmt.Errorf("%s is a word already", text)
	}
	p.lang.words[text] = as
	return nil
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

// rule reads "NAME: pattern", a phrase, or "KIND NAME: pattern", a rule.
func (p *parser) rule(head []string, text string) error {
	steps, err := p.pattern(text)
	if err != nil {
		return err
	}
	ph := phrase{name: head[len(head)-1], pattern: steps, line: p.at}
	if len(head) == 2 && head[0] == "later" {
		p.lang.later = append(p.lang.later, ph)
		return nil
	}
	if len(p.lang.groups) == 0 {
		return fmt.Errorf("%s is in no group", ph.name)
	}
	g := &p.lang.groups[len(p.lang.groups)-1]
	switch {
	case len(head) == 1:
		g.phrases = append(g.phrases, ph)
	case len(head) != 2:
		return fmt.Errorf("%q: want NAME or KIND NAME", strings.Join(head, " "))
	case head[0] == "before":
		g.before = append(g.before, ph)
	case head[0] == "after":
		g.after = append(g.after, ph)
	case head[0] == "answer":
		g.answers = append(g.answers, ph)
	default:
		return fmt.Errorf("%s: want before, after, later or answer", head[0])
	}
	return nil
}

func (p *parser) pattern(text string) (pattern, error) {
	var steps pattern
	gaps := 0
	for field := range strings.FieldsSeq(text) {
		s, err := p.step(field)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", field, err)
		}
		if s.kind == gap {
			gaps++
		}
		steps = append(steps, s)
	}
	if gaps > maxGaps || len(steps) > maxSteps {
		return nil, fmt.Errorf("more than %d steps or %d gaps", maxSteps, maxGaps)
	}
	return steps, nil
}

func (p *parser) step(field string) (s step, err error) {
	switch field {
	case ".":
		return step{kind: edge}, nil
	case "+":
		return step{kind: near}, nil
	case "BEGIN":
		return step{kind: opening}, nil
	case "END":
		return step{kind: closing}, nil
	}
	if most, ok := strings.CutPrefix(field, ".."); ok {
		most, but, limited := strings.Cut(most, "!")
		s.kind = gap
		if s.most, err = strconv.Atoi(most); err != nil || s.most < 1 || s.most > maxGap {
			return s, fmt.Errorf("a gap is of 1 to %d words", maxGap)
		}
		if !limited {
			return s, nil
		}
		field = but
	}
	if words, ok := strings.CutPrefix(field, "!"); ok {
		s.kind, field = other, words
	}
	if words, ok := strings.CutSuffix(field, "?"); ok && s.kind == one {
		s.kind, field = maybe, words
	}
	s.words, err = p.set(strings.Split(field, "|"))
	return s, err
}

// What bounds the work of a match.
const (
	maxGap   = 12 // words
	maxGaps  = 5
	maxSteps = 20
)

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

// word returns the word for a text, which becomes one if it is not yet.
func (p *parser) word(text string) (word, error) {
	text, err := folded(text)
	if err != nil {
		return 0, err
	}
	w, ok := p.lang.words[text]
	if !ok {
		w = firstWord + word(len(p.lang.words))
		p.lang.words[text] = w
	}
	return w, nil
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
