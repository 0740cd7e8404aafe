package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// Scrubbed is what was found in a file of contacts: rows by what may become
// of them. Only Clear may be called.
type Scrubbed struct {
	Rows       int64    `json:"rows"`
	Clear      int64    `json:"clear"`
	Listed     int64    `json:"listed"`     // on the environment's do-not-call list
	Registered int64    `json:"registered"` // in a registry
	Invalid    int64    `json:"invalid"`    // with a number that cannot be read, or none
	NotCovered int64    `json:"not_covered,omitempty"`
	Stale      int64    `json:"stale,omitempty"`
	Columns    []string `json:"columns"` // that numbers were read from
}

// Rows says which rows of a file are wanted back.
type Rows string

// The rows of a file.
const (
	AllRows        Rows = "all"
	ClearRows      Rows = "clear"
	SuppressedRows Rows = "suppressed" // those that may not be called
	NoRows         Rows = "none"       // only the counts
)

// ScrubOptions say how a file of contacts is read, and what comes back.
type ScrubOptions struct {
	Rows    Rows     // "" for AllRows
	Columns []string // the columns with phone numbers; none: they are recognised
	Region  string   // country of national numbers; "" for that of the environment
	Verdict string   // name of a column to be added with the verdict; "" for none
}

// Scrub sends a CSV file of contacts and writes the rows that o asks for to w as
// they come back, byte for byte and in order. There is no limit of rows. After
// an error what was written is not to be used.
func (c *Client) Scrub(
	ctx context.Context, contacts io.Reader, w io.Writer, o ScrubOptions,
) (Scrubbed, error) {
	query := values("rows", string(o.Rows), "region", o.Region, "verdict", o.Verdict)
	for _, name := range o.Columns {
		query.Add("column", name)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	header := http.Header{"Content-Type": {"text/csv"}}
	resp, err := c.once(ctx, request{
		method: http.MethodPost, path: c.path("scrub"), query: query,
	}, header, contacts)
	if err != nil {
		return Scrubbed{}, err
	}
	defer resp.Body.Close()
	counts := ""
	if o.Rows == NoRows {
		text, err := io.ReadAll(io.LimitReader(resp.Body, maxProblem))
		if err != nil {
			return Scrubbed{}, fmt.Errorf("scrub: read answer: %w", err)
		}
		counts = string(text)
	} else {
		if _, err := io.Copy(w, resp.Body); err != nil {
			return Scrubbed{}, fmt.Errorf("scrub: %w", err)
		}
		counts = resp.Trailer.Get("Scrub-Counts")
	}
	if counts == "" {
		return Scrubbed{}, errors.New("scrub: the answer does not say what was found")
	}
	var found Scrubbed
	if err := json.Unmarshal([]byte(counts), &found); err != nil {
		return Scrubbed{}, fmt.Errorf("scrub: read answer: %w", err)
	}
	return found, nil
}
