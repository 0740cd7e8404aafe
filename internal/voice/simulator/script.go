package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"nocall/internal/e164"
	"nocall/internal/optout"
	"nocall/internal/voice"
)

// maxScript is the greatest size of a script in bytes.
const maxScript = 16 << 20

// maxLanguage is the greatest length of the tag of a language in bytes.
const maxLanguage = 35 // RFC 5646, section 4.4.1

// Script says what contacts do, by number.
type Script map[e164.Number]Behaviour

// Behaviour is what a contact does when called.
type Behaviour struct {
	Outcome  voice.Outcome `json:"outcome"`
	Rings    time.Duration `json:"-"`                  // until the outcome is there
	Language string        `json:"language,omitempty"` // IETF tag; "" where nobody knows it
	Lines    []Line        `json:"lines,omitempty"`
}

// Line is what one side says, or the keys that the contact presses.
type Line struct {
	Speaker optout.Speaker `json:"speaker,omitempty"`
	Text    string         `json:"text,omitempty"`
	Keys    string         `json:"keys,omitempty"`
}

// ReadScript reads a script: a JSON object of numbers in E.164, each with an
// outcome (answered, busy, no_answer, refused, unwanted or failed) and, when
// it answers, lines of a speaker and a text, or of keys, and the language that
// they are in.
func ReadScript(r io.Reader) (Script, error) {
	d := json.NewDecoder(io.LimitReader(r, maxScript))
	d.DisallowUnknownFields()
	var s Script
	if err := d.Decode(&s); err != nil {
		return nil, fmt.Errorf("read script: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("read script: want one JSON object and nothing after it")
	}
	for n, b := range s {
		if n.IsZero() {
			return nil, errors.New("read script: a number is empty")
		}
		if err := b.check(); err != nil {
			return nil, fmt.Errorf("read script: %s: %w", n, err)
		}
		b.Rings = ringTime(n, b.Outcome)
		s[n] = b
	}
	return s, nil
}

func (b Behaviour) check() error {
	switch b.Outcome {
	case voice.Answered, voice.Busy, voice.NoAnswer, voice.Refused, voice.Unwanted, voice.Failed:
	default:
		return fmt.Errorf("no such outcome %q", b.Outcome)
	}
	if b.Outcome != voice.Answered && len(b.Lines) > 0 {
		return fmt.Errorf("outcome %s has no lines", b.Outcome)
	}
	if len(b.Language) > maxLanguage {
		return fmt.Errorf("language has more than %d bytes: want a tag such as es", maxLanguage)
	}
	for i, line := range b.Lines {
		if err := line.check(); err != nil {
			return fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	return nil
}

func (l Line) check() error {
	switch {
	case l.Keys == "":
		return voice.Turn{Speaker: l.Speaker, Text: l.Text}.Validate()
	case l.Text != "":
		return errors.New("want a text or keys, not both")
	case l.Speaker == optout.Agent:
		return errors.New("keys are pressed by the contact")
	}
	return voice.ValidateKeys(l.Keys)
}

// rings reports whether the phone is heard ringing. A busy line is not, nor is
// one that cannot be reached.
func (b Behaviour) rings() bool {
	return b.Outcome != voice.Busy && b.Outcome != voice.Failed
}

// behaviour returns what n does: as the script says, or by its last two digits.
func (s Script) behaviour(n e164.Number) Behaviour {
	if b, ok := s[n]; ok {
		return b
	}
	b := Behaviour{Outcome: voice.Answered, Language: english}
	switch d := n.LastTwo(); {
	case d < 50:
		b.Lines = politeCalls[d%len(politeCalls)]
	case d < 60:
		b.Lines = optOutCalls[d%len(optOutCalls)]
	case d < 70:
		b.Lines = keyCall
	case d < 80:
		b.Outcome = voice.Busy
	case d < 90:
		b.Outcome = voice.NoAnswer
	case d < 95:
		b.Outcome = voice.Refused
	case d < 96:
		b.Outcome = voice.Unwanted
	default:
		b.Outcome = voice.Failed
	}
	b.Rings = ringTime(n, b.Outcome)
	return b
}

// noAnswerTime is how long a phone rings that nobody answers.
const noAnswerTime = 20 * time.Second

// ringTime returns how long it takes until outcome o is there: between one and
// five seconds, always the same for a number, unless nobody answers.
func ringTime(n e164.Number, o voice.Outcome) time.Duration {
	if o == voice.NoAnswer {
		return noAnswerTime
	}
	return time.Second + time.Duration(n.Uint64()*7%4000)*time.Millisecond
}

// duration is how long it takes to say a line: a breath, then 15 characters a
// second.
func (l Line) duration() time.Duration {
	return 600*time.Millisecond + time.Duration(len(l.Text))*time.Second/15
}
