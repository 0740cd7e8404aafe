package stream_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"nocall/internal/voice"
	"nocall/internal/voice/stream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var leg = voice.Leg{
	CallID:      "call-1",
	Environment: "sandbox",
	Agent:       voice.Agent{Name: "ada", Kind: voice.Streamed, URL: "ws://agent.test/call?key=secret"},
}

type object = map[string]any

// read returns the next message to the program.
func read(t *testing.T, ctx context.Context, c *websocket.Conn) object {
	t.Helper()
	_, text, err := c.Read(ctx)
	if err != nil {
		return object{"error": int(websocket.CloseStatus(err))}
	}
	var m object
	if err := json.Unmarshal(text, &m); err != nil {
		t.Error(err)
	}
	return m
}

func write(t *testing.T, ctx context.Context, c *websocket.Conn, text string) {
	t.Helper()
	if err := c.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
		t.Error(err)
	}
}

// say returns a media message with n bytes of sound.
func say(b byte, n int) string {
	sound := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{b}, n))
	return fmt.Sprintf(`{"event":"media","streamSid":"MZcall-1","media":{"payload":%q}}`, sound)
}

// talk runs a talk on l, which plays meanwhile.
func talk(t *testing.T, l *line, client *http.Client) error {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go l.run(ctx)
	return (&stream.Agent{Client: client}).Talk(ctx, leg, l)
}

func TestTalk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		var got []object
		client := program(t, func(ctx context.Context, c *websocket.Conn) {
			got = append(got, read(t, ctx, c), read(t, ctx, c))
			l.say([]byte("frame one"))
			got = append(got, read(t, ctx, c))
			l.say([]byte("frame two"))
			got = append(got, read(t, ctx, c))
			l.pressed <- "9"
			got = append(got, read(t, ctx, c))
			write(t, ctx, c, say('a', 400))
			write(t, ctx, c, `{"event":"mark","mark":{"name":"hello"}}`)
			got = append(got, read(t, ctx, c))
			l.hangUp()
			got = append(got, read(t, ctx, c), read(t, ctx, c))
		})

		if err := talk(t, l, client); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		sound := func(seq, chunk, at, frame string) object {
			payload := base64.StdEncoding.EncodeToString([]byte(frame))
			return object{
				"event": "media", "sequenceNumber": seq, "streamSid": "MZcall-1",
				"media": object{
					"track": "inbound", "chunk": chunk, "timestamp": at, "payload": payload,
				},
			}
		}
		want := []object{
			{"event": "connected", "protocol": "Call", "version": "1.0.0"},
			{
				"event": "start", "sequenceNumber": "1", "streamSid": "MZcall-1",
				"start": object{
					"accountSid": "sandbox", "callSid": "call-1", "streamSid": "MZcall-1",
					"tracks": []any{"inbound"},
					"mediaFormat": object{
						"encoding": "audio/x-mulaw", "sampleRate": 8000.0, "channels": 1.0,
					},
					"customParameters": object{"environment": "sandbox", "agent": "ada"},
				},
			},
			sound("2", "1", "0", "frame one"),
			sound("3", "2", "20", "frame two"),
			{
				"event": "dtmf", "sequenceNumber": "4", "streamSid": "MZcall-1",
				"dtmf": object{"track": "inbound_track", "digit": "9"},
			},
			{
				"event": "mark", "sequenceNumber": "5", "streamSid": "MZcall-1",
				"mark": object{"name": "hello"},
			},
			{
				"event": "stop", "sequenceNumber": "6", "streamSid": "MZcall-1",
				"stop": object{"accountSid": "sandbox", "callSid": "call-1"},
			},
			{"error": int(websocket.StatusNormalClosure)},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the program was told (-want +got):\n%s", diff)
		}
		played := strings.Repeat("a", 400) + strings.Repeat("\xFF", 80)
		if got := string(l.sounded()); got != played {
			t.Errorf("played %d bytes %.20q..., want %d", len(got), got, len(played))
		}
	})
}

