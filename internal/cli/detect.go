package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"sync"

	"nocall/internal/optout"
	"nocall/internal/optout/labelled"
)

const detectUsage = `Usage:
    nocall detect [-preset PRESET] [-explain] < conversations.jsonl
    nocall detect -measure [-preset PRESET] [-noise SHARE] [-misses] [-json]
           FILE...

Reads conversations from standard input, a JSON object a line, and says of each
whether the contact asked not to be called again, and in which words. It needs
no server. Turns are counted from 0; "language" is optional. "opt_out" is true
for the verdict opt_out alone; the others are review, scoped (not at that time,
place, topic or channel only) and none.

A line that cannot be read is answered by an object with an "error", so that
answers keep the order of the questions; it is named on standard error, and the
exit status is 1. Blank lines are passed over.

With -measure it reads conversations that carry a "label" (opt_out, scoped,
ambiguous or none), a "category" and a "language", and prints how many are heard
and how often it fires where it should not. "-" is standard input. A line with a
"text" alone is a turn of the contact, and one without a label is no opt-out.

Options:
    -preset PRESET   strict, balanced or cautious (the default): what becomes of
                     words that can be meant either way
    -explain         add how each turn was read, which phrases proposed a
                     request, and which rule refused or limits it
    -measure         compare with the labels of the files
    -misses          with -measure: show what was judged unlike its label
    -noise SHARE     with -measure: as a speech recogniser mishears that share
                     of the contact's words, such as 0.1; the same each time
    -json            with -measure: one JSON object instead of tables

Example:
    $ nocall detect <<.
    {"id":"c1","turns":[{"speaker":"contact","text":"Please don't call me again"}]}
    .
    {"id":"c1","opt_out":true,"turn":0,"quote":"don't call me again",...}
`

type detectCommand struct {
	asJSON
	Preset  optout.Preset `enum:"strict,balanced,cautious" default:"cautious"`
	Explain bool
	Measure bool
	Misses  bool
	Noise   float64
	Files   []string `arg:"" optional:""`
}

// Run answers every line, or measures.
func (k *detectCommand) Run(ctx context.Context, in *Invocation) error {
	switch {
	case k.Noise < 0 || k.Noise > 1:
		return usageError{"detect -noise is a share, from 0 to 1"}
	case k.Noise > 0 && !k.Measure:
		return usageError{"detect -noise is for -measure"}
	case k.Measure && len(k.Files) == 0:
		return usageError{"detect -measure wants a file"}
	case k.Measure:
		return k.measure(ctx, in)
	case len(k.Files) > 0:
		return usageError{"detect reads standard input; files are for -measure"}
	}
	return k.answer(ctx, in)
}

// detected is a line of output. Found is nil where nothing was found.
type detected struct {
	ID     json.RawMessage `json:"id,omitempty"`
	OptOut bool            `json:"opt_out"`
	*found
	Verdict optout.Verdict `json:"verdict"`
	Read    []explained    `json:"read,omitempty"`
}

type found struct {
	Turn     int               `json:"turn"`
	Quote    string            `json:"quote"`
	Phrase   string            `json:"phrase"`
	Language string            `json:"language"`
	Family   string            `json:"family,omitempty"`
	Doubt    optout.Doubt      `json:"doubt,omitempty"`
	Slots    map[string]string `json:"slots,omitempty"`
	Before   *earlier          `json:"before,omitempty"`
	Engine   string            `json:"engine"`
}

// earlier is the piece of an earlier turn that belongs to what was found.
type earlier struct {
	Turn  int    `json:"turn"`
	Quote string `json:"quote"`
}

// unread is a line of output for one of input that cannot be read.
type unread struct {
	ID    json.RawMessage `json:"id,omitempty"`
	Line  int             `json:"line"`
	Error string          `json:"error"`
}

// A reply is the answer to one line, to be written in the order of the lines.
type reply struct {
	inputLine
	answer bytes.Buffer
}

// answer reads lines in batches: each is judged on all processors, while the
// next is read. A batch ends where no more input is there yet.
func (k *detectCommand) answer(ctx context.Context, in *Invocation) error {
	d := optout.New()
	var end error
	for batch, err := range batches(in.Stdin) {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			return fmt.Errorf("read standard input: %w", err)
		}
		replies := make([]reply, len(batch))
		shared(len(batch), func(i int) {
			replies[i].inputLine = batch[i]
			k.judge(d, &replies[i])
		})
		for i := range replies {
			r := &replies[i]
			if r.err != nil {
				fmt.Fprintf(in.Stderr, "nocall: line %d: %v\n", r.n, r.err)
				end = errSaid
			}
			if _, err := in.Stdout.Write(r.answer.Bytes()); err != nil {
				return err
			}
		}
	}
	return end
}

// shared does a piece of work for each of 0 to n-1, each processor its share.
func shared(n int, work func(i int)) {
	var wg sync.WaitGroup
	workers := min(runtime.GOMAXPROCS(0), n)
	for w := range workers {
		wg.Go(func() {
			for i := w; i < n; i += workers {
				work(i)
			}
		})
	}
	wg.Wait()
}

// judge writes the answer to one line.
func (k *detectCommand) judge(d *optout.Detector, r *reply) {
	var c labelled.Conversation
	if r.err == nil {
		c, r.err = labelled.Read(r.text)
	}
	if r.err != nil {
		writeJSON(&r.answer, unread{c.ID, r.n, r.err.Error()}) // to memory: it cannot fail
		return
	}
	o := optout.Options{Language: c.Language, Preset: k.Preset}
	out := detectedOf(c.ID, c.Said(), d, o)
	if k.Explain {
		out.Read = explainedOf(d.Explain(c.Said(), o))
	}
	writeJSON(&r.answer, out)
}

func detectedOf(
	id json.RawMessage, turns []optout.Turn, d *optout.Detector, o optout.Options,
) detected {
	f, ok := d.Find(turns, o)
	if !ok {
		return detected{ID: id, Verdict: optout.None}
	}
	out := &found{
		Turn: f.Turn, Quote: f.Quote, Phrase: f.Phrase, Language: f.Language,
		Family: f.Family, Doubt: f.Doubt, Engine: optout.Version,
	}
	for _, s := range f.Slots {
		if out.Slots == nil {
			out.Slots = make(map[string]string)
		}
		out.Slots[s.Name] = s.Text
	}
	if f.Before != nil {
		out.Before = &earlier{f.Before.Turn, f.Before.Quote}
	}
	return detected{
		ID: id, OptOut: f.Verdict == optout.OptOut, found: out, Verdict: f.Verdict,
	}
}
