package cli

import (
	"fmt"
	"math"
	"strings"

	"nocall/internal/optout"
	"nocall/internal/optout/labelled"
)

// measuredCount is a count as it is written with -json. Shares are null of
// nothing.
type measuredCount struct {
	Name      string   `json:"name,omitempty"`
	OptOuts   int      `json:"opt_outs"`
	Heard     int      `json:"heard"`
	Others    int      `json:"others"`
	Fired     int      `json:"fired"`
	Reviewed  int      `json:"reviewed"`
	Ambiguous int      `json:"ambiguous"`
	AmbFired  int      `json:"ambiguous_fired"`
	Precision *float64 `json:"precision"`
	Recall    *float64 `json:"recall"`
	F1        *float64 `json:"f1"`
	Per10000  *float64 `json:"fired_per_10000_turns"`
}

type measured struct {
	Engine     string          `json:"engine"`
	All        measuredCount   `json:"all"`
	Languages  []measuredCount `json:"languages"`
	Categories []measuredCount `json:"categories"`
}

func measuredOf(t *labelled.Tally) measured {
	m := measured{Engine: optout.Version, All: measuredCountOf("", t.All)}
	for _, p := range t.Languages() {
		m.Languages = append(m.Languages, measuredCountOf(p.Name, p.Count))
	}
	for _, p := range t.Categories() {
		m.Categories = append(m.Categories, measuredCountOf(p.Name, p.Count))
	}
	return m
}

func measuredCountOf(name string, c labelled.Count) measuredCount {
	return measuredCount{
		name, c.OptOuts, c.Heard, c.Others, c.Fired, c.Reviewed, c.Unclear, c.UnclearFired,
		number(c.Precision()), number(c.Recall()), number(c.F1()), number(c.Per10000()),
	}
}

// number returns f, or nil if it is none.
func number(f float64) *float64 {
	if math.IsNaN(f) {
		return nil
	}
	return &f
}

// tables writes the counts as they are read by people.
func tables(t *labelled.Tally) string {
	var b strings.Builder
	const line = "%-24s %8s %7s %7s %6s %10s %8s %6s\n"
	fmt.Fprintf(&b, line, "language", "opt-outs", "heard", "others", "fired", "precision",
		"recall", "f1")
	for _, p := range append(t.Languages(), labelled.Part{Name: "all", Count: t.All}) {
		fmt.Fprintf(&b, line, p.Name, fmt.Sprint(p.OptOuts), fmt.Sprint(p.Heard),
			fmt.Sprint(p.Others), fmt.Sprint(p.Fired), portion(p.Precision()),
			portion(p.Recall()), portion(p.F1()))
	}
	b.WriteByte('\n')
	fmt.Fprintf(&b, line, "category", "opt-outs", "heard", "others", "fired", "share",
		"unclear", "fired")
	for _, p := range t.Categories() {
		of := p.Recall()
		if p.OptOuts == 0 {
			of = p.FiredShare()
		}
		fmt.Fprintf(&b, line, p.Name, fmt.Sprint(p.OptOuts), fmt.Sprint(p.Heard),
			fmt.Sprint(p.Others), fmt.Sprint(p.Fired), portion(of), fmt.Sprint(p.Unclear),
			fmt.Sprint(p.UnclearFired))
	}
	fmt.Fprintf(&b, "\n%d for review or scoped.\n", t.All.Reviewed)
	fmt.Fprintf(&b, "Fired %d times in %d turns of contacts without an opt-out: %s in 10,000.\n",
		t.All.Fired, t.All.OtherTurns, rate(t.All.Per10000()))
	fmt.Fprintf(&b, "That is in %d of %d conversations: %s in 1,000.\n",
		t.All.Fired, t.All.Others, rate(1000*t.All.FiredShare()))
	return b.String()
}

func portion(f float64) string {
	if math.IsNaN(f) {
		return "-"
	}
	return fmt.Sprintf("%.3f", f)
}

func rate(f float64) string {
	if math.IsNaN(f) {
		return "-"
	}
	return fmt.Sprintf("%.1f", f)
}
