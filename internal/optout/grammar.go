package optout

import (
	"fmt"
	"slices"
	"strings"
)

// A language is what is known of one language: its words, and the groups of
// phrases that stand or fall by the same rules.
type language struct {
	tag      string // such as "en"
	words    map[string]word
	names    map[word]string      // how each is written, without accents
	joints   map[word][]joint     // by first word
	joined   [][]joint            // the same, as a table
	lexicon  *lexicon             // the words, and those of other languages
	order    int                  // which language there it is
	anchors  set                  // the words without which nothing can be found
	short    set                  // the words whose dot ends no sentence
	digits   set                  // the words for single digits
	endings  []ending             // what is written at the end of a word and is one of its own
	lasts    uint32               // their last letters; see letters
	elided   []ending             // what is written at the beginning of the next word
	exact    set                  // words that are never guessed
	unlike   map[string]bool      // words that are no slips of an anchor
	targets  [maxWord + 1]targets // by length, the anchors that slips are read as
	groups   []group
	firsts   [][]phraseAt // by first word, the phrases that may stand there
	asks     [][]phraseAt // the same, for what an agent asks
	serves   []need       // by word, the needs of phrases that it is for
	answers  set          // the first words of answers
	repeats  bool         // an answer may begin with a word of the question
	lone     set          // words that are read only where nothing else is said
	later    rules        // what, said later in the turn, takes it all back
	perhaps  rules        // and what may
	withdraw rules        // what, said in a later turn, takes it all back
	weighs   bool         // it has a group of loose phrases
	loose    int          // that group, which also stands for what is no phrase
	meanings []meaning    // by word
	spelt    []uint32     // by word, the hash of how it is written
	offers   rules        // what offers another time or way to call
	unless   rules        // what, right before them, makes the three above mean nothing
}

// A group holds phrases and the rules that each of their candidates must
// pass. A group with answers is a dialogue: its phrases are the agent's, and
// the contact's answer is the opt-out.
type group struct {
	name    string
	family  string // the ambiguous family of its phrases; "" if they are clear
	weighed bool   // its phrases are loose: the weights say whether they count
	phrases []phrase
	answers rules
	spoilers
	doubts spoilers // what spoils nothing, but makes it a thing for review; no scopes
}

// Spoilers are the rules of a group.
type spoilers struct {
	before       rules // what spoils a candidate when it stands right before it
	after        rules // and right after it
	sentence     rules // and anywhere else in its sentence
	scopesBefore rules // what limits a candidate when it stands right before it
	scopes       rules // and right after it
}

// A phrase is a pattern of words that may carry an opt-out.
type phrase struct {
	name    string
	pattern pattern
	begin   set  // the words it may begin with; nil if any
	then    set  // the words that may follow the first; nil if any, or none
	needs   need // the sets of which a turn must have a word
	line    int  // where it is written
	slot    slot // of a scope: what its words fill
}

type rules = []phrase

// A phraseAt tells a phrase by its place in the language's groups.
type phraseAt struct{ group, phrase int }

// A parser reads the phrase file of one language; see phrases/README.md.
type parser struct {
	lang    *language
	classes map[string]set
	subs    map[string][][]string // sub-patterns: the steps of each way to say them
	at      int                   // number of the line
	size    int                   // steps that the line came to, with its sub-patterns
}