// TestClear interrupts an agent: what waits is dropped, and its mark answered.
func TestClear(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		begin := time.Now()
		client := program(t, func(ctx context.Context, c *websocket.Conn) {
			read(t, ctx, c)
			read(t, ctx, c)
			write(t, ctx, c, say('a', 30*8000))
			write(t, ctx, c, `{"event":"mark","mark":{"name":"end"}}`)
			write(t, ctx, c, say('a', 80))
			write(t, ctx, c, `{"event":"clear","streamSid":"MZcall-1"}`)
			if m := read(t, ctx, c); m["event"] != "mark" {
				t.Errorf("got %v, want the mark", m)
			}
			cleared := len(l.sounded())
			write(t, ctx, c, say('z', 160))
			write(t, ctx, c, `{"event":"mark","mark":{"name":"end"}}`)
			read(t, ctx, c)
			if got := string(l.sounded()[cleared:]); got != strings.Repeat("z", 160) {
				t.Errorf("after the clear %q was played", got)
			}
			l.hangUp()
			read(t, ctx, c)
		})
		if err := talk(t, l, client); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(begin); d > time.Second {
			t.Errorf("took %v: half a minute of sound was not dropped", d)
		}
	})
}

// TestGoodbye has a program that says goodbye and closes the stream.
func TestGoodbye(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		client := program(t, func(ctx context.Context, c *websocket.Conn) {
			read(t, ctx, c)
			read(t, ctx, c)
			write(t, ctx, c, say('b', 3*8000+1))
			c.Close(websocket.StatusNormalClosure, "")
		})
		begin := time.Now()
		if err := talk(t, l, client); err != nil {
			t.Fatal(err)
		}
		if got, want := len(l.sounded()), 3*8000+160; got != want {
			t.Errorf("played %d bytes before the call ended, want %d", got, want)
		}
		if d := time.Since(begin); d < 3*time.Second || d > 4*time.Second {
			t.Errorf("took %v, want 3 s", d)
		}
	})
}

// TestBadPrograms has programs that behave badly: the call's stream ends with
// an error, soon, and without what the program or its URL said.
func TestBadPrograms(t *testing.T) {
	type conn = *websocket.Conn
	tests := []struct {
		name string
		do   func(ctx context.Context, c conn)
		want string
		soon time.Duration
	}{
		{
			"dies", func(_ context.Context, c conn) { c.CloseNow() },
			": ", time.Second,
		},
		{
			"fails", func(_ context.Context, c conn) {
				c.Close(websocket.StatusInternalError, "+14155550123 said stop")
			},
			"status 1011", time.Second,
		},
		{
			"reads nothing", func(ctx context.Context, _ conn) { <-ctx.Done() },
			"send", 7 * time.Second,
		},
		{
			"sends a huge message", func(ctx context.Context, c conn) {
				go drain(ctx, c)
				_ = c.Write(ctx, websocket.MessageText, make([]byte, 2<<20))
				<-ctx.Done()
			},
			"receive", time.Second,
		},
		{
			"sends too much", func(ctx context.Context, c conn) {
				go drain(ctx, c)
				for c.Write(ctx, websocket.MessageText, []byte(`{"event":"clear"}`)) == nil {
				}
			},
			"too much", 3 * time.Second,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLine()
				begin := time.Now()
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				go babble(ctx, l)
				err := talk(t, l, program(t, test.do))
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("got %v, want %q", err, test.want)
				}
				checkSecrets(t, err)
				if d := time.Since(begin); d > test.soon {
					t.Errorf("took %v, want %v", d, test.soon)
				}
			})
		})
	}
}

// babble lets the contact speak without a pause.
func babble(ctx context.Context, l *line) {
	tick := time.NewTicker(voice.FrameTime)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			l.say(make([]byte, voice.FrameBytes))
		case <-ctx.Done():
			return
		}
	}
}

// drain reads and forgets all that comes.
func drain(ctx context.Context, c *websocket.Conn) {
	for err := error(nil); err == nil; {
		_, _, err = c.Read(ctx)
	}
}

func checkSecrets(t *testing.T, err error) {
	t.Helper()
	for _, secret := range []string{"secret", "4155550123", "stop"} {
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("error tells %q: %v", secret, err)
		}
	}
}

