package ears

import (
	"encoding/json"
	"math"
	"strings"
	"unicode"

	"nocall/internal/voice"
)

// maxTurn is how long a turn gets, in bytes, before it is said though the
// speaker goes on: an opt-out in it must not wait for the end.
const maxTurn = 1000

// maxCall is longer than a stream can be, in seconds.
const maxCall = 200_000

// result is what a service says of a piece of a stream.
type result struct {
	text     string
	language string  // "" if it does not say
	final    bool    // it will not be said otherwise later
	ends     bool    // the speaker has paused
	until    float64 // where the piece ends, in seconds of the stream; 0 if not said
}

// bytes returns where the piece ends, in bytes of the stream. A service that
// does not say has heard all.
func (r result) bytes() int {
	if !(r.until > 0) || r.until > maxCall {
		return math.MaxInt32
	}
	return int(r.until * float64(byteASec))
}

// parseResult reads a message of a service. What is none of interest is an
// empty result.
func parseResult(text []byte) (result, error) {
	var m struct {
		Type     string          `json:"type"`
		Final    bool            `json:"is_final"`
		Ends     bool            `json:"speech_final"`
		Flushed  bool            `json:"from_finalize"`
		Start    float64         `json:"start"`
		Duration float64         `json:"duration"`
		Channel  json.RawMessage `json:"channel"` // an object in results alone
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return result{}, err
	}
	switch m.Type {
	case "UtteranceEnd":
		return result{ends: true}, nil
	case "Results":
		r := result{
			final: m.Final, ends: m.Final && (m.Ends || m.Flushed), until: m.Start + m.Duration,
		}
		return r, r.read(m.Channel)
	}
	return result{}, nil
}

// read takes the likeliest reading from a channel.
func (r *result) read(text []byte) error {
	var channel struct {
		Alternatives []struct {
			Transcript string   `json:"transcript"`
			Languages  []string `json:"languages"`
		} `json:"alternatives"`
	}
	if err := json.Unmarshal(text, &channel); err != nil {
		return err
	}
	if len(channel.Alternatives) == 0 {
		return nil
	}
	likeliest := channel.Alternatives[0]
	r.text = strings.TrimSpace(likeliest.Transcript)
	if len(likeliest.Languages) > 0 {
		r.language = likeliest.Languages[0]
	}
	return nil
}

// turn joins the pieces of what a contact says until they pause.
type turn struct {
	said     func(text, language string)
	language string // if the service names none

	text  strings.Builder
	heard string // the language of the first piece that has one
}

// add takes in a result.
func (t *turn) add(r result) {
	if r.final && r.text != "" {
		if t.text.Len() > 0 {
			t.text.WriteByte(' ')
		}
		t.text.WriteString(r.text)
		if t.heard == "" {
			t.heard = r.language
		}
	}
	if r.ends || t.text.Len() > maxTurn {
		t.end()
	}
}

// end says the turn, if there is one.
func (t *turn) end() {
	text, language := t.text.String(), t.heard
	t.text.Reset()
	t.heard = ""
	if language == "" {
		language = t.language
	}
	say(t.said, text, language)
}

// say says what has any words, as a turn may have them.
func say(said func(text, language string), text, language string) {
	text = strings.TrimSpace(strings.Map(printable, text))
	if len(text) > voice.MaxText {
		text = strings.ToValidUTF8(text[:voice.MaxText], "")
	}
	if text != "" {
		said(text, tag(language))
	}
}

// printable returns a blank for what cannot be written down.
func printable(r rune) rune {
	if unicode.IsControl(r) {
		return ' '
	}
	return r
}

// longestTag is the length of the longest language tag (RFC 5646, section 4.4).
const longestTag = 35

// tag returns the tag of a language, or "" for what is none: services have a
// word for several languages at once.
func tag(language string) string {
	const signs = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"
	if len(language) > longestTag || strings.Trim(language, signs) != "" || language == "multi" {
		return ""
	}
	return language
}
