package labelled

import (
	"cmp"
	"slices"

	"nocall/internal/optout"
)

// Count is how a detector did on some conversations. The shares are between 0
// and 1, and NaN of nothing.
type Count struct {
	OptOuts, Heard int // those that are opt-outs; how many of them were found
	Others, Fired  int // those that are not; how many were taken for one
	Reviewed       int // those left for review or found scoped, of either kind
	Unclear        int // not scored
	UnclearFired   int
	OtherTurns     int // the contact's turns in those that are no opt-outs
}

// Precision is the share of what was found that is an opt-out.
func (c Count) Precision() float64 { return share(c.Heard, c.Heard+c.Fired) }

// Recall is the share of opt-outs that was found.
func (c Count) Recall() float64 { return share(c.Heard, c.OptOuts) }

// F1 is the harmonic mean of precision and recall.
func (c Count) F1() float64 { return share(2*c.Heard, c.Heard+c.Fired+c.OptOuts) }

// FiredShare is the share of others that was taken for an opt-out.
func (c Count) FiredShare() float64 { return share(c.Fired, c.Others) }

// Per10000 is how often the detector fired in 10,000 turns of contacts in
// conversations without an opt-out.
func (c Count) Per10000() float64 { return 10_000 * share(c.Fired, c.OtherTurns) }

func share(n, of int) float64 { return float64(n) / float64(of) }

func (c *Count) add(said Conversation, verdict optout.Verdict) {
	found := verdict == optout.OptOut
	if said.Label == Unclear {
		c.Unclear++
		c.UnclearFired += one(found)
		return
	}
	c.Reviewed += one(verdict == optout.Review || verdict == optout.Scoped)
	if said.Label == OptOut {
		c.OptOuts++
		c.Heard += one(found)
		return
	}
	c.Others++
	c.OtherTurns += said.contactTurns()
	c.Fired += one(found)
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// Tally counts by language and category. Its zero value has counted nothing.
type Tally struct {
	All        Count
	languages  map[string]*Count
	categories map[string]*Count
}

// Add counts one conversation, on which the detector came to a verdict. It
// reports whether that is right; of an unclear one each verdict is.
func (t *Tally) Add(c Conversation, verdict optout.Verdict) bool {
	if t.languages == nil {
		t.languages, t.categories = map[string]*Count{}, map[string]*Count{}
	}
	t.All.add(c, verdict)
	of(t.languages, c.Language).add(c, verdict)
	of(t.categories, c.Category).add(c, verdict)
	return c.Label == Unclear || (c.Label == OptOut) == (verdict == optout.OptOut)
}

func of(counts map[string]*Count, name string) *Count {
	if counts[name] == nil {
		counts[name] = new(Count)
	}
	return counts[name]
}

// Part is the count of the conversations that have something in common.
type Part struct {
	Name string
	Count
}

// Languages returns the counts by language, by name.
func (t *Tally) Languages() []Part { return parts(t.languages) }

// Categories returns the counts by category: those of opt-outs, those of
// others, and those that are unclear, each by name.
func (t *Tally) Categories() []Part {
	sorted := parts(t.categories)
	slices.SortStableFunc(sorted, func(a, b Part) int { return cmp.Compare(a.kind(), b.kind()) })
	return sorted
}

// kind is 0 for opt-outs, 1 for others, 2 for what is unclear.
func (p Part) kind() int {
	switch {
	case p.OptOuts > 0:
		return 0
	case p.Others > 0:
		return 1
	}
	return 2
}

func parts(counts map[string]*Count) []Part {
	all := make([]Part, 0, len(counts))
	for name, c := range counts {
		all = append(all, Part{name, *c})
	}
	slices.SortFunc(all, func(a, b Part) int { return cmp.Compare(a.Name, b.Name) })
	return all
}
