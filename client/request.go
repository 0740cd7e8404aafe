package client

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"
)

const (
	maxAnswer  = 64 << 20 // greatest size of an answer that is read whole, in bytes
	maxProblem = 64 << 10
	firstWait  = 100 * time.Millisecond
)

// request is one request, before it is sent.
type request struct {
	method string
	path   string
	query  url.Values
	body   any  // a file, or else sent as JSON; nil for none
	makes  bool // something new: carries an Idempotency-Key
	reads  bool // changes nothing, though it is a POST
}

// file is a body that is no JSON.
type file struct {
	form string // its content type
	text []byte
}

// write returns the body as it is sent, and its content type.
func (r request) write() (body []byte, form string, err error) {
	switch b := r.body.(type) {
	case nil:
		return nil, "", nil
	case file:
		return b.text, b.form, nil
	}
	if body, err = json.Marshal(r.body); err != nil {
		return nil, "", fmt.Errorf("request of %s: %w", r.path, err)
	}
	return body, "application/json", nil
}

// repeatable reports whether r may be sent again when nobody knows whether it
// arrived.
func (r request) repeatable() bool { return r.method == http.MethodGet || r.makes || r.reads }

// path returns the path of something in the client's environment.
func (c *Client) path(parts ...string) string {
	escaped := "/v1/environments/" + url.PathEscape(c.environment())
	for _, part := range parts {
		escaped += "/" + url.PathEscape(part)
	}
	return escaped
}

// call sends r and reads the answer into answer, which may be nil. It returns
// the status of the answer.
func (c *Client) call(ctx context.Context, r request, answer any) (int, error) {
	resp, err := c.send(ctx, r)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return resp.StatusCode, fmt.Errorf("read answer of %s: %w", r.path, err)
	}
	if len(text) > maxAnswer {
		return resp.StatusCode, fmt.Errorf("answer of %s is over %d bytes", r.path, maxAnswer)
	}
	if answer == nil || len(text) == 0 {
		return resp.StatusCode, nil
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return resp.StatusCode, fmt.Errorf("read answer of %s: %w", r.path, err)
	}
	return resp.StatusCode, nil
}

// send sends r, again where that does no harm, until there is an answer that
// is a success. Anything else is an error, a [*Problem] if the server gave it.
func (c *Client) send(ctx context.Context, r request) (*http.Response, error) {
	body, form, err := r.write()
	if err != nil {
		return nil, err
	}
	header := make(http.Header)
	if form != "" {
		header.Set("Content-Type", form)
	}
	if r.makes {
		header.Set("Idempotency-Key", rand.Text())
	}
	tries := c.Tries
	if tries == 0 {
		tries = 4
	}
	for try := 1; ; try++ {
		resp, err := c.once(ctx, r, header, bytes.NewReader(body))
		if err == nil {
			return resp, nil
		}
		wait, again := c.again(r, err, try)
		if !again || try >= tries {
			return nil, err
		}
		if err := pause(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// once sends r once.
func (c *Client) once(
	ctx context.Context, r request, header http.Header, body io.Reader,
) (*http.Response, error) {
	if path.Clean(r.path) != r.path {
		return nil, fmt.Errorf("%w: environment, number or ID is missing: %s", ErrInvalid, r.path)
	}
	address := strings.TrimSuffix(c.Server, "/") + r.path
	if len(r.query) > 0 {
		address += "?" + r.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, r.method, address, body)
	if err != nil {
		return nil, err
	}
	req.Header = header.Clone()
	req.Header.Set("User-Agent", c.userAgent())
	if c.Key != "" {
		req.Header.Set("Authorization", "Bearer "+c.Key)
	}
	h := c.HTTP
	if h == nil {
		h = http.DefaultClient
	}
	resp, err := h.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= 200 && resp.StatusCode < 300 {
		return resp, nil
	}
	defer resp.Body.Close()
	return nil, readProblem(resp)
}

func (c *Client) userAgent() string {
	if c.UserAgent != "" {
		return c.UserAgent
	}
	return "nocall-client"
}

// again reports whether r, which met err, is sent again, and after how long.
// An answer that says when to come back says also that nothing was done.
func (c *Client) again(r request, err error, try int) (time.Duration, bool) {
	patience := c.Patience
	if patience == 0 {
		patience = 5 * time.Second
	}
	wait := min(firstWait<<min(try-1, 10), patience)
	wait = wait/2 + mathrand.N(wait/2+1)

	var p *Problem
	if !errors.As(err, &p) {
		lost := !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) &&
			!errors.Is(err, ErrInvalid)
		return wait, lost && r.repeatable()
	}
	switch {
	case p.RetryAfter > 0:
		return p.RetryAfter, p.RetryAfter <= patience
	case p.Status == http.StatusBadGateway, p.Status == http.StatusGatewayTimeout:
		return wait, r.repeatable()
	}
	return 0, false
}

// retryAfter reads the header Retry-After, in seconds or as a date.
func retryAfter(h http.Header) time.Duration {
	text := h.Get("Retry-After")
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(time.Until(at), 0)
	}
	return 0
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
