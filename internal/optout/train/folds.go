package main

import (
	"fmt"
	"io"

	"nocall/internal/optout"
	"nocall/internal/optout/labelled"
)

// crossValidate judges each labelled conversation with a model that has not seen
// it, and shows what the thresholds would do. The tests of the phrases are
// always learned from, and never measured.
func crossValidate(
	w io.Writer, said []labelled.Conversation, talks []sample, folds int,
) error {
	phrases := optout.New()
	phrases.Weights = nil
	var alone labelled.Tally
	vetoes := []float32{-6, -5, -4, -3, -2}
	reviews := []float32{-1, 0, 1, 2, 3}
	vetoed := make([]labelled.Tally, len(vetoes))
	reviewed := make([]labelled.Tally, len(reviews))
	for fold := range folds {
		var learn, judge []labelled.Conversation
		for i, c := range said {
			if i%folds == fold {
				judge = append(judge, c)
				continue
			}
			learn = append(learn, c)
		}
		m := train(append(samplesOf(learn), talks...))
		for _, c := range judge {
			odds, verdict := greatest(m, c), optout.None
			f, ok := phrases.Find(c.Said(), optout.Options{Language: c.Language})
			if ok {
				verdict = f.Verdict
				odds = m.LogOdds(c.Turns[f.Turn].Text)
			}
			alone.Add(c, verdict)
			for i, veto := range vetoes {
				vetoed[i].Add(c, unless(odds < veto && ok && f.End-f.Start > 12, verdict))
			}
			for i, review := range reviews {
				reviewed[i].Add(c, when(odds > review, verdict))
			}
		}
	}
	show(w, "phrases alone", alone.All)
	for i, veto := range vetoes {
		show(w, fmt.Sprintf("vetoed below %g", veto), vetoed[i].All)
	}
	for i, review := range reviews {
		show(w, fmt.Sprintf("or above %g", review), reviewed[i].All)
	}
	return nil
}

// greatest returns the log-odds of what the contact said that is most likely a
// request.
func greatest(m *optout.Weights, c labelled.Conversation) float32 {
	odds := float32(-100)
	for _, t := range c.Turns {
		if t.Speaker == optout.Contact {
			odds = max(odds, m.LogOdds(t.Text))
		}
	}
	return odds
}

// unless returns the verdict, or review in its place.
func unless(veto bool, v optout.Verdict) optout.Verdict {
	if veto && v == optout.OptOut {
		return optout.Review
	}
	return v
}

// when counts what would go to review as if it were an opt-out, to see how many
// of them a person would find.
func when(likely bool, v optout.Verdict) optout.Verdict {
	if likely || v == optout.Review {
		return optout.OptOut
	}
	return v
}

func show(w io.Writer, what string, c labelled.Count) {
	fmt.Fprintf(w, "%-18s %4d of %4d heard, %4d of %4d fired: precision %.3f, recall %.3f\n",
		what, c.Heard, c.OptOuts, c.Fired, c.Others, c.Precision(), c.Recall())
}
