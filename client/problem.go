package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// The plainest problems, to be asked for with [errors.Is].
var (
	ErrListed   = errors.New("client: number is on the do-not-call list")
	ErrRegistry = errors.New("client: number may not be called because of a registry")
	ErrUnready  = errors.New("client: the list is not ready, nothing is cleared")
	ErrNotFound = errors.New("client: not there")
	ErrConflict = errors.New("client: conflict with what is there")
	ErrKey      = errors.New("client: no key, or one that is not right")
	ErrDenied   = errors.New("client: not allowed with this key")
	ErrInvalid  = errors.New("client: not acceptable")
	ErrTooMany  = errors.New("client: too many requests")
)

// Problem is what the server answers to a request that it does not fulfil, as
// in RFC 9457.
type Problem struct {
	Type   string       `json:"type"` // a stable reference, such as /problems/listed
	Title  string       `json:"title"`
	Status int          `json:"status"` // of HTTP
	Detail string       `json:"detail"` // what is wrong, and what would be right
	Errors []FieldError `json:"errors"` // by field
	CallID string       `json:"call_id"`

	// RetryAfter is how long the server asks to wait; 0 where it asks nothing.
	RetryAfter time.Duration `json:"-"`
}

// FieldError is what is wrong with one field of a request.
type FieldError struct {
	Location string `json:"location"` // such as body.number
	Message  string `json:"message"`
}

// Error says what is wrong in the server's words.
func (p *Problem) Error() string {
	text := p.Detail
	if text == "" {
		text = p.Title
	}
	var fields []string
	for _, e := range p.Errors {
		if e.Message != "" && !strings.Contains(text, e.Message) {
			fields = append(fields, strings.TrimPrefix(e.Location+": "+e.Message, ": "))
		}
	}
	if len(fields) > 0 {
		text += " (" + strings.Join(fields, "; ") + ")"
	}
	return text
}

// Is reports whether p is the problem that target names.
func (p *Problem) Is(target error) bool {
	switch target {
	case ErrListed:
		return p.kind() == "listed"
	case ErrRegistry:
		return p.kind() == "registered"
	case ErrUnready:
		return p.kind() == "unready"
	case ErrNotFound:
		return p.Status == http.StatusNotFound
	case ErrConflict:
		return p.Status == http.StatusConflict
	case ErrKey:
		return p.Status == http.StatusUnauthorized
	case ErrDenied:
		return p.Status == http.StatusForbidden
	case ErrInvalid:
		return p.Status == http.StatusBadRequest || p.Status == http.StatusUnprocessableEntity
	case ErrTooMany:
		return p.Status == http.StatusTooManyRequests
	}
	return false
}

// kind is the last part of the type: "listed" of /problems/listed.
func (p *Problem) kind() string { return p.Type[strings.LastIndexByte(p.Type, '/')+1:] }

// readProblem reads the problem in an answer. An answer that holds none, such
// as that of a proxy on the way, becomes one by its status.
func readProblem(resp *http.Response) *Problem {
	p := new(Problem)
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxProblem))
	if err == nil && strings.Contains(resp.Header.Get("Content-Type"), "json") {
		err = json.Unmarshal(text, p)
	}
	if err != nil || p.Title == "" && p.Detail == "" {
		p = &Problem{Title: fmt.Sprintf("the server answered %q", resp.Status)}
	}
	p.Status = resp.StatusCode
	p.RetryAfter = retryAfter(resp.Header)
	return p
}
