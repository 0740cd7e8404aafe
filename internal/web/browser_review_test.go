package web

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// testReview confirms and releases findings by keys.
func testReview(t *testing.T, h *house, p *tab) {
	p.signIn("max@example.com", "/e/sandbox/review")
	p.text("#findings", "Nothing to review")
	for _, n := range []string{"+14155550141", "+14155550142", "+14155550143"} {
		h.doubt(n)
	}
	p.text("#nav-review .tally", "3")
	p.wait(`document.querySelectorAll("[data-finding]").length === 3`)
	p.text("#findings mark", "leave me alone")
	p.press("j")
	p.selected("+14155550143")
	p.press("j")
	p.selected("+14155550142")
	p.press("k")
	p.selected("+14155550143")
	p.press("c")
	p.selected("+14155550142") // the next one, by itself
	p.text("#toasts", "+14155550143 is on the list for good.")
	p.wait(`document.querySelectorAll("[data-finding]").length === 2`)
	p.press("r")
	p.selected("+14155550141")
	p.text("#toasts", "may be called again")
	p.text("#nav-review .tally", "1")
	p.do(chromedp.Click(`[data-answer="r"]`))
	p.text("#findings", "Nothing to review")
	p.wait(`document.activeElement.id === "reviewed"`)
	p.gone("#nav-review .tally")

	p.do(chromedp.SetValue(`[name="review"]`, "released"))
	p.eval(`document.querySelector("[name=review]").dispatchEvent(new Event("change", {bubbles: true}))`)
	p.wait(`document.querySelectorAll("[data-finding]").length === 2`)
	p.text("#findings", "Released by max@example.com")
	p.open("/e/sandbox/dnc-list")
	p.rows("14155550143")
	p.do(chromedp.Click("#n14155550143 .number a"))
	p.text("#dialog .trail", "Confirmed by max@example.com")
}

// press gives a key to what has the focus, as a keyboard does.
func (p *tab) press(key string) {
	p.t.Helper()
	p.eval(`document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key: ` +
		quote(key) + `, bubbles: true}))`)
}

// selected waits until the finding of a number has the focus.
func (p *tab) selected(number string) {
	p.t.Helper()
	p.wait(`document.activeElement.matches("[data-finding]") &&
		document.activeElement.textContent.includes(` + quote(number) + `)`)
}

// testTryWords types what a contact might say, on the page of a campaign.
func testTryWords(t *testing.T, h *house, p *tab) {
	h.doubt("+14155550141") // and with it the detector that doubts
	p.signIn("max@example.com", "/e/sandbox/campaigns/new")
	p.fill("#name", "Autumn")
	p.click("#dialog .main, .box .main")
	p.wait(`location.pathname.endsWith("/window")`)
	p.open(ask[string](p, `location.pathname.replace("window", "numbers")`))
	p.fill("#try-text", "please don't call me again")
	p.text("#tried .badge", "Opt-out")
	p.text("#tried mark", "don't call me again")
	p.fill("#try-text", "leave me alone")
	p.text("#tried .badge", "Review")
	p.text("#tried", "until a person has looked")
	p.fill("#try-text", "what a lovely day")
	p.text("#tried .badge", "None")
	p.fill("#try-text", "yes")
	p.fill("#try-agent", "Shall I take you off our list?")
	p.text("#tried .badge", "Opt-out")
	p.wait(`document.querySelector("#try-text").value === "yes"`)
}