// TestNonsense has messages that are none. They change nothing.
func TestNonsense(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		client := program(t, func(ctx context.Context, c *websocket.Conn) {
			read(t, ctx, c)
			read(t, ctx, c)
			for _, text := range []string{
				``, `{`, `null`, `[]`, `"media"`, `{}`, `{"event":7}`, `{"event":"hang up"}`,
				`{"event":"media"}`, `{"event":"media","media":{"payload":"***"}}`,
				`{"event":"media","media":[]}`, `{"event":"mark","mark":"x"}`,
				`{"event":"mark","mark":{"name":"` + strings.Repeat("x", 300) + `"}}`,
			} {
				write(t, ctx, c, text)
			}
			if err := c.Write(ctx, websocket.MessageBinary, []byte("clear")); err != nil {
				t.Error(err)
			}
			write(t, ctx, c, `{"event":"mark","mark":{"name":"all well"}}`)
			if m := read(t, ctx, c); m["event"] != "mark" {
				t.Errorf("got %v, want the mark", m)
			}
			l.hangUp()
			read(t, ctx, c)
		})
		if err := talk(t, l, client); err != nil {
			t.Fatal(err)
		}
		if got := l.sounded(); len(got) != 0 {
			t.Errorf("played %d bytes of nonsense", len(got))
		}
	})
}

// TestFull has a program that says more than may wait. The rest is dropped.
func TestFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		l.most = 10
		client := program(t, func(ctx context.Context, c *websocket.Conn) {
			write(t, ctx, c, say('c', 100*160))
			c.Close(websocket.StatusNormalClosure, "")
		})
		if err := talk(t, l, client); err != nil {
			t.Fatal(err)
		}
		if got := len(l.sounded()); got != 1600 {
			t.Errorf("played %d bytes, want the 1600 that may wait", got)
		}
	})
}

// TestSilentProgram has one that no longer answers, while nothing is said.
func TestSilentProgram(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		client := program(t, func(ctx context.Context, c *websocket.Conn) {
			read(t, ctx, c)
			read(t, ctx, c)
			<-ctx.Done()
		})
		begin := time.Now()
		err := talk(t, l, client)
		if err == nil || !strings.Contains(err.Error(), "ping") {
			t.Errorf("got %v, want that the ping was not answered", err)
		}
		if d := time.Since(begin); d > time.Minute {
			t.Errorf("took %v", d)
		}
	})
}

// TestSlowGoodbye has a program that does not part when the call has ended.
func TestSlowGoodbye(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		client := program(t, func(ctx context.Context, c *websocket.Conn) {
			read(t, ctx, c)
			read(t, ctx, c)
			l.hangUp()
			read(t, ctx, c)
			<-ctx.Done()
		})
		begin := time.Now()
		if err := talk(t, l, client); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(begin); d > 2*time.Second {
			t.Errorf("took %v to end", d)
		}
	})
}

// TestQuietCall lasts ten minutes in which nobody says anything.
func TestQuietCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		client := program(t, func(ctx context.Context, c *websocket.Conn) {
			read(t, ctx, c)
			read(t, ctx, c)
			if m := read(t, ctx, c); m["event"] != "stop" {
				t.Errorf("got %v, want the end after ten minutes", m)
			}
		})
		time.AfterFunc(10*time.Minute, l.hangUp)
		if err := talk(t, l, client); err != nil {
			t.Fatal(err)
		}
	})
}

// TestCanceled ends a call from our side: the program is told.
func TestCanceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, hangUp := context.WithCancelCause(t.Context())
		recalled := errors.New("recalled")
		var last object
		client := program(t, func(ctx context.Context, c *websocket.Conn) {
			read(t, ctx, c)
			read(t, ctx, c)
			hangUp(recalled)
			last = read(t, ctx, c)
		})
		agent := stream.Agent{Client: client}
		if err := agent.Talk(ctx, leg, newLine()); !errors.Is(err, recalled) {
			t.Errorf("got %v, want the cause", err)
		}
		synctest.Wait()
		if last["event"] != "stop" {
			t.Errorf("the program was told %v last, want stop", last)
		}
	})
}
