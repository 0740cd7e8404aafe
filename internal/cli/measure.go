package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"nocall/internal/optout"
	"nocall/internal/optout/labelled"
)

// measure judges the conversations of the files and compares with their labels.
func (k *detectCommand) measure(ctx context.Context, in *Invocation) error {
	d := optout.New()
	var t labelled.Tally
	for _, name := range k.Files {
		if err := k.measureFile(ctx, in, d, &t, name); err != nil {
			return err
		}
	}
	if t.All.OptOuts+t.All.Others+t.All.Unclear == 0 {
		return errors.New("the files have no conversations")
	}
	if k.JSON {
		return writeJSON(in.Stdout, measuredOf(&t))
	}
	_, err := io.WriteString(in.Stdout, tables(&t))
	return err
}

func (k *detectCommand) measureFile(
	ctx context.Context, in *Invocation, d *optout.Detector, t *labelled.Tally, name string,
) error {
	file, _, err := openInput(in, name)
	if err != nil {
		return err
	}
	defer file.Close()
	for batch, err := range batches(file) {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		for _, j := range k.judgedOf(d, batch) {
			if j.err != nil {
				return fmt.Errorf("%s: line %d: %w", name, j.n, j.err)
			}
			if right := t.Add(j.said, j.verdict()); !right && k.Misses {
				fmt.Fprintln(in.Stdout, j)
			}
		}
	}
	return nil
}

// A judged is a labelled conversation and what the detector found in it.
type judged struct {
	inputLine
	said  labelled.Conversation
	found optout.Finding
	ok    bool
}

// noiseSeed makes the same noise each time.
const noiseSeed = 1

// judgedOf reads and judges the lines of a batch, each processor its share.
func (k *detectCommand) judgedOf(d *optout.Detector, batch []inputLine) []judged {
	all := make([]judged, len(batch))
	shared(len(batch), func(i int) {
		j := &all[i]
		if j.inputLine = batch[i]; j.err != nil {
			return
		}
		if j.said, j.err = labelled.Read(j.text); j.err == nil {
			if k.Noise > 0 {
				j.said = labelled.Noise{Share: k.Noise, Seed: noiseSeed}.Of(j.said)
			}
			o := optout.Options{Language: j.said.Language, Preset: k.Preset}
			j.found, j.ok = d.Find(j.said.Said(), o)
		}
	})
	return all
}

func (j judged) verdict() optout.Verdict {
	if !j.ok {
		return optout.None
	}
	return j.found.Verdict
}

// String shows one that was judged otherwise than its label.
func (j judged) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: is %s, judged %s",
		j.said.ID, j.said.Category, j.said.Label, j.verdict())
	if j.ok {
		fmt.Fprintf(&b, " (%s %q)", j.found.Phrase, j.found.Quote)
	}
	for _, t := range j.said.Turns {
		fmt.Fprintf(&b, "\n    %s: %s", t.Speaker, t.Text)
	}
	return b.String()
}
