// Package stream lets a program elsewhere speak on calls: the sound goes to and
// fro over a WebSocket, in the messages that hosted platforms use for their
// media streams.
//
// The program learns the ID of the call, and no number: who may know it asks
// the API for the call.
package stream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/coder/websocket"

	"nocall/internal/voice"
)

const (
	connectTimeout = 5 * time.Second
	writeTimeout   = 5 * time.Second // the program reads nothing, with all buffers full
	closeTimeout   = time.Second
	pingEvery      = 20 * time.Second
	pingTimeout    = 10 * time.Second
	maxMessage     = 1 << 20 // bytes; a minute of sound has 640,000
)

// Agent speaks on calls through the program at the URL of a call's agent. The
// zero Agent is ready.
type Agent struct {
	Client *http.Client // nil for the usual one
	Log    *slog.Logger // nil to be silent
}

var _ voice.StreamAgent = (*Agent)(nil)

// Talk connects the sound of leg's call with the program at leg.Agent.URL. It
// returns nil when the call has ended, or when the program has closed the
// stream and what it had said by then has been played. Its errors name no
// number, word or URL.
func (a *Agent) Talk(ctx context.Context, leg voice.Leg, sound voice.Sound) error {
	conn, err := a.dial(ctx, leg.Agent.URL)
	if err != nil {
		return fmt.Errorf("stream: agent %s: %w", leg.Agent.Name, err)
	}
	t := newTalk(conn, leg, sound)
	err = t.run(ctx)
	a.note(ctx, t)
	if err != nil {
		return fmt.Errorf("stream: agent %s: %w", leg.Agent.Name, err)
	}
	return nil
}

// dial opens a WebSocket to the address, which may not send us elsewhere.
func (a *Agent) dial(ctx context.Context, address string) (*websocket.Conn, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "ws" && u.Scheme != "wss" || u.Host == "" {
		return nil, errors.New("want a URL as wss://agent.example.com/call")
	}
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	conn, answer, err := websocket.Dial(ctx, address, &websocket.DialOptions{
		HTTPClient:      a.client(),
		CompressionMode: websocket.CompressionDisabled,
	})
	if err != nil {
		return nil, dialError(ctx, answer, err)
	}
	conn.SetReadLimit(maxMessage)
	return conn, nil
}

// client returns one that stays at the address it was given.
func (a *Agent) client() *http.Client {
	client := http.Client{}
	if a.Client != nil {
		client = *a.Client
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}
	return &client
}

// dialError says why there is no connection, without the URL, which may hold a
// secret.
func dialError(ctx context.Context, answer *http.Response, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("connect: %w", context.Cause(ctx))
	}
	if answer != nil && answer.StatusCode != http.StatusSwitchingProtocols {
		return fmt.Errorf("connect: the program answered %d", answer.StatusCode)
	}
	if failed, ok := errors.AsType[*net.OpError](err); ok {
		return fmt.Errorf("connect: %w", failed)
	}
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return fmt.Errorf("connect: %w", failed.Err)
	}
	return fmt.Errorf("connect: %w", err)
}

// note logs how a talk went.
func (a *Agent) note(ctx context.Context, t *talk) {
	if a.Log == nil {
		return
	}
	level := slog.LevelDebug
	if t.dropped > 0 || t.nonsense > 0 {
		level = slog.LevelWarn
	}
	a.Log.Log(ctx, level, "stream ended", "call", t.leg.CallID, "agent", t.leg.Agent.Name,
		"frames_to_program", t.chunk, "frames_from_program", t.frames,
		"frames_dropped", t.dropped, "messages_not_understood", t.nonsense)
}
