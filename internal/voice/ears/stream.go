package ears

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/coder/websocket"

	"nocall/internal/voice"
)

// stream is a service that hears all of a call as it goes on.
type stream struct {
	url      string
	header   http.Header
	language string // "" if not set
	client   *http.Client
}

var _ voice.Transcriber = (*stream)(nil)

// newStream asks for our sound, and for what ends a turn; what the address says
// of it itself prevails.
func newStream(u *url.URL, key, language string) *stream {
	setPath(u, "/v1/listen")
	query := u.Query()
	set := func(name, value string) {
		if !query.Has(name) {
			query.Set(name, value)
		}
	}
	set("encoding", "mulaw")
	set("sample_rate", "8000")
	set("channels", "1")
	set("punctuate", "true")
	set("interim_results", "true") // or no UtteranceEnd
	set("endpointing", "500")
	set("utterance_end_ms", "1000")
	if language != "" {
		set("language", language)
	}
	u.RawQuery = query.Encode()
	s := &stream{url: u.String(), header: http.Header{}, language: language, client: client()}
	if key != "" {
		s.header.Set("Authorization", authorization("Token", key))
	}
	return s
}

// authorization returns the value of the header. A key that comes with a
// scheme, as "Bearer ...", keeps it.
func authorization(scheme, key string) string {
	if strings.Contains(key, " ") {
		return key
	}
	return scheme + " " + key
}

// Listen hears frames and says each turn. When the service goes away it is
// called again, and hears again what it has not confirmed, as far as that is
// kept. When the frames have ended, the last turns may take some seconds more.
//
// It returns a RefusedError as soon as the service refuses, and at the end a
// LostError if some of the sound was not heard.
func (s *stream) Listen(
	ctx context.Context, frames <-chan []byte, said func(text, language string),
) error {
	limited, cancel := context.WithCancelCause(ctx)
	h := &hearing{
		stream: s, tape: newTape(), turn: turn{said: said, language: s.language},
	}
	recorded := make(chan struct{})
	go func() {
		defer close(recorded)
		eachSound(limited, frames, h.tape.record)
		h.tape.end()
		if pause(limited, endTimeout) {
			cancel(errSlow)
		}
	}()

	err := h.run(limited)
	cancel(nil)
	<-recorded
	h.turn.end()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return fmt.Errorf("ears: %w", err)
	}
	return nil
}

// dial opens a stream.
func (s *stream) dial(ctx context.Context) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	conn, answer, err := websocket.Dial(ctx, s.url, &websocket.DialOptions{
		HTTPClient:      s.client,
		HTTPHeader:      s.header,
		CompressionMode: websocket.CompressionDisabled,
	})
	if err == nil {
		conn.SetReadLimit(maxAnswer)
		return conn, nil
	}
	if answer != nil && answer.StatusCode != http.StatusSwitchingProtocols {
		return nil, refusal(answer.StatusCode)
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return nil, fmt.Errorf("connect: %w", bare(err))
}
