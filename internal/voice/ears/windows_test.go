package ears

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// endpoint is a service that is sent speech a piece at a time, and behaves like
// OpenAI's: it reads letters from a WAV file of 8,000 samples a second.
type endpoint struct {
	t      *testing.T
	slow   func(text string) time.Duration
	fails  []int // the statuses of the first answers
	answer string

	mu       sync.Mutex // guards what follows
	asked    []string
	underWay int
	most     int // under way at once
	form     url.Values
	header   http.Header
	path     string
}

func (s *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text := s.read(r)
	defer s.done()
	s.mu.Lock()
	s.asked = append(s.asked, text)
	s.underWay++
	s.most = max(s.most, s.underWay)
	n := len(s.asked)
	s.mu.Unlock()
	if s.slow != nil {
		pause(r.Context(), s.slow(text))
	}
	switch {
	case n <= len(s.fails):
		w.Header().Set("Location", "/elsewhere")
		http.Error(w, `{"error":{"message":"stop"}}`, s.fails[n-1])
	case s.answer != "":
		_, _ = io.WriteString(w, s.answer)
	default:
		fmt.Fprintf(w, `{"text":%q}`, " "+text+"\n")
	}
}

func (s *endpoint) done() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.underWay--
}

func (s *endpoint) read(r *http.Request) string {
	if err := r.ParseMultipartForm(1 << 20); err != nil {
		s.t.Error(err)
		return ""
	}
	file, header, err := r.FormFile("file")
	if err != nil {
		s.t.Error(err)
		return ""
	}
	wav, err := io.ReadAll(file)
	if err != nil || !strings.HasSuffix(header.Filename, ".wav") {
		s.t.Errorf("file %q: %v", header.Filename, err)
	}
	s.mu.Lock()
	s.form, s.header, s.path = url.Values(r.MultipartForm.Value), r.Header, r.URL.String()
	s.mu.Unlock()
	return readLetters(s.t, wav)
}

// readLetters reads a WAV file as SoX would, and the letters of its frames.
func readLetters(t *testing.T, wav []byte) string {
	le := binary.LittleEndian
	size := len(wav) - 44
	switch {
	case size < 0, string(wav[:4]) != "RIFF", string(wav[8:16]) != "WAVEfmt ",
		string(wav[36:40]) != "data", le.Uint32(wav[4:]) != uint32(36+size),
		le.Uint32(wav[40:]) != uint32(size), le.Uint32(wav[16:]) != 16,
		le.Uint16(wav[20:]) != 1, le.Uint16(wav[22:]) != 1, le.Uint32(wav[24:]) != 8000,
		le.Uint32(wav[28:]) != 16000, le.Uint16(wav[32:]) != 2, le.Uint16(wav[34:]) != 16:
		t.Errorf("not a WAV file of 16 bits, 8000 Hz, one channel: % x", wav[:min(len(wav), 44)])
		return ""
	}
	var text strings.Builder
	for at := 44; at < len(wav); at += 320 {
		letter := slices.Index(linear[:], int16(le.Uint16(wav[at:])))
		if letter != 0x7F { // silence: the first of two zeros
			text.WriteByte(byte(letter))
		}
	}
	return text.String()
}

// ask gives frames to the service and returns the turns.
func ask(t *testing.T, service *endpoint, language string, text [][]byte) ([]said, error) {
	t.Helper()
	service.t = t
	u, err := url.Parse("http://ears.test?model=whisper-9&token=secret")
	if err != nil {
		t.Fatal(err)
	}
	w := newWindows(u, "key", language)
	w.client = serve(t, service)
	var turns []said
	err = w.Listen(t.Context(), speak(t, text), func(text, language string) {
		turns = append(turns, said{text, language})
	})
	synctest.Wait()
	checkSecrets(t, err)
	return turns, err
}

