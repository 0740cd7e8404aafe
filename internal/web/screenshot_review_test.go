package web

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"nocall/internal/campaign"
	"nocall/internal/optout"
	"nocall/internal/voice"
)

// TestReviewScreenshots takes the pictures of what waits for a review, and of
// what says so elsewhere, into the folder that NOCALL_SCREENSHOTS names.
func TestReviewScreenshots(t *testing.T) {
	dir := os.Getenv("NOCALL_SCREENSHOTS")
	if dir == "" {
		t.Skip("set NOCALL_SCREENSHOTS to the folder of the pictures")
	}
	c := newChromium(t)
	h := newHouse(t)
	draft := h.renewals(campaign.Draft)
	p := c.tab(t, h)
	p.signIn("ada@example.com", "/e/production/review")
	take := func(name, path, ready string) {
		t.Helper()
		if path != "" {
			p.open(path)
		}
		p.text(ready, "")
		p.take(filepath.Join(dir, name))
	}
	take("review-empty.png", "", "#reviewed")
	back := h.murmurs()
	p.open("/e/production/review")
	p.press("j")
	take("review.png", "", "[data-finding]")
	take("review-list.png", "/e/production/dnc-list", "#entries .provisional")
	take("review-call.png", "/e/production/call-history/"+back.ID, "mark")
	take("review-settings.png", "/e/production/settings", ".presets")
	p.open(draft + "/numbers")
	p.fill("#try-text", "Look, leave me alone, will you?")
	p.text("#tried .badge", "Review")
	whole := func(width int64) {
		p.do(chromedp.EmulateViewport(width, ask[int64](p, `document.documentElement.scrollHeight`)))
	}
	whole(1280)
	take("try-words.png", "", "#tried .badge")
	p.prefers("dark")
	take("review-dark.png", "/e/production/review", "[data-finding]")
	p.prefers("light")
	p.do(chromedp.EmulateViewport(390, 844))
	p.open("/e/production/review")
	whole(390)
	take("review-narrow.png", "", "[data-finding]")
	take("review-call-narrow.png", "/e/production/call-history/"+back.ID, "mark")
}

// murmurs fills the environment production with words that can be meant either
// way, and returns a call on which a request was taken back.
func (h *house) murmurs() (back voice.Call) {
	h.t.Helper()
	at := now().Add(-50 * time.Minute)
	hello := "Hi, this is Sam from Brightside Energy. Do you have a minute?"
	for i, said := range [][]string{
		{hello, strings.Repeat("and another thing, ", 30) + "leave me alone"},
		{hello, "You again. Leave me alone, I'm cooking."},
		{hello, "Don't call me at work.", "I see."},
		{hello, "How do I get off your list?", "I can do that for you."},
		{
			hello, "Please don't call me again.", "Of course.",
			"Oh wait, it's the energy people? No, keep calling me, sorry.",
		},
		{hello, "Stop.", "Pardon?", "I was talking to the dog."},
	} {
		number := []string{
			"+442079460958", "+12125550141", "+13125550142", "", "+14155550143", "+16175550144",
		}[i]
		call := h.murmur(number, said, at.Add(time.Duration(i)*7*time.Minute))
		if i == 4 {
			back = call
		}
	}
	return back
}

// murmur carries a call on which agent and contact speak in turns.
func (h *house) murmur(text string, said []string, at time.Time) voice.Call {
	h.t.Helper()
	call := voice.Call{
		ID: callID(at), Environment: "production", Direction: voice.Outbound,
		CallerID: number(h.t, "+14155550100"), Provider: "trunk", Status: voice.Queued,
		OptOutDetection: true, Revision: 7, By: "key Dialer", StartedAt: at,
	}
	if call.Direction = voice.Inbound; text != "" {
		call.Direction, call.Number = voice.Outbound, number(h.t, text)
	}
	if err := h.store.AddCall(h.t.Context(), call); err != nil {
		h.t.Fatal(err)
	}
	for i, words := range said {
		turn := voice.Turn{Speaker: optout.Agent, Text: words, Language: "en", At: at}
		if i%2 == 1 {
			turn.Speaker = optout.Contact
		}
		turn.At = at.Add(time.Duration(i+1) * 6 * time.Second)
		if _, err := h.ears.Turn(h.t.Context(), call.Environment, call.ID, turn); err != nil {
			h.t.Fatal(err)
		}
	}
	h.end(call, campaign.Answered, at.Add(time.Minute))
	return call
}
