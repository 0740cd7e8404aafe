package stream_test

import (
	"encoding/json"
	"log"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"nocall/internal/voice/stream"
)

// event is a message of a call.
type event struct {
	Event string `json:"event"`
	Start struct {
		Call string `json:"callSid"`
	} `json:"start"`
	Media struct {
		Payload string `json:"payload"` // base64 of 160 bytes: 20 ms of sound
	} `json:"media"`
	DTMF struct {
		Digit string `json:"digit"`
	} `json:"dtmf"`
}

// parrot repeats what the contact says, until they press 0.
func parrot(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer conn.CloseNow()
	for {
		_, text, err := conn.Read(r.Context())
		if err != nil {
			return // the call has ended
		}
		var e event
		if err := json.Unmarshal(text, &e); err != nil {
			return
		}
		switch {
		case e.Event == "start":
			log.Print("call ", e.Start.Call)
		case e.Event == "media":
			if err := conn.Write(r.Context(), websocket.MessageText, text); err != nil {
				return
			}
		case e.Event == "dtmf" && e.DTMF.Digit == "0":
			conn.Close(websocket.StatusNormalClosure, "") // hangs up
			return
		}
	}
}

// TestManual talks with the parrot, and holds that the manual shows it as it
// is here.
func TestManual(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		go l.run(t.Context())
		l.say([]byte(strings.Repeat("p", 160)))
		time.AfterFunc(time.Second, func() { l.pressed <- "0" })
		agent := stream.Agent{Client: serve(t, parrot)}
		if err := agent.Talk(t.Context(), leg, l); err != nil {
			t.Fatal(err)
		}
		if got := string(l.sounded()); got != strings.Repeat("p", 160) {
			t.Errorf("the parrot said %q", got)
		}
	})

	source, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	manual, err := os.ReadFile("../../../docs/agents.md")
	if err != nil {
		t.Fatal(err)
	}
	_, shown, _ := strings.Cut(string(source), "// event is a message")
	shown, _, _ = strings.Cut(shown, "// TestManual talks")
	if !strings.Contains(string(manual), shown) {
		t.Error("docs/agents.md does not show the parrot as it is here")
	}
}
