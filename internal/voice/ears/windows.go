package ears

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"time"

	"nocall/internal/voice"
)

const (
	requestTimeout = 12 * time.Second
	tries          = 3
	retryAfter     = 500 * time.Millisecond
	underWay       = 2 // requests at once for a call
	maxWaiting     = 8 // pieces of a call
)

// windows is a service that is sent a piece at a time.
type windows struct {
	url      string
	key      string // "" for none
	model    string
	language string // "" if not set
	client   *http.Client
}

var _ voice.Transcriber = (*windows)(nil)

// newWindows takes the model out of the address, as in ?model=whisper-1, which
// is what is asked for without it.
func newWindows(u *url.URL, key, language string) *windows {
	setPath(u, "/v1/audio/transcriptions")
	query := u.Query()
	model := query.Get("model")
	if model == "" {
		model = "whisper-1"
	}
	query.Del("model")
	u.RawQuery = query.Encode()
	return &windows{
		url: u.String(), key: key, model: model, language: language, client: client(),
	}
}

// transcribe returns the words of a piece. It tries again when that may
// be of use.
func (w *windows) transcribe(ctx context.Context, sound []byte) (text, language string, err error) {
	for i := range tries {
		if i > 0 && !pause(ctx, retryAfter<<(i-1)) {
			return "", "", context.Cause(ctx)
		}
		text, language, err = w.ask(ctx, sound)
		if _, refused := errors.AsType[*RefusedError](err); err == nil || refused {
			return text, language, err
		}
	}
	return "", "", err
}

func (w *windows) ask(ctx context.Context, sound []byte) (text, language string, err error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	body, kind, err := w.form(sound)
	if err != nil {
		return "", "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(body))
	if err != nil {
		return "", "", bare(err)
	}
	req.Header.Set("Content-Type", kind)
	if w.key != "" {
		req.Header.Set("Authorization", authorization("Bearer", w.key))
	}
	resp, err := w.client.Do(req)
	if err != nil {
		return "", "", bare(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", "", refusal(resp.StatusCode)
	}
	return w.readAnswer(resp.Body)
}

// form returns what is sent with a piece, and its content type.
func (w *windows) form(sound []byte) (body []byte, kind string, err error) {
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	file, err := m.CreateFormFile("file", "turn.wav")
	if err != nil {
		return nil, "", err
	}
	_, err = file.Write(wave(sound))
	fields := []struct{ name, value string }{
		{"model", w.model},
		{"response_format", "json"},
		{"temperature", "0"},
		{"language", primary(w.language)},
	}
	for _, f := range fields {
		if f.value != "" {
			err = errors.Join(err, m.WriteField(f.name, f.value))
		}
	}
	err = errors.Join(err, m.Close())
	return b.Bytes(), m.FormDataContentType(), err
}

// primary returns the language of a tag alone: "en" of "en-US".
func primary(tag string) string {
	language, _, _ := strings.Cut(tag, "-")
	return language
}

// readAnswer reads the words from an answer, which may name the language too.
func (w *windows) readAnswer(r io.Reader) (text, language string, err error) {
	var answer struct {
		Text     *string `json:"text"`
		Language string  `json:"language"`
	}
	err = json.NewDecoder(io.LimitReader(r, maxAnswer)).Decode(&answer)
	if err != nil || answer.Text == nil {
		return "", "", fmt.Errorf("the service answered something else than a text")
	}
	if len(answer.Language) == 2 && w.language == "" {
		return *answer.Text, strings.ToLower(answer.Language), nil
	}
	return *answer.Text, w.language, nil
}
