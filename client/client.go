// Package client asks a nocall server: whether a number may be called, and
// everything else that the server's API offers. It needs the standard library
// only.
//
//	c := &client.Client{Server: "http://127.0.0.1:8080", Key: key}
//	answer, err := c.Check(ctx, "+14155550123")
//	if err != nil {
//		return err // nothing is certain: do not call
//	}
//	if answer.Verdict != client.Clear {
//		return nil // do not call
//	}
//
// A number may be called only when an answer says so: any error, whatever it
// is, means that it may not. What the server refuses is a [*Problem], to be
// had with [errors.As]; the plainest ones have a name, such as [ErrListed], to
// be asked for with [errors.Is].
//
// Requests that the server can answer twice without harm are tried again when
// the connection fails, or when the server asks to come back later. Those that
// make something carry an Idempotency-Key, so that no entry, call or key is
// made twice.
package client

import (
	"net/http"
	"strings"
	"time"
)

// Client speaks to one server with one key. Its fields are set once, before
// use. It may be used by many goroutines at once.
type Client struct {
	Server string // such as "http://127.0.0.1:8080"
	Key    string // the secret of a key, or "" for none

	// Environment is the environment that methods speak of. Empty, it is the
	// one that Key belongs to.
	Environment string

	HTTP      *http.Client // nil for [http.DefaultClient]
	UserAgent string       // "" for "nocall-client"

	// Tries is how often a request is tried in all; 0 is 4. Patience is the
	// longest wait between two tries, which begin at a tenth of a second; 0 is
	// 5 seconds. When the server asks for more, its problem is returned.
	Tries    int
	Patience time.Duration
}

// environment returns the name of the environment, which the key tells where
// Environment is empty: a key has the form nocall_ENVIRONMENT_ID_RANDOM.
func (c *Client) environment() string {
	if c.Environment != "" {
		return c.Environment
	}
	parts := strings.Split(c.Key, "_")
	if len(parts) != 4 || parts[0] != "nocall" {
		return ""
	}
	return parts[1]
}
