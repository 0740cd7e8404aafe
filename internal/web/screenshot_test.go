package web

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/optout"
	"nocall/internal/voice"
)

// TestScreenshots takes the pictures of the manual, into the folder that
// NOCALL_SCREENSHOTS names.
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("NOCALL_SCREENSHOTS")
	if dir == "" {
		t.Skip("set NOCALL_SCREENSHOTS to the folder of the pictures")
	}
	c := newChromium(t)
	h := newHouse(t)
	told := h.tellStories()
	p := c.tab(t, h)
	p.signIn("ada@example.com", "/e/production/overview")
	take := func(name, path, ready string) {
		t.Helper()
		p.open(path)
		p.text(ready, "")
		p.take(filepath.Join(dir, name))
	}
	take("overview.png", "/e/production/overview", ".latest li")
	take("call.png", "/e/production/call-history/"+told.ID, "mark")
	take("call-history.png", "/e/production/call-history", "#calls tbody")
	take("dnc-list.png", "/e/production/dnc-list", "#entries tbody")
	p.click("#new")
	p.wait(`document.activeElement.id === "number"`)
	p.keys("(415) 555-0142")
	p.fill("#number", "+1 (415) 555-0142")
	p.text("#verdict", "Will be listed")
	p.fill("#reason", "Requested removal via email")
	p.take(filepath.Join(dir, "add-dialog.png"))
	p.prefers("dark")
	take("dnc-list-dark.png", "/e/production/dnc-list", "#entries tbody")
}

// take writes what the tab shows to a file.
func (p *tab) take(name string) {
	p.t.Helper()
	p.eval(`document.fonts.ready`)
	p.wait(`document.fonts.status === "loaded" && [...document.images].every(i => i.complete)`)
	picture, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(name, picture, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// tellStories fills the environment production with a month of make-believe,
// and returns a call in which an opt-out was heard. All numbers are those set
// aside for fiction.
func (h *house) tellStories() voice.Call {
	h.t.Helper()
	reasons := []string{
		"Requested removal via email", "Imported from legacy DNC list", "",
		"Asked at the counter, see ticket 4711", "Wrong number, asked not to be called",
		"Complaint by letter", "Customer of the reseller, who calls herself",
	}
	words := []string{
		"I've told you people before, stop calling me!",
		"Hold on. Could you please remove my number from your system?",
		"Please don't call me again.", "Just take me off your list.",
	}
	areas := []int{212, 312, 404, 415, 512, 617, 702, 206}
	end := now().Add(-35 * time.Minute)
	at := func(i int) time.Time { return end.Add(-time.Duration(i*i*31+i*137) * time.Minute) }
	var talks []func() // after the entries, whose times only go forward
	for i := 36; i > 0; i-- {
		e := dnc.Entry{
			Environment: "production", CreatedBy: dnc.User, User: "ada@example.com",
			Number: number(h.t, fmt.Sprintf("+1%d55501%02d", areas[i%len(areas)], i*7%100)),
			Reason: reasons[i%len(reasons)], CreatedAt: at(i),
		}
		if i%3 == 0 {
			e.CreatedBy, e.User, e.Reason = dnc.System, "", dnc.ReasonOptOut
			e.CallID = callID(at(i))
			talks = append(talks, func() {
				h.tell(e.Number.String(), words[i/3%len(words)], at(i))
			})
		}
		if _, _, err := h.list.Add(h.t.Context(), e); err != nil {
			h.t.Fatal(err)
		}
	}
	for _, talk := range talks {
		talk()
	}
	for i, n := range []string{
		"+13125550107", "+12065550118", "+17025550131", "+16175550144",
	} {
		h.callAt(n, voice.Outbound, campaign.NoAnswer, end.Add(time.Duration(i)*4*time.Minute))
	}
	h.skipped("+14155550123", end.Add(18*time.Minute))
	told := h.tell("+12125550152", "Well, take me off your list, please.", end.Add(31*time.Minute))
	return told
}

func callID(at time.Time) string { return fmt.Sprintf("%026x", at.UnixMicro()) }

// callAt keeps a call as if it had been carried at a time.
func (h *house) callAt(
	text string, direction voice.Direction, how campaign.Disposition, at time.Time,
) voice.Call {
	h.t.Helper()
	call := voice.Call{
		ID: callID(at), Environment: "production", Direction: direction,
		Number: number(h.t, text), CallerID: number(h.t, "+14155550100"), Provider: "trunk",
		CampaignID: "autumn-renewals", Status: voice.Queued, OptOutDetection: true,
		Revision: 1204, By: "key Dialer", StartedAt: at,
	}
	if err := h.store.AddCall(h.t.Context(), call); err != nil {
		h.t.Fatal(err)
	}
	if how != "" {
		h.end(call, how, at.Add(21*time.Second))
	}
	return call
}

func (h *house) end(call voice.Call, how campaign.Disposition, at time.Time) {
	h.t.Helper()
	_, err := h.store.ChangeCall(h.t.Context(), call.Environment, call.ID,
		func(c *voice.Call) error { return c.End(how, at) })
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) skipped(text string, at time.Time) {
	h.t.Helper()
	call := h.callAt(text, voice.Outbound, "", at)
	_, err := h.store.ChangeCall(h.t.Context(), call.Environment, call.ID,
		func(c *voice.Call) error { return c.Skip(campaign.Skipped, campaign.SkipDNC, at) })
	if err != nil {
		h.t.Fatal(err)
	}
}

// tell has a contact say words on a call, after some talk.
func (h *house) tell(text, words string, at time.Time) voice.Call {
	h.t.Helper()
	call := h.callAt(text, voice.Outbound, "", at)
	h.change(call, func(c *voice.Call) error {
		c.Ring(at.Add(2 * time.Second))
		c.Replied(200, "OK")
		return nil
	})
	at = at.Add(8 * time.Second)
	for _, turn := range []voice.Turn{
		{Speaker: optout.Agent, Text: "Hi, this is Sam from Brightside Energy. I'm calling " +
			"about your electricity plan. Do you have a minute?"},
		{Speaker: optout.Contact, Text: "How did you get this number?"},
		{Speaker: optout.Agent, Text: "It is in our customer file. If you would rather not " +
			"be called again, just say so."},
		{Speaker: optout.Contact, Text: words},
		{Speaker: optout.Agent, Text: "Understood. I have taken your number off our calls. " +
			"Goodbye."},
	} {
		at = at.Add(6 * time.Second)
		turn.At, turn.Language = at, "en"
		_, err := h.ears.Turn(h.t.Context(), call.Environment, call.ID, turn)
		if err != nil {
			h.t.Fatal(err)
		}
	}
	h.end(call, campaign.Answered, at.Add(time.Duration(len(words))*time.Second/3))
	return call
}