func TestWindows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var service endpoint
		turns, err := ask(t, &service, "en-US", slices.Concat(
			letters("hello", time.Second),
			letters("please do not call me again", time.Second),
			letters("goodbye", 0),
		))
		if err != nil {
			t.Fatal(err)
		}
		checkTurns(t, turns, talkTurns)
		if service.path != "/v1/audio/transcriptions?token=secret" {
			t.Errorf("asked for %s", service.path)
		}
		if got := service.header.Get("Authorization"); got != "Bearer key" {
			t.Errorf("Authorization: %q", got)
		}
		want := url.Values{
			"model": {"whisper-9"}, "language": {"en"}, "response_format": {"json"},
			"temperature": {"0"},
		}
		if got := service.form.Encode(); got != want.Encode() {
			t.Errorf("sent %s, want %s", got, want.Encode())
		}
	})
}

// TestWindowsSlow has a service that takes longer for what is shorter. Turns
// stay in order, and it is never asked more than twice at once.
func TestWindowsSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := endpoint{slow: func(text string) time.Duration {
			return 8*time.Second - time.Duration(len(text))*time.Second/2
		}}
		var frames [][]byte
		var want []said
		for i := range 6 {
			text := strings.Repeat("word", 2+i%3)
			frames = append(frames, letters(text, time.Second)...)
			want = append(want, said{text, "en"})
		}
		turns, err := ask(t, &service, "en", frames)
		if err != nil {
			t.Fatal(err)
		}
		checkTurns(t, turns, want)
		if service.most != 2 {
			t.Errorf("%d requests at once, want 2", service.most)
		}
	})
}

// TestWindowsStuck has a service that never answers.
func TestWindowsStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := endpoint{slow: func(string) time.Duration { return time.Hour }}
		var frames [][]byte
		for range 20 {
			frames = append(frames, letters("some words", 800*time.Millisecond)...)
		}
		begin := time.Now()
		turns, err := ask(t, &service, "en", frames)
		checkTurns(t, turns, nil)
		length := time.Duration(len(frames)) * 20 * time.Millisecond
		if d := time.Since(begin) - length; d > endTimeout+time.Second {
			t.Errorf("took %v from the end of the call", d)
		}
		lost, ok := errors.AsType[*LostError](err)
		if !ok || lost.Sound < length*3/4 || lost.Sound > length {
			t.Errorf("got %v, want that most of %v were lost", err, length)
		}
	})
}

func TestWindowsFail(t *testing.T) {
	tests := []struct {
		fails []int
		turns int
		want  string
		asked int
	}{
		{[]int{500, 429}, 2, "", 4},                         // third time lucky
		{[]int{503, 503, 503}, 1, "not heard: the serv", 4}, // given up, the next is heard
		{[]int{401}, 0, "refused with 401", 1},
		{[]int{302}, 0, "refused with 302", 1}, // it may not send us elsewhere
	}
	for _, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			service := endpoint{fails: test.fails}
			turns, err := ask(t, &service, "en", slices.Concat(
				letters("hello", 5*time.Second), letters("goodbye", time.Second),
			))
			if len(turns) != test.turns || len(service.asked) != test.asked {
				t.Errorf("%v: heard %q after asking %d times, want %d turns and %d times",
					test.fails, turns, len(service.asked), test.turns, test.asked)
			}
			if (err == nil) != (test.want == "") ||
				err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v: got %v, want %q", test.fails, err, test.want)
			}
		})
	}
}

func TestWindowsAnswers(t *testing.T) {
	tests := []struct {
		answer string
		want   []said
		ok     bool
	}{
		{`{"text":"Stop.","language":"EN"}`, []said{{"Stop.", "en"}}, true},
		{`{"text":"Stop.","language":"english"}`, []said{{"Stop.", ""}}, true},
		{`{"text":"  "}`, nil, true},
		{`{"text":"a\u0000b\ud800"}`, []said{{"a b\uFFFD", ""}}, true},
		{`{"text":7}`, nil, false},
		{`{"error":"stop"}`, nil, false},
		{`stop`, nil, false},
		{`{"text":"` + strings.Repeat("stop ", 1<<20) + `"}`, nil, false},
	}
	for _, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			service := endpoint{answer: test.answer}
			turns, err := ask(t, &service, "", letters("hello", time.Second))
			checkTurns(t, turns, test.want)
			if (err == nil) != test.ok {
				t.Errorf("%.40s: got %v", test.answer, err)
			}
		})
	}
}
