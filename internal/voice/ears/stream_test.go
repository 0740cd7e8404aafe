package ears

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// said is a turn that a service heard.
type said struct{ text, language string }

// listenTo gives frames to the service at the handler and returns the turns.
func listenTo(t *testing.T, handler http.Handler, frames <-chan []byte) ([]said, error) {
	t.Helper()
	u, err := url.Parse("ws://ears.test/?model=best&endpointing=700&token=secret")
	if err != nil {
		t.Fatal(err)
	}
	s := newStream(u, "key", "en-US")
	s.client = serve(t, handler)
	var turns []said
	err = s.Listen(t.Context(), frames, func(text, language string) {
		turns = append(turns, said{text, language})
	})
	return turns, err
}

var talk = slices.Concat(
	letters("hello ", 500*time.Millisecond),
	letters("please do not call me again ", time.Second),
	letters("goodbye", 0),
)

var talkTurns = []said{
	{"hello", "en-US"}, {"please do not call me again", "en-US"}, {"goodbye", "en-US"},
}

func checkTurns(t *testing.T, got, want []said) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("heard %q, want %q", got, want)
	}
}

func TestStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var service recogniser
		turns, err := listenTo(t, &service, speak(t, talk))
		if err != nil {
			t.Fatal(err)
		}
		checkTurns(t, turns, talkTurns)
		synctest.Wait()
		if len(service.calls) != 1 || service.ends != 1 {
			t.Fatalf("%d connections and %d ends, want one", len(service.calls), service.ends)
		}
		r := service.calls[0]
		if got := r.Header.Get("Authorization"); got != "Token key" {
			t.Errorf("Authorization: %q", got)
		}
		want := url.Values{
			"channels": {"1"}, "encoding": {"mulaw"}, "endpointing": {"700"},
			"interim_results": {"true"}, "language": {"en-US"}, "model": {"best"},
			"punctuate": {"true"}, "sample_rate": {"8000"}, "token": {"secret"},
			"utterance_end_ms": {"1000"},
		}
		if got := r.URL.Query().Encode(); r.URL.Path != "/v1/listen" || got != want.Encode() {
			t.Errorf("asked for %s?%s, want /v1/listen?%s", r.URL.Path, got, want.Encode())
		}
	})
}

// TestStreamDropped loses the service again and again, in the middle of words.
// It hears what it missed, and turns stay whole.
func TestStreamDropped(t *testing.T) {
	for drop := 160; drop < 160*80; drop += 160 * 7 {
		synctest.Test(t, func(t *testing.T) {
			service := recogniser{dropAfter: []int{drop, 1600, drop, 160}}
			turns, err := listenTo(t, &service, speak(t, talk))
			if err != nil {
				t.Errorf("dropped after %d bytes: %v", drop, err)
			}
			checkTurns(t, turns, talkTurns)
		})
	}
}

// TestStreamAway has a service that is away for a minute. What was said in its
// last half is heard; that the first is lost is said.
func TestStreamAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		back := time.Now().Add(time.Minute)
		service := recogniser{away: func() bool { return time.Now().Before(back) }}
		turns, err := listenTo(t, &service, speak(t, slices.Concat(
			letters("stop calling me ", 50*time.Second),
			letters("hello ", 20*time.Second),
		)))
		checkTurns(t, turns, []said{{"hello", "en-US"}})
		lost, ok := errors.AsType[*LostError](err)
		if !ok || lost.Sound < 25*time.Second || lost.Sound > 40*time.Second {
			t.Errorf("got %v, want half a minute lost", err)
		}
		checkSecrets(t, err)
	})
}

// TestStreamGone has a service that is away for good.
func TestStreamGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		turns, err := listenTo(t, &recogniser{away: func() bool { return true }}, speak(t, talk))
		checkTurns(t, turns, nil)
		lost, ok := errors.AsType[*LostError](err)
		length := time.Duration(len(talk)) * 20 * time.Millisecond
		if !ok || lost.Sound != length || !strings.Contains(err.Error(), "answered 503") {
			t.Errorf("got %v, want that %v were lost, and why", err, length)
		}
		if d := time.Since(begin); d > length+endTimeout+time.Second {
			t.Errorf("took %v", d)
		}
	})
}

