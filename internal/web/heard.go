package web

import (
	"cmp"
	"context"
	"slices"

	"nocall/internal/dnc"
	"nocall/internal/optout"
	"nocall/internal/voice"
)

// reviewer takes in a person's answer to a finding.
type reviewer func(
	ctx context.Context, env dnc.Environment, callID string, place int, by string,
) (voice.Heard, error)

// verdictWord returns a verdict as the page calls it.
func verdictWord(v optout.Verdict) string {
	switch v {
	case optout.OptOut:
		return "Opt-out"
	case optout.Review:
		return "Review"
	case optout.Scoped:
		return "Scoped"
	}
	return "None"
}

// heardOn says in a word what was heard on a call: an opt-out, or what waits for
// a review; "" for neither.
func heardOn(c voice.Call) string {
	if _, ok := c.OptedOut(); ok {
		return "opt_out"
	}
	if slices.ContainsFunc(c.Findings, func(f voice.Finding) bool {
		return f.Review == voice.ReviewOpen
	}) {
		return "review"
	}
	return ""
}

// heardFirst returns the opt-out of a call, or else what was found on it first.
func heardFirst(c voice.Call) voice.Finding {
	if f, ok := c.OptedOut(); ok {
		return f
	}
	if len(c.Findings) > 0 {
		return c.Findings[0]
	}
	return voice.Finding{}
}

// why says in plain words why a finding is what it is.
func why(f voice.Finding) string { return voice.Why(f.Finding) }

// marks returns the words of findings in a turn, and those of earlier turns that
// belong to them, in order.
func marks(turn voice.Turn, findings []voice.Finding) (here []optout.Span) {
	for _, f := range findings {
		if f.Channel != voice.Speech {
			continue
		}
		spans := []optout.Span{{Turn: f.Turn, Start: f.Start, End: f.End}}
		if f.Before != nil {
			spans = append(spans, *f.Before)
		}
		for _, s := range spans {
			inside := s.Start >= 0 && s.Start < s.End && s.End <= len(turn.Text)
			if s.Turn == turn.Index && inside {
				here = append(here, s)
			}
		}
	}
	slices.SortFunc(here, func(a, b optout.Span) int { return cmp.Compare(a.Start, b.Start) })
	return here
}

// mark splits the text of a turn at the words that decided.
func mark(turn voice.Turn, findings []voice.Finding) (parts []part, marked bool) {
	at := 0
	for _, s := range marks(turn, findings) {
		if s.Start < at {
			continue // within the words marked already
		}
		parts = append(parts, part{Text: turn.Text[at:s.Start]})
		parts = append(parts, part{Text: turn.Text[s.Start:s.End], Marked: true})
		at = s.End
	}
	return append(parts, part{Text: turn.Text[at:]}), at > 0
}
