// Package labelled reads conversations with a person's judgement of them, and
// measures a detector against that.
package labelled

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"nocall/internal/optout"
)

// A Label is a person's judgement of a conversation.
type Label string

// The labels.
const (
	OptOut    Label = "opt_out"
	Scoped    Label = "scoped"    // a limit of time, place, topic or channel: not an opt-out
	Unclear   Label = "ambiguous" // people disagree: reported apart, not scored
	NoRequest Label = "none"
)

// Conversation is a conversation and, where somebody judged it, how.
type Conversation struct {
	ID       json.RawMessage `json:"id"`
	Language string          `json:"language"` // IETF tag; "" if unknown
	Category string          `json:"category"` // such as "list_removal" or "neg_naming"
	Label    Label           `json:"label"`    // "" is [NoRequest]
	Family   string          `json:"family"`   // of an unclear one, such as "leave_alone"
	Turns    []Turn          `json:"turns"`
	Text     string          `json:"text"` // a single turn of the contact, instead of turns
}

// Turn is a turn as it is written down.
type Turn struct {
	Speaker optout.Speaker `json:"speaker"`
	Text    string         `json:"text"`
}

// Read reads a conversation from one JSON object. With an error it returns
// what could be read, so that the answer can carry the ID.
func Read(line []byte) (Conversation, error) {
	var c Conversation
	d := json.NewDecoder(bytes.NewReader(line))
	if err := d.Decode(&c); err != nil {
		return Conversation{ID: c.ID}, fmt.Errorf("want a JSON object with turns: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return c, errors.New("there is something after the JSON object")
	}
	if c.Text != "" && c.Turns == nil {
		c.Turns = []Turn{{optout.Contact, c.Text}}
	}
	if c.Turns == nil {
		return c, errors.New("there are no turns")
	}
	for i, t := range c.Turns {
		if t.Speaker != optout.Contact && t.Speaker != optout.Agent {
			return c, fmt.Errorf("turn %d: speaker %q is neither contact nor agent", i, t.Speaker)
		}
	}
	switch c.Label {
	case "":
		c.Label = NoRequest
	case OptOut, Scoped, Unclear, NoRequest:
	default:
		return c, fmt.Errorf("label %q is not opt_out, scoped, ambiguous or none", c.Label)
	}
	return c, nil
}

// Said returns the turns as a detector takes them.
func (c *Conversation) Said() []optout.Turn {
	turns := make([]optout.Turn, len(c.Turns))
	for i, t := range c.Turns {
		turns[i] = optout.Turn{Speaker: t.Speaker, Text: t.Text}
	}
	return turns
}

// contactTurns is how many turns are the contact's.
func (c *Conversation) contactTurns() (n int) {
	for _, t := range c.Turns {
		if t.Speaker == optout.Contact {
			n++
		}
	}
	return n
}
