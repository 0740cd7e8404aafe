package main

import (
	"fmt"
	"io"

	"nocall/internal/optout"
	"nocall/internal/optout/labelled"
)

// crossValidate judges each labelled conversation with weights that have not
// seen it, and shows what they are worth. The tests of the phrases are always
// learned from, and never measured; nor are the phrases left out, so what they
// alone reach is as good as they were tuned.
func crossValidate(
	w io.Writer, said []labelled.Conversation, talks []sample, folds int,
) error {
	d := optout.New()
	var alone, weighed labelled.Tally
	for fold := range folds {
		var learn, judge []labelled.Conversation
		for i, c := range said {
			if i%folds == fold {
				judge = append(judge, c)
				continue
			}
			learn = append(learn, c)
		}
		weights := train(append(samplesOf(learn), talks...))
		for _, c := range judge {
			d.Weights = nil
			alone.Add(c, verdict(d, c))
			d.Weights = weights
			weighed.Add(c, verdict(d, c))
		}
	}
	show(w, "without weights", &alone)
	show(w, "with weights", &weighed)
	return nil
}

func verdict(d *optout.Detector, c labelled.Conversation) optout.Verdict {
	f, ok := d.Find(c.Said(), optout.Options{Language: c.Language})
	if !ok {
		return optout.None
	}
	return f.Verdict
}

func show(w io.Writer, what string, t *labelled.Tally) {
	for _, c := range append(t.Languages(), labelled.Part{Name: "all", Count: t.All}) {
		fmt.Fprintf(w, "%s, %s: %d of %d heard, %d of %d fired, %d for review: "+
			"precision %.3f, recall %.3f\n", what, c.Name, c.Heard, c.OptOuts, c.Fired, c.Others,
			c.Reviewed, c.Precision(), c.Recall())
	}
}
