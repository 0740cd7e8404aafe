// Package ears hears calls through a service that turns speech into text, and
// gives back what was said, turn by turn.
//
// Two kinds of services are known: one that listens to a stream over a
// WebSocket, as Deepgram's, and one that is sent a piece at a time, as
// OpenAI's transcription endpoint and the many that imitate it. Only what is
// final is said. Errors hold no word of it.
package ears

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"nocall/internal/voice"
)

const (
	connectTimeout = 5 * time.Second
	maxAnswer      = 1 << 20          // bytes
	endTimeout     = 18 * time.Second // from the end of a call to its last turn
)

// New returns the ears at the address: for wss and ws a service that listens to
// a stream, for https and http one that is sent pieces. Without a path the
// address gets the usual one of its kind. The key is sent as such services want
// it; "" sends none. The language is an IETF tag; "" leaves it to the service.
//
// Listen may return up to 20 seconds after the sound has ended, with the last
// turns said.
func New(address, key, language string) (voice.Transcriber, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil {
		return nil, errors.New("ears: want a URL as wss://api.example.com/v1/listen, without a user")
	}
	if strings.ContainsFunc(key, isControl) {
		return nil, errors.New("ears: the key has more than one line")
	}
	switch u.Scheme {
	case "wss", "ws":
		return newStream(u, key, language), nil
	case "https", "http":
		return newWindows(u, key, language), nil
	}
	return nil, fmt.Errorf("ears: %s: want wss, ws, https or http", u.Scheme)
}

func isControl(r rune) bool { return r < ' ' || r == 0x7F }

// setPath gives u a path unless it has one.
func setPath(u *url.URL, path string) {
	if u.Path == "" || u.Path == "/" {
		u.Path = path
	}
}

// client returns one that stays at the address it was given.
func client() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 64
	return &http.Client{
		Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
}

// RefusedError is that a service will not hear us, however often it is asked.
type RefusedError struct{ Status int } // HTTP

// Error says so.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("the service refused with %d", e.Status)
}

// refusal returns a RefusedError if asking again is of no use.
func refusal(status int) error {
	switch {
	case status == http.StatusRequestTimeout, status == http.StatusTooManyRequests,
		status >= 500:
		return fmt.Errorf("the service answered %d", status)
	}
	return &RefusedError{Status: status}
}

// LostError is that some of a call was not heard by the service.
type LostError struct {
	Sound time.Duration
	Last  error // why, the last time; nil if the service was too slow
}

// Error says how much was lost.
func (e *LostError) Error() string {
	lost := fmt.Sprintf("%v of sound not heard", e.Sound.Round(100*time.Millisecond))
	if e.Last == nil {
		return lost
	}
	return lost + ": " + e.Last.Error()
}

// Unwrap returns the reason.
func (e *LostError) Unwrap() error { return e.Last }

// bare takes the URL out of an error, which may hold a secret.
func bare(err error) error {
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return failed.Err
	}
	return err
}

var errSlow = errors.New("the service takes too long")

// pause waits, and reports whether ctx still goes on.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
