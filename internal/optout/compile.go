package optout

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// What bounds a pattern, and with it the work of a match.
const (
	maxGap   = 12 // words
	maxGaps  = 6
	maxSteps = 30
	maxSize  = 3000 // steps, with all ways of its sub-patterns
)

// sub reads "<name> = alternative, another", a sub-pattern or more of one.
func (p *parser) sub(name, alternatives string) error {
	if len(name) < 3 || !strings.HasSuffix(name, ">") {
		return fmt.Errorf("%q: want <name>", name)
	}
	ways := p.subs[name] // of a line before this one
	for way := range strings.SplitSeq(alternatives, ",") {
		fields := strings.Fields(way)
		if len(fields) == 0 {
			return errors.New("a comma too many")
		}
		if _, err := p.pattern(way); err != nil {
			return err
		}
		ways = append(ways, fields)
	}
	p.subs[name] = ways
	return nil
}

// pattern reads the steps of a phrase, a rule or a sub-pattern.
func (p *parser) pattern(text string) (pattern, error) {
	p.size = 0
	steps, err := p.sequence(strings.Fields(text), nil)
	if err != nil {
		return nil, err
	}
	if most := steps.measure(map[*step]measure{}); most.gaps > maxGaps || most.steps > maxSteps {
		return nil, fmt.Errorf("more than %d steps or %d gaps", maxSteps, maxGaps)
	}
	return steps, nil
}

// sequence reads steps that are followed by rest.
func (p *parser) sequence(fields []string, rest pattern) (pattern, error) {
	var steps pattern
	for i, field := range fields {
		if p.size++; p.size > maxSize {
			return nil, fmt.Errorf("more than %d steps with all its sub-patterns", maxSize)
		}
		more, err := p.field(field)
		if err == errSub {
			rest, err = p.sequence(fields[i+1:], rest)
			if err == nil {
				more, err = p.fork(field, rest)
			}
			return append(steps, more...), err
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", field, err)
		}
		steps = append(steps, more...)
	}
	if len(rest) == 0 {
		return steps, nil
	}
	return append(steps, step{kind: fork, ways: []pattern{rest}}), nil
}

// errSub says that a field is a sub-pattern, which has ways of its own.
var errSub = errors.New("a sub-pattern")

// fork returns the ways to say a sub-pattern, written "<name>", "<name>?" or
// "slot:<name>", each followed by rest.
func (p *parser) fork(field string, rest pattern) (pattern, error) {
	fill, name, err := filled(field)
	if err != nil {
		return nil, err
	}
	name, optional := strings.CutSuffix(name, "?")
	ways, ok := p.subs[name]
	if !ok {
		return nil, fmt.Errorf("there is no sub-pattern %s before it", name)
	}
	begin, end := fill.steps()
	then := rest
	if fill.any {
		then = append(end, rest...)
	}
	f := step{kind: fork}
	for _, fields := range ways {
		way, err := p.sequence(fields, then)
		if err != nil {
			return nil, err
		}
		f.ways = append(f.ways, append(begin[:len(begin):len(begin)], way...))
	}
	if optional {
		f.ways = append(f.ways, rest)
	}
	return pattern{f}, nil
}

// A filling is the slot that a step fills, if any.
type filling struct {
	slot slot
	any  bool
}

// filled cuts "slot:step" in two.
func filled(field string) (f filling, rest string, err error) {
	name, rest, ok := strings.Cut(field, ":")
	if !ok {
		return filling{}, field, nil
	}
	if f.slot, f.any = slotOf(name); !f.any {
		return f, "", fmt.Errorf("there is no slot %q", name)
	}
	return f, rest, nil
}

// steps returns the steps that open and shut a slot, or none.
func (f filling) steps() (begin, end pattern) {
	if !f.any {
		return nil, nil
	}
	return pattern{{kind: open, slot: f.slot}}, pattern{{kind: shut, slot: f.slot}}
}

// field returns the steps of one field, or errSub.
func (p *parser) field(field string) (pattern, error) {
	fill, rest, err := filled(field)
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(rest, "<") {
		return nil, errSub
	}
	s, err := p.step(rest)
	begin, end := fill.steps()
	return append(append(begin, s), end...), err
}

func (p *parser) step(field string) (s step, err error) {
	switch field {
	case ".":
		return step{kind: edge}, nil
	case "?":
		return step{kind: asked}, nil
	case "PAUSE":
		return step{kind: breath}, nil
	case "+":
		return step{kind: near}, nil
	case "BEGIN":
		return step{kind: opening}, nil
	case "END":
		return step{kind: closing}, nil
	}
	if most, ok := strings.CutPrefix(field, ".."); ok {
		most, but, limited := strings.Cut(most, "!")
		most, s.flat = strings.CutSuffix(most, "+")
		s.kind = gap
		if s.most, err = strconv.Atoi(most); err != nil || s.most < 1 || s.most > maxGap {
			return s, fmt.Errorf("a gap is of 1 to %d words", maxGap)
		}
		if !limited {
			return s, nil
		}
		field = but
	}
	if field == "SAID" {
		return step{kind: repeat}, nil
	}
	if words, ok := strings.CutPrefix(field, "SAID!"); ok {
		s.words, err = p.set(strings.Split(words, "|"))
		s.kind = repeat
		return s, err
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

// A measure is how many steps and gaps the longest way through a pattern has.
type measure struct{ steps, gaps int }

// measure measures p. Known holds what was measured: ways share their ends.
func (p pattern) measure(known map[*step]measure) (m measure) {
	if len(p) == 0 {
		return m
	}
	if m, ok := known[&p[0]]; ok {
		return m
	}
	for _, s := range p {
		most := measure{steps: 1}
		if s.kind == gap {
			most.gaps = 1
		}
		for i, way := range s.ways {
			n := way.measure(known)
			if i == 0 {
				most.steps = 0
			}
			most = measure{max(most.steps, n.steps), max(most.gaps, n.gaps)}
		}
		m = measure{m.steps + most.steps, m.gaps + most.gaps}
	}
	known[&p[0]] = m
	return m
}
