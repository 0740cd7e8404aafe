package optout

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A language is what is known of one language: its words, and the groups of
// phrases that stand or fall by the same rules.
type language struct {
	tag     string // such as "en"
	words   map[string]word
	joints  map[word][]joint // by first word
	anchors set              // the words without which nothing can be found
	short   set              // the words whose dot ends no sentence
	endings []ending         // what is written at the end of a word and is one of its own
	elided  []ending         // and at its beginning
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
	case name == "endings":
		return p.affixes(&p.lang.endings, strings.Fields(rest))
	case name == "elided":
		return p.affixes(&p.lang.elided, strings.Fields(rest))
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
