package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Limits of a check of many numbers as JSON.
const (
	maxNumbers  = 100_000
	maxManyBody = 8 << 20
	resultChunk = 64 << 10 // bytes of an answer that are written at once
)

// checkJSON answers numbers as JSON. All of them are read, and the list is asked
// for them, before the answer begins.
func (d *desk) checkJSON(w http.ResponseWriter, r *http.Request) error {
	c, err := d.checkerOf(r)
	if err != nil {
		return err
	}
	defer d.checkers.Put(c)
	c.reset()
	if err := c.readBody(w, r); err != nil {
		return err
	}
	if err := c.ask(); err != nil {
		return err
	}
	w.Header()["Content-Type"] = jsonType
	c.writeJSON(w) //nolint:errcheck // whoever asked is gone
	return nil
}

// readBody reads the numbers that are asked for.
func (c *checker) readBody(w http.ResponseWriter, r *http.Request) error {
	//nolint:errcheck // a reader without deadlines reads all the same
	http.NewResponseController(w).SetReadDeadline(time.Now().Add(progressTime))
	body := bytes.NewBuffer(c.text)
	if n := int(r.ContentLength); n > 0 && n <= maxManyBody {
		body.Grow(n + bytes.MinRead) // or it would be copied to find its end
	}
	_, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, maxManyBody))
	if err != nil {
		return bodyError(err)
	}
	//nolint:errcheck // as above
	http.NewResponseController(w).SetReadDeadline(time.Time{})
	c.text = body.Bytes()
	if places, ok := scanAsked(c.text, c.places); ok {
		c.places = places
		return nil
	}
	return c.readSlowly()
}

// readSlowly reads JSON of any form from the text.
func (c *checker) readSlowly() error {
	decoder := json.NewDecoder(bytes.NewReader(c.text))
	decoder.DisallowUnknownFields()
	var asked Asked
	if err := decoder.Decode(&asked); err != nil {
		return jsonError(err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return at("body", fmt.Errorf("%w: more than one JSON value", errMalformed))
	}
	if asked.Numbers == nil {
		return at("body.numbers", fmt.Errorf("%w: numbers is missing", errInvalid))
	}
	if len(asked.Numbers) > maxNumbers {
		return at("body.numbers", fmt.Errorf("%w: at most %d numbers; send text/plain "+
			"for more", errTooLarge, maxNumbers))
	}
	c.reset()
	for _, text := range asked.Numbers {
		c.add([]byte(text))
	}
	return nil
}

// jsonError says what is wrong with JSON that could not be read.
func jsonError(err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return at(strings.TrimSuffix("body."+wrong.Field, "."), fmt.Errorf(
			"%w: want %s, not %s", errInvalid, wrong.Type, wrong.Value))
	}
	if rest, ok := strings.CutPrefix(err.Error(), `json: unknown field "`); ok {
		name := strings.TrimSuffix(rest, `"`)
		return at("body."+name, fmt.Errorf("%w: %s is not a field that is known here",
			errInvalid, name))
	}
	return at("body", fmt.Errorf("%w: %v", errMalformed, err))
}

// writeJSON writes the answer, piece by piece.
func (c *checker) writeJSON(w io.Writer) error {
	text := append(c.out[:0], `{"results":[`...)
	for i := range c.places {
		if i > 0 {
			text = append(text, ',')
		}
		text = c.appendResult(text, i)
		if len(text) < resultChunk {
			continue
		}
		if _, err := w.Write(text); err != nil {
			return err
		}
		text = text[:0]
	}
	text = appendTime(append(text, `],"as_of":"`...), time.Now())
	c.out = append(text, "\"}\n"...)
	_, err := w.Write(c.out)
	return err
}

// appendResult appends the result for the i-th number.
func (c *checker) appendResult(text []byte, i int) []byte {
	input := c.input(i)
	text = append(text, `{"input":`...)
	switch err := c.wrong(i); {
	case err != nil:
		text = appendString(text, input)
		text = append(text, `,"number":null,"verdict":"invalid","detail":`...)
		return append(appendString(text, []byte(plainWords(err))), '}')
	case c.places[i].exact:
		text = append(text, '"')
		text = append(text, input...)
		text = append(text, `","number":"`...)
		text = append(text, input...)
	default:
		text = appendString(text, input)
		text = append(text, `,"number":"`...)
		text = c.numbers[i].AppendTo(text)
	}
	text = append(text, `","verdict":"`...)
	text = append(text, c.verdict(i)...)
	return append(text, `"}`...)
}

// appendString appends s as JSON. Most numbers can go in as they are.
func appendString(text, s []byte) []byte {
	for _, c := range s {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			quoted, err := json.Marshal(string(s))
			if err != nil {
				return append(text, `""`...) // a string
			}
			return append(text, quoted...)
		}
	}
	text = append(text, '"')
	text = append(text, s...)
	return append(text, '"')
}
