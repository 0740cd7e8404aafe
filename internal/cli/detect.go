package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"nocall/internal/optout"
)

const detectUsage = `Usage:
    nocall detect < conversations.jsonl

Reads conversations from standard input, a JSON object a line, and says of each
whether the contact asked not to be called again, and in which words. It needs
no server. Turns are counted from 0; "language" is optional.

A line that cannot be read is answered by an object with an "error", so that
answers keep the order of the questions; it is named on standard error, and the
exit status is 1. Blank lines are passed over.

Example:
    $ nocall detect <<.
    {"id":"c1","turns":[{"speaker":"contact","text":"Please don't call me again"}]}
    .
    {"id":"c1","opt_out":true,"turn":0,"quote":"don't call me again",...}
`

type detectCommand struct{}

// conversation is a line of input.
type conversation struct {
	ID    json.RawMessage `json:"id"`
	Turns []struct {
		Speaker optout.Speaker `json:"speaker"`
		Text    string         `json:"text"`
	} `json:"turns"`
	Language string `json:"language"`
}

// detected is a line of output. The pointer is nil where there is no opt-out.
type detected struct {
	ID     json.RawMessage `json:"id,omitempty"`
	OptOut bool            `json:"opt_out"`
	*found
}

type found struct {
	Turn     int    `json:"turn"`
	Quote    string `json:"quote"`
	Phrase   string `json:"phrase"`
	Language string `json:"language"`
}

// unread is a line of output for one of input that cannot be read.
type unread struct {
	ID    json.RawMessage `json:"id,omitempty"`
	Line  int             `json:"line"`
	Error string          `json:"error"`
}

// Run answers every line.
func (detectCommand) Run(ctx context.Context, in *Invocation) error {
	detector := optout.New()
	var end error
	n := 0
	for line, err := range lines(in.Stdin) {
		if n++; ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil && !errors.Is(err, errLongLine) {
			return fmt.Errorf("read standard input: %w", err)
		}
		if err == nil && len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var c conversation
		if err == nil {
			c, err = readConversation(line)
		}
		if err == nil {
			err = writeJSON(in.Stdout, c.detect(detector))
			if err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(in.Stderr, "nocall: line %d: %v\n", n, err)
		end = errSaid
		if err := writeJSON(in.Stdout, unread{c.ID, n, err.Error()}); err != nil {
			return err
		}
	}
	return end
}

func readConversation(line []byte) (conversation, error) {
	var c conversation
	d := json.NewDecoder(bytes.NewReader(line))
	if err := d.Decode(&c); err != nil {
		return conversation{}, fmt.Errorf("want a JSON object with turns: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return c, errors.New("there is something after the JSON object")
	}
	if c.Turns == nil {
		return c, errors.New("there are no turns")
	}
	for i, t := range c.Turns {
		if t.Speaker != optout.Contact && t.Speaker != optout.Agent {
			return c, fmt.Errorf("turn %d: speaker %q is neither contact nor agent", i, t.Speaker)
		}
	}
	return c, nil
}

func (c conversation) detect(d *optout.Detector) detected {
	turns := make([]optout.Turn, len(c.Turns))
	for i, t := range c.Turns {
		turns[i] = optout.Turn{Speaker: t.Speaker, Text: t.Text}
	}
	f, ok := d.Find(turns, optout.Options{Language: c.Language})
	if !ok {
		return detected{ID: c.ID}
	}
	return detected{c.ID, true, &found{f.Turn, f.Quote, f.Phrase, f.Language}}
}
