package client

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strings"
	"time"
)

// Verdict is what the list says of a number.
type Verdict string

// The verdicts. Only Clear lets a call go out.
const (
	Clear      Verdict = "clear"
	Listed     Verdict = "listed"      // on the environment's do-not-call list
	Registered Verdict = "registered"  // in a registry, such as a national one
	Stale      Verdict = "stale"       // what a registry has of it is too old to say
	NotCovered Verdict = "not_covered" // a registry does not have that part of the plan
	Invalid    Verdict = "invalid"     // not a number that can be read
)

// Answer is the answer to a check.
type Answer struct {
	Number   string    `json:"number"` // in E.164
	Verdict  Verdict   `json:"verdict"`
	Entry    *Entry    `json:"entry,omitempty"`    // where Listed
	Registry string    `json:"registry,omitempty"` // whose verdict it is, if not the list's
	AsOf     time.Time `json:"as_of"`
}

// Check asks whether a number may be called. It changes nothing. Any error,
// such as [ErrUnready], means that nothing is certain: do not call.
func (c *Client) Check(ctx context.Context, number string) (Answer, error) {
	var a Answer
	_, err := c.call(ctx, request{method: http.MethodGet, path: c.path("check", number)}, &a)
	return a, err
}

// MaxNumbers is how many numbers [Client.CheckMany] takes.
const MaxNumbers = 100_000

// Result is the answer to one of many checks.
type Result struct {
	Input   string  `json:"input"`            // as it was asked
	Number  string  `json:"number"`           // in E.164; empty where Invalid
	Verdict Verdict `json:"verdict"`          //
	Detail  string  `json:"detail,omitempty"` // what is wrong, where Invalid
}

// CheckMany asks for up to [MaxNumbers] numbers at once. Results come in the
// order asked; a number that cannot be read is Invalid, and the others are
// answered all the same.
func (c *Client) CheckMany(ctx context.Context, numbers []string) ([]Result, error) {
	var answer struct {
		Results []Result `json:"results"`
	}
	_, err := c.call(ctx, request{
		method: http.MethodPost, path: c.path("check"), reads: true,
		body: map[string][]string{"numbers": numbers},
	}, &answer)
	if err == nil && len(answer.Results) != len(numbers) {
		err = fmt.Errorf("check: %d results for %d numbers", len(answer.Results), len(numbers))
	}
	return answer.Results, err
}

// CheckLines asks for the numbers in r, one a line, without limit, and gives
// the results as they come. The number of a result is as the server wrote it.
// After an error it gives nothing more, and what was not answered is not clear.
func (c *Client) CheckLines(ctx context.Context, r io.Reader) iter.Seq2[Result, error] {
	return func(yield func(Result, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		header := http.Header{"Content-Type": {"text/plain; charset=utf-8"}}
		resp, err := c.once(ctx, request{method: http.MethodPost, path: c.path("check")}, header, r)
		if err != nil {
			yield(Result{}, err)
			return
		}
		defer resp.Body.Close()
		lines := bufio.NewScanner(resp.Body)
		for lines.Scan() {
			result, ok := readResult(lines.Text())
			if !ok {
				yield(Result{}, fmt.Errorf("check: the server answered %q", lines.Text()))
				return
			}
			if !yield(result, nil) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield(Result{}, fmt.Errorf("check: read answer: %w", err))
		}
	}
}

// readResult reads a line "number,verdict". A number that cannot be read may
// have commas of its own.
func readResult(line string) (Result, bool) {
	i := strings.LastIndexByte(line, ',')
	if i < 0 {
		return Result{}, false
	}
	r := Result{Input: line[:i], Verdict: Verdict(line[i+1:])}
	if r.Verdict != Invalid {
		r.Number = r.Input
	}
	switch r.Verdict {
	case Clear, Listed, Registered, Stale, NotCovered, Invalid:
		return r, true
	}
	return Result{}, false
}