// parse reads a phrase file. Its error names the line.
func parse(tag, text string) (*language, error) {
	p := &parser{
		lang: &language{
			tag: tag, words: map[string]word{}, names: map[word]string{},
			joints: map[word][]joint{}, unlike: map[string]bool{},
		},
		classes: map[string]set{"DIGITS": {1 << number}},
		subs:    map[string][][]string{},
	}
	// What a word is said for must be known before the word is met.
	for _, read := range []func(string) error{p.spellings, p.line} {
		for i, line := range strings.Split(text, "\n") {
			line, _, _ = strings.Cut(line, "#")
			if line = strings.TrimSpace(line); line == "" {
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
	if line == "weighed" && len(p.lang.groups) > 0 {
		p.lang.weighs, p.lang.loose = true, len(p.lang.groups)-1
		p.lang.groups[p.lang.loose].weighed = true
		return nil
	}
	if name, ok := strings.CutPrefix(line, "family "); ok {
		return p.family(strings.Fields(name))
	}
	i := strings.IndexAny(line, "=:")
	if i < 0 {
		return fmt.Errorf("%q is no group and has neither = nor : in it", line)
	}
	name, rest := strings.TrimSpace(line[:i]), strings.TrimSpace(line[i+1:])
	meant, means := strings.CutPrefix(name, "means ")
	switch {
	case name == "" || rest == "":
		return fmt.Errorf("%q lacks one side", line)
	case line[i] == ':':
		return p.rule(strings.Fields(name), rest)
	case means:
		return p.mean(meant, rest)
	case name == "unlike":
		return p.unlike(rest)
	case name == "endings":
		return p.affixes(&p.lang.endings, strings.Fields(rest))
	case name == "elided":
		return p.affixes(&p.lang.elided, strings.Fields(rest))
	case name[0] == '@':
		return p.class(name, rest)
	case name[0] == '<':
		return p.sub(name, rest)
	}
	if words := p.setting(name); words != nil {
		return p.more(words, rest)
	}
	return p.joints(name, rest)
}

// setting returns the set of words of that name, or nil if there is none.
func (p *parser) setting(name string) *set {
	switch name {
	case "anchors":
		return &p.lang.anchors
	case "short":
		return &p.lang.short
	case "digits":
		return &p.lang.digits
	case "exact":
		return &p.lang.exact
	case "lone":
		return &p.lang.lone
	}
	return nil
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
		g.spoilers, g.doubts = p.lang.groups[i].clone(), p.lang.groups[i].doubts.clone()
	}
	p.lang.groups = append(p.lang.groups, g)
	return nil
}

func (s spoilers) clone() spoilers {
	return spoilers{
		before: slices.Clone(s.before), after: slices.Clone(s.after),
		sentence:     slices.Clone(s.sentence),
		scopesBefore: slices.Clone(s.scopesBefore), scopes: slices.Clone(s.scopes),
	}
}

// family reads "family NAME".
func (p *parser) family(fields []string) error {
	if len(fields) != 1 || len(p.lang.groups) == 0 {
		return fmt.Errorf("family %s: want one name, in a group", strings.Join(fields, " "))
	}
	p.lang.groups[len(p.lang.groups)-1].family = fields[0]
	return checkFamily(fields[0])
}

// rule reads "NAME: pattern", a phrase, or "KIND NAME: pattern", a rule.
func (p *parser) rule(head []string, text string) error {
	steps, err := p.pattern(text)
	if err != nil {
		return err
	}
	ph := phrase{name: head[len(head)-1], pattern: steps, line: p.at}
	if words, err := first(steps); err == nil {
		ph.begin = words
	}
	if len(head) == 1 && head[0] == "alternative" {
		head = []string{"alternative", "another_slot"}
	}
	if len(head) > 2 {
		return fmt.Errorf("%q: want NAME or KIND NAME", strings.Join(head, " "))
	}
	if strings.HasSuffix(head[0], "?") {
		if err := checkFamily(ph.name); err != nil {
			return err
		}
	}
	if len(head) == 2 {
		if to := p.lang.rules(head[0]); to != nil {
			*to = append(*to, ph)
			return nil
		}
	}
	if len(p.lang.groups) == 0 {
		return fmt.Errorf("%s is in no group", ph.name)
	}
	g := &p.lang.groups[len(p.lang.groups)-1]
	to := &g.phrases
	if len(head) == 2 {
		if to, err = g.rules(head[0], &ph); err != nil {
			return err
		}
	}
	*to = append(*to, ph)
	return nil
}

// rules returns the language's own rules of that kind, or nil if there are
// none.
func (l *language) rules(kind string) *rules {
	switch kind {
	case "later":
		return &l.later
	case "later?":
		return &l.perhaps
	case "withdraw":
		return &l.withdraw
	case "alternative":
		return &l.offers
	case "unless":
		return &l.unless
	}
	return nil
}

// rules returns the group's rules of that kind, to which ph is to be added.
func (g *group) rules(kind string, ph *phrase) (to *rules, err error) {
	spoilers := &g.spoilers
	kind, soft := strings.CutSuffix(kind, "?")
	if soft {
		spoilers = &g.doubts
	}
	switch {
	case kind == "before":
		return &spoilers.before, nil
	case kind == "after":
		return &spoilers.after, nil
	case kind == "sentence":
		return &spoilers.sentence, nil
	case soft:
	case kind == "answer":
		return &g.answers, nil
	case kind == "scope", kind == "scope-before":
		return g.scope(kind, ph)
	}
	return nil, fmt.Errorf("%s: want before, after, sentence or later, each with or without ?, "+
		"scope, scope-before, answer, withdraw, alternative or unless", kind)
}

// scope is rules for those that limit a request. It gives ph its slot.
func (g *group) scope(kind string, ph *phrase) (to *rules, err error) {
	fills, ok := scopeSlots[ph.name]
	if !ok {
		return nil, fmt.Errorf("%s %s: want time, frequency, place, channel, topic, "+
			"person or number", kind, ph.name)
	}
	ph.slot, _ = slotOf(fills)
	if kind == "scope" {
		return &g.scopes, nil
	}
	return &g.scopesBefore, nil
}