func TestStreamRefused(t *testing.T) {
	for _, status := range []int{301, 400, 401, 402, 403, 404} {
		synctest.Test(t, func(t *testing.T) {
			tries := 0
			refuse := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				tries++
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(status)
			})
			begin := time.Now()
			_, err := listenTo(t, refuse, speak(t, letters("hello", 100*time.Millisecond)))
			refused, ok := errors.AsType[*RefusedError](err)
			if !ok || refused.Status != status {
				t.Errorf("got %v, want that %d refused", err, status)
			}
			if d := time.Since(begin); tries != 1 || d > time.Second {
				t.Errorf("tried %d times in %v, want once", tries, d)
			}
		})
	}
}

// TestStreamStuck has a service that never answers the end.
func TestStreamStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		turns, err := listenTo(t, &recogniser{stuck: true}, speak(t, talk))
		if d := time.Since(begin); d > 15*time.Second {
			t.Errorf("took %v", d)
		}
		checkTurns(t, turns, talkTurns[:2])
		if _, ok := errors.AsType[*LostError](err); !ok {
			t.Errorf("got %v, want that the last word was lost", err)
		}
	})
}

// TestStreamHostile has services that send what no one wants. The call goes on
// to its end, and errors tell nothing of what they sent.
func TestStreamHostile(t *testing.T) {
	sends := map[string]string{
		"nonsense":     `{"type":"Results","is_final":true,"channel":[`,
		"a wrong kind": `{"type":"Results","is_final":true,"channel":[0,1]}`,
		"no reading":   `{"type":"Results","is_final":true,"channel":{"alternatives":[]}}`,
		"a far end":    `{"type":"Results","is_final":true,"start":1e300,"channel":{}}`,
		"a huge one":   `{"type":"` + strings.Repeat("stop", 1<<19) + `"}`,
	}
	for name, m := range sends {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hostile := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					c, err := websocket.Accept(w, r, nil)
					if err != nil {
						return
					}
					defer c.CloseNow()
					_ = c.Write(r.Context(), websocket.MessageText, []byte(m))
					_ = c.Write(r.Context(), websocket.MessageBinary, []byte(m))
					_, _, _ = c.Read(r.Context())
					c.Close(websocket.StatusInternalError, "they said stop")
				})
				turns, err := listenTo(t, hostile, speak(t, talk))
				checkTurns(t, turns, nil)
				checkSecrets(t, err)
			})
		})
	}
}

func checkSecrets(t *testing.T, err error) {
	t.Helper()
	for _, secret := range []string{"secret", "stop", "key"} {
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("error tells %q: %v", secret, err)
		}
	}
}

// TestStreamKept has a call on which a phone sends nothing for a while.
func TestStreamKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		frames := make(chan []byte)
		go func() {
			defer close(frames)
			for _, f := range letters("hello", 0) {
				frames <- f
			}
			<-time.After(time.Minute)
			frames <- frame('x')
		}()
		var service recogniser
		turns, err := listenTo(t, &service, frames)
		if err != nil {
			t.Fatal(err)
		}
		checkTurns(t, turns, []said{{"hello", "en-US"}, {"x", "en-US"}})
		synctest.Wait()
		if service.stays < 10 || service.stays > 20 {
			t.Errorf("%d messages to stay in a minute, want one every 4 s", service.stays)
		}
	})
}

func TestStreamCanceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		u := &url.URL{Scheme: "ws", Host: "ears.test"}
		s := newStream(u, "", "")
		s.client = serve(t, new(recogniser))
		over := errors.New("over")
		time.AfterFunc(time.Second, func() { cancel(over) })
		err := s.Listen(ctx, make(chan []byte), func(text, _ string) {
			t.Errorf("heard %q of nothing", text)
		})
		if !errors.Is(err, over) {
			t.Errorf("got %v, want the cause", err)
		}
	})
}
