package main

import (
	"errors"
	"regexp/syntax"
	"slices"
)

// maxExpansion bounds the texts that [expand] returns.
const maxExpansion = 5000

var errTooMany = errors.New("pattern matches too many texts")

// expand returns every text that pattern matches.
func expand(pattern string) ([]string, error) {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, err
	}
	return expandTree(re.Simplify())
}

func expandTree(re *syntax.Regexp) ([]string, error) {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpEndText, syntax.OpEndLine:
		return []string{""}, nil
	case syntax.OpLiteral:
		return []string{string(re.Rune)}, nil
	case syntax.OpCharClass:
		var texts []string
		for i := 0; i < len(re.Rune); i += 2 {
			for r := re.Rune[i]; r <= re.Rune[i+1]; r++ {
				texts = append(texts, string(r))
			}
		}
		return texts, nil
	case syntax.OpCapture, syntax.OpQuest:
		texts, err := expandTree(re.Sub[0])
		if re.Op == syntax.OpQuest {
			texts = append(texts, "")
		}
		return texts, err
	case syntax.OpAlternate:
		return expandAlternate(re.Sub)
	case syntax.OpConcat:
		return expandConcat(re.Sub)
	}
	return nil, errTooMany
}

func expandAlternate(parts []*syntax.Regexp) ([]string, error) {
	var texts []string
	for _, part := range parts {
		more, err := expandTree(part)
		if err != nil {
			return nil, err
		}
		texts = append(texts, more...)
	}
	return texts, nil
}

func expandConcat(parts []*syntax.Regexp) ([]string, error) {
	texts := []string{""}
	for _, part := range parts {
		ends, err := expandTree(part)
		if err != nil {
			return nil, err
		}
		if len(texts)*len(ends) > maxExpansion {
			return nil, errTooMany
		}
		var longer []string
		for _, text := range texts {
			for _, end := range ends {
				longer = append(longer, text+end)
			}
		}
		texts = longer
	}
	return texts, nil
}

// compile returns the program of pattern.
func compile(pattern string) (*syntax.Prog, error) {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, err
	}
	return syntax.Compile(re.Simplify())
}

// canBegin reports whether some text that the program matches begins with
// prefix.
func canBegin(program *syntax.Prog, prefix string) bool {
	now := follow(program, nil, uint32(program.Start))
	for _, r := range prefix {
		var next []uint32
		for _, pc := range now {
			if inst := &program.Inst[pc]; inst.Op != syntax.InstMatch && inst.MatchRune(r) {
				next = follow(program, next, inst.Out)
			}
		}
		now = next
	}
	return len(now) > 0
}

// follow adds to set the instructions at and behind pc that wait for a rune,
// or have matched.
func follow(program *syntax.Prog, set []uint32, pc uint32) []uint32 {
	inst := &program.Inst[pc]
	switch inst.Op {
	case syntax.InstFail:
		return set
	case syntax.InstAlt, syntax.InstAltMatch:
		return follow(program, follow(program, set, inst.Out), inst.Arg)
	case syntax.InstCapture, syntax.InstNop, syntax.InstEmptyWidth:
		return follow(program, set, inst.Out)
	}
	if !slices.Contains(set, pc) {
		set = append(set, pc)
	}
	return set
}
