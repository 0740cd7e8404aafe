// Package opinion asks a service what it thinks of words that can be meant
// either way: a program of the user's own, or one that speaks as OpenAI's chat
// does.
//
// What it answers is bounded and never trusted: an opinion counts only with
// words that the contact said (voice.Opinion.Quoted). Errors hold no word of
// the call.
package opinion

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"nocall/internal/optout"
	"nocall/internal/voice"
)

const (
	requestTimeout = 20 * time.Second
	maxAnswer      = 64 << 10 // bytes
	maxQuote       = 2 << 10  // bytes
	maxShown       = 24       // turns, the last ones
)

// Service is a service that is asked. Its methods may be used by many
// goroutines at once.
type Service struct {
	url    string
	key    string // "" for none
	model  string // of a chat; "" for a program of the user's own
	client *http.Client
}

var _ voice.SecondOpinion = (*Service)(nil)

// New returns the service at an http or https address. Where a model is named
// it is asked as OpenAI's chat is, at /v1/chat/completions unless the address
// has a path. The key, if there is one, is sent as a bearer token.
func New(address, key, model string) (*Service, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		return nil, errors.New("opinion: want a URL as https://api.example.com, without a user")
	}
	if strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r == 0x7F }) {
		return nil, errors.New("opinion: the key has more than one line")
	}
	if model != "" && (u.Path == "" || u.Path == "/") {
		u.Path = "/v1/chat/completions"
	}
	return &Service{
		url: u.String(), key: key, model: model,
		client: &http.Client{
			Timeout: requestTimeout,
			CheckRedirect: func(*http.Request, []*http.Request) error {
				return http.ErrUseLastResponse
			},
		},
	}, nil
}

// Ask implements [voice.SecondOpinion].
func (s *Service) Ask(
	ctx context.Context, turns []voice.Turn, f voice.Finding,
) (voice.Opinion, error) {
	q := questionOf(turns, f)
	if s.model != "" {
		return s.chat(ctx, q)
	}
	body, err := s.post(ctx, q)
	if err != nil {
		return voice.Opinion{}, err
	}
	return opinionOf(body, hostOf(s.url))
}

// question is what a program of the user's own is sent.
type question struct {
	Turns    []said `json:"turns"`
	Turn     int    `json:"turn"` // of those, where something was found
	Quote    string `json:"quote"`
	Language string `json:"language,omitempty"`
	Phrase   string `json:"phrase"`
}

type said struct {
	Speaker optout.Speaker `json:"speaker"`
	Text    string         `json:"text"`
}

func questionOf(turns []voice.Turn, f voice.Finding) question {
	q := question{Quote: f.Quote, Language: f.Language, Phrase: f.Phrase, Turn: -1}
	for _, t := range turns[max(0, len(turns)-maxShown):] {
		if t.Index == f.Turn {
			q.Turn = len(q.Turns)
		}
		q.Turns = append(q.Turns, said{t.Speaker, t.Text})
	}
	return q
}

// post sends v as JSON and returns the answer.
func (s *Service) post(ctx context.Context, v any) ([]byte, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return nil, bare(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if s.key != "" {
		req.Header.Set("Authorization", "Bearer "+s.key)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, bare(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case resp.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("opinion: the service answered %d", resp.StatusCode)
	case err != nil:
		return nil, bare(err)
	case len(answer) > maxAnswer:
		return nil, fmt.Errorf("opinion: the service answered more than %d bytes", maxAnswer)
	}
	return answer, nil
}

// bare takes the URL out of an error, which may hold a secret.
func bare(err error) error {
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return fmt.Errorf("opinion: %w", failed.Err)
	}
	return err
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// errAnswer is of a service that answers something else than it was asked for.
var errAnswer = errors.New(
	`opinion: the service answered something else than {"opt_out": …, "quote": "…"}`)

// opinionOf reads what a service answered.
func opinionOf(body []byte, by string) (voice.Opinion, error) {
	var answer struct {
		OptOut *bool  `json:"opt_out"`
		Quote  string `json:"quote"`
	}
	if json.Unmarshal(body, &answer) != nil || answer.OptOut == nil ||
		len(answer.Quote) > maxQuote || !utf8.ValidString(answer.Quote) {
		return voice.Opinion{}, errAnswer
	}
	return voice.Opinion{
		OptOut: *answer.OptOut, Quote: answer.Quote, By: by,
		At: time.Now().UTC().Truncate(time.Microsecond),
	}, nil
}
