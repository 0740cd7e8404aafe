package web

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"nocall/internal/campaign"
)

// testCampaign makes a campaign from the first click to the last call.
func testCampaign(t *testing.T, h *house, p *tab) {
	h.add("sandbox", "+14155550101", "")
	p.signIn("max@example.com", "/e/sandbox/campaigns")
	p.click("#new")
	p.wait(`document.activeElement.id === "name"`)
	p.keys("Q2 warm leads")
	p.click("#dialog .main")
	p.wait(`location.pathname.endsWith("/window")`)
	p.text("h1", "Q2 warm leads")
	testHours(p)

	p.click("#next-step")
	p.wait(`location.pathname.endsWith("/flow")`)
	p.click("#add-step")
	p.text("#step-1", "After the step before")
	p.click("#step-1 [name=do]")
	p.gone("#step-1")
	p.wait(`document.activeElement.id === "add-step"`)
	p.click("#next-step")
	p.wait(`location.pathname.endsWith("/numbers")`)
	p.fill("#others", "+1 415 555 0199")
	p.fill("#calls", "many\t")
	p.text("#section", "Want a number, or nothing for no limit.")
	p.fill("#calls", "20\t")
	p.text("#saved", "Saved")
	p.wait(`document.querySelector("#others").value === "+14155550199"`)
	p.click("#next-step")
	p.wait(`location.pathname.endsWith("/contacts")`)
	testContacts(p)

	p.click("#next-step")
	p.wait(`location.pathname.endsWith("/start")`)
	p.text("#start", "On the DNC list now1")
	p.click("#start-campaign")
	p.text("#campaign-state", "Finished")
	p.text("#percent", "100%")
	p.text("#skipped", "1")
	p.text("#opted-out", "1")
	p.text("#monitor", "+14155550150")
	c := ask[string](p, `location.pathname.split("/").pop()`)
	progress, err := h.store.Progress(t.Context(), "sandbox", c)
	if err != nil || progress.Done != 4 || progress.Disposition[campaign.Answered] != 3 {
		t.Errorf("progress: %+v, %v", progress, err)
	}
}

// testHours fills in when contacts may be called, and ends with at any time.
func testHours(p *tab) {
	p.t.Helper()
	p.click(`label[for="day-0-6"]`)
	p.text("#saved", "Saved")
	p.click("#add-hours")
	p.wait(`document.querySelector("#hours-1 input:checked")`)
	p.eval(`document.querySelector("#from-1").value = "",
		document.querySelector("#from-1").dispatchEvent(new Event("change", {bubbles: true}))`)
	p.text("#hours-1", "Want a time, such as 09:00.")
	p.text("#saved", "Not saved")
	p.click("#hours-1 [name=do]")
	p.gone("#hours-1")
	p.text("#saved", "Saved")
	p.click(`label[for="any"]`)
	p.gone("#hours")
}

// testContacts imports a file whose column of numbers has to be named, and adds
// one contact more.
func testContacts(p *tab) {
	p.t.Helper()
	file := filepath.Join(p.t.TempDir(), "leads.csv")
	text := "who,where\nAnn,+14155550100\nBo,+14155550101\nCy,+14155550150\nDi,555\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
	p.do(chromedp.SetUploadFiles("input#file", []string{file}))
	p.text("#mapping", "No column phone_number")
	p.eval(`document.querySelector("#number-column").value = "where",
		document.querySelector("#number-column").dispatchEvent(new Event("change", {bubbles: true}))`)
	p.text("#mapping", "1 row is left out, because the number cannot be read")
	p.text("#import", "Add 3 contacts")
	p.click("#import")
	p.text("#mapping", "3 contacts were added")
	p.text("#contacts", "who: Cy")
	p.click("#new-contact")
	p.wait(`document.activeElement.id === "contact-number"`)
	p.keys("+14155550100")
	p.click("#dialog .main")
	p.text("#dialog .problem", "is in this campaign already")
	p.fill("#contact-number", "+14155550102")
	p.click("#dialog .main")
	p.text("#contacts", "+14155550102")
	p.text("#contacts", "4 contacts")
}

// testOutfit adds a trunk, tests it, and adds what speaks over it.
func testOutfit(_ *testing.T, _ *house, p *tab) {
	p.signIn("ada@example.com", "/e/sandbox/providers")
	p.click("#new")
	p.wait(`document.activeElement.id === "name"`)
	p.keys("carrier")
	p.fill("#address", "sip carrier")
	p.fill("#username", "brightside")
	p.fill("#password", "do not tell")
	p.click("#dialog .main")
	p.text("#dialog .problem", "Want a host and a port")
	p.fill("#address", "sip.carrier.example")
	p.fill("#password", "do not tell")
	p.click("#dialog .main")
	p.text("#p-carrier", "sip.carrier.example")
	p.click("#p-carrier .row-actions button:first-child")
	p.text("#test", "It answered.")
	p.text("#test", "registered")
	p.keys("\x1b")
	p.wait(`!document.querySelector("#dialog").open`)
	p.click("#p-carrier [data-menu]")
	p.do(chromedp.Click(`//*[@id="row-menu"]//button[contains(., "Edit")]`, chromedp.NodeVisible))
	p.wait(`document.querySelector("#password")?.placeholder === "kept, not shown"`)
	p.wait(`document.querySelector("#password").value === ""`)

	p.open("/e/sandbox/agents")
	p.click("#upload-recording")
	wav := filepath.Join(p.t.TempDir(), "hello.wav")
	if err := os.WriteFile(wav, []byte("RIFF"), 0o600); err != nil {
		p.t.Fatal(err)
	}
	p.do(chromedp.SetUploadFiles("input#file", []string{wav}))
	p.text(".chosen", "hello.wav")
	p.fill("#name", "Hello")
	p.click("#dialog .main")
	p.text("#recordings", "0:01")
	p.eval(`document.querySelector("audio").load()`)
	p.wait(`document.querySelector("audio").error === null`)
	p.click("#new")
	p.wait(`document.activeElement.id === "name"`)
	p.keys("hello")
	p.click("#dialog .main")
	p.text("#g-hello", "Hello")
	p.text("#g-hello", "9")
}

// testCallFilters narrows the history down and looks where the export goes.
func testCallFilters(_ *testing.T, h *house, p *tab) {
	call := h.inbound("sandbox", "+12125550150")
	p.signIn("vic@example.com", "/e/sandbox/call-history")
	p.text("#calls", "+12125550150")
	p.click(".more-filters summary")
	p.eval(`document.querySelector("[name=skip_reason]").value = "dnc",
		document.querySelector("[name=skip_reason]").dispatchEvent(new Event("change", {bubbles: true}))`)
	p.text("#calls", "No call matches")
	p.wait(`document.querySelector("#export a").href.includes("skip_reason=dnc")`)
	p.open("/e/sandbox/call-history/" + call.ID)
	p.text(".timeline", "Came in")
}
