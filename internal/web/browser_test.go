package web

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"nocall/internal/dnc"
	"nocall/internal/optout"
)

// quote writes text as a string of JavaScript.
func quote(text string) string { return strconv.Quote(text) }

// TestBrowser uses the page as people do, in a real browser.
func TestBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("run without -short")
	}
	c := newChromium(t)
	for name, test := range map[string]func(*testing.T, *house, *tab){
		"add and edit":        testAddAndEdit,
		"search":              testSearch,
		"pages":               testPages,
		"live":                testLive,
		"live call":           testLiveCall,
		"keyboard":            testKeyboard,
		"roles and worlds":    testRolesAndWorlds,
		"looks":               testLooks,
		"keys and settings":   testKeysAndSettings,
		"unready and offline": testUnready,
		"campaign":            testCampaign,
		"outfit":              testOutfit,
		"call filters":        testCallFilters,
		"recorded call":       testRecordedCall,
		"review":              testReview,
		"try words":           testTryWords,
		"test call":           testTestCall,
		"scrub":               testScrub,
		"import":              testListImport,
		"registries":          testRegistries,
		"exemptions":          testExemptions,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			test(t, h, c.tab(t, h))
		})
	}
}

func testAddAndEdit(t *testing.T, h *house, p *tab) {
	h.add("sandbox", "+14155550123", "Requested removal via email")
	p.open("/e/sandbox/dnc-list")
	p.do(chromedp.SendKeys("#user", "ada@example.com"), chromedp.SendKeys("#password", "wrong\r"))
	p.text("[role=alert]", "The user or the password is wrong.")
	p.do(chromedp.SendKeys("#password", password+"\r"))
	p.text("h1", "DNC List")

	p.click("#new")
	p.wait(`document.activeElement.id === "number"`)
	p.keys("+1415555012")
	p.wait(`document.querySelector("#verdict").dataset.state !== ""`)
	p.fill("#number", "415 555 0188")
	p.wait(`document.querySelector("#verdict").dataset.state === "wrong"`)
	p.fill("#number", "+1 (415) 555-0123")
	p.text("#verdict", "+14155550123 is on the list already.")
	p.click("#dialog .main")
	p.text("#dialog .notice", "The entry is unchanged")
	p.fill("#number", "+1 (415) 555-0188")
	p.text("#verdict", "Will be listed as +14155550188.")
	p.fill("#reason", "Asked by <b>phone</b>")
	p.text("#counter", "21 / 500")
	p.click("#dialog .main")
	p.text("#toasts", "+14155550188 is on the list.")
	p.text("#n14155550188", "Asked by <b>phone</b>")
	p.text("#n14155550188 .by", "User")
	p.wait(`!document.querySelector("#dialog").open`)

	testMenu(p)
}

// testMenu edits and deletes the entry of +14155550188.
func testMenu(p *tab) {
	p.t.Helper()
	p.choose("14155550188", "Edit")
	p.wait(`document.activeElement.id === "number"`)
	p.fill("#number", "+14155550123")
	p.click("#dialog .main")
	p.text("#verdict", "with an entry of its own")
	p.wait(`document.querySelector("#number").value === "+14155550123"`)
	p.fill("#number", "+14155550189")
	p.fill("#reason", "Wrong digit")
	p.click("#dialog .main")
	p.text("#n14155550189", "Wrong digit")
	p.gone("#n14155550188")

	p.choose("14155550189", "Delete")
	p.text("#dialog", "becomes callable again")
	p.fill("#reason", "By mistake")
	p.click("#dialog .main")
	p.gone("#n14155550189")
	p.text("#toasts", "may be called again")
	p.open("/e/sandbox/dnc-list?search=%2B14155550189")
	p.do(chromedp.Click(`//a[contains(., "History of")]`))
	p.text("#dialog .trail", "By mistake")
	p.text("#dialog .trail", "+14155550188 → +14155550189")
}

// choose opens the menu of a row and chooses what is called name.
func (p *tab) choose(digits, name string) {
	p.t.Helper()
	p.click("#n" + digits + " [data-menu]")
	p.wait(`document.activeElement.getAttribute("role") === "menuitem"`)
	p.do(chromedp.Click(`//*[@id="row-menu"]//button[contains(., "`+name+`")]`, chromedp.NodeVisible))
	p.wait(`document.querySelector("#dialog").open`)
}

func testSearch(t *testing.T, h *house, p *tab) {
	h.add("sandbox", "+14155550123", "")
	h.add("sandbox", "+14155550124", "")
	h.add("sandbox", "+442079460123", "")
	h.say(h.inbound("sandbox", "+12125550152"), optout.Contact, "please don't call me again")
	h.say(h.inbound("sandbox", "+14155550152"), optout.Contact, "please don't call me again")
	p.signIn("vic@example.com", "/e/sandbox/dnc-list")

	p.fill("#search", "(415) 555-01")
	p.rows("14155550152", "14155550124", "14155550123")
	p.do(chromedp.SetValue("#created-by", "system"))
	p.eval(`document.querySelector("#created-by").dispatchEvent(new Event("change", {bubbles: true}))`)
	p.rows("14155550152")
	p.wait(`decodeURIComponent(location.search) === "?search=(415) 555-01&created_by=system"`)
	for _, link := range ask[[]string](p, `[...document.querySelectorAll("#export a")].map(a => a.href)`) {
		if !strings.Contains(link, "entries.csv?created_by=system&search=%28415%29+555-01") {
			t.Errorf("export goes to %s, want it with the same search and filter", link)
		}
	}
	p.fill("#search", "nobody")
	p.text("#entries", "has letters or signs in it")
	p.fill("#search", kb.Backspace)
	p.rows("14155550152", "12125550152")
	p.text(".by", "Fluents")
	p.do(chromedp.Click("#n12125550152 .heard"))
	p.text("h1", "+12125550152")
	p.text("mark", "don't call me again")
	p.do(chromedp.Click("#entry-link"))
	p.wait(`location.pathname.endsWith("/dnc-list")`)
	p.rows("12125550152")
}

// rows waits until the list shows just the numbers of these digits, in order.
func (p *tab) rows(digits ...string) {
	p.t.Helper()
	p.wait(`[...document.querySelectorAll("#entries tbody tr")].map(r => r.id.slice(1)).join() === ` +
		quote(strings.Join(digits, ",")))
}

func testPages(t *testing.T, h *house, p *tab) {
	for i := range 120 {
		h.add("sandbox", fmt.Sprintf("+1415555%04d", (i*77)%120), "")
	}
	p.signIn("ada@example.com", "/e/sandbox/dnc-list")
	p.text(".paging", "120 numbers · page 1 of 3")
	first := p.shown()
	p.click("#next")
	p.text(".paging", "page 2 of 3")
	second := p.shown()
	p.click("#next")
	p.text(".paging", "page 3 of 3")
	third := p.shown()
	if n := len(first) + len(second) + len(third); n != 120 || len(third) != 20 {
		t.Errorf("pages have %d numbers, the last %d; want 120 and 20", n, len(third))
	}
	p.click("#previous")
	p.text(".paging", "page 2 of 3")
	if again := p.shown(); strings.Join(again, ",") != strings.Join(second, ",") {
		t.Errorf("back on page 2: %v, want %v", again, second)
	}
	p.do(chromedp.NavigateBack())
	p.text(".paging", "page 3 of 3")

	p.click("#sort-number")
	p.wait(`document.querySelector("th").ariaSort === "ascending"`)
	p.wait(`document.querySelector("#entries tbody tr").id === "n14155550000"`)
	p.click("#sort-number")
	p.wait(`document.querySelector("#entries tbody tr").id === "n14155550119"`)
	p.fill("#search", "555-000")
	p.wait(`document.querySelector("#entries tbody tr").id === "n14155550009"`)
	p.text(".paging", "10 numbers")
}

func (p *tab) shown() []string {
	p.t.Helper()
	return ask[[]string](p, `[...document.querySelectorAll("#entries tbody tr")].map(r => r.id)`)
}

// testLive hears an opt-out while the person types, and finds what they do
// undisturbed.
func testLive(t *testing.T, h *house, p *tab) {
	for i := range 60 {
		h.add("sandbox", fmt.Sprintf("+1415555%04d", i), "")
	}
	p.signIn("ada@example.com", "/e/sandbox/dnc-list")
	p.wait(`document.querySelector("#entries tbody tr")`)
	p.click("#n14155550058 [data-menu]")
	p.wait(`document.querySelector("#row-menu").matches(":popover-open")`)
	h.say(h.inbound("sandbox", "+12125550150"), optout.Contact, "stop calling me")
	p.text("#n12125550150", dnc.ReasonOptOut)
	p.wait(`document.querySelector("#row-menu").matches(":popover-open")`)
	p.keys(kb.Escape)
	p.wait(`document.activeElement.closest("tr").id === "n14155550058"`)

	p.click("#new")
	p.wait(`document.activeElement.id === "number"`)
	p.keys("+1 212 555")
	h.say(h.inbound("sandbox", "+12125550151"), optout.Contact, "stop calling me")
	p.text("#n12125550151", dnc.ReasonOptOut)
	p.wait(`document.activeElement.id === "number" && document.activeElement.value === "+1 212 555"`)
	p.keys(kb.Escape)
	p.wait(`document.activeElement.id === "new"`)

	p.eval(`getSelection().selectAllChildren(document.querySelector("#n14155550040 .number"))`)
	p.eval(`scrollTo({top: 600, behavior: "instant"})`)
	before := ask[float64](p, `document.querySelector("#n14155550040").getBoundingClientRect().top`)
	h.say(h.inbound("sandbox", "+12125550152"), optout.Contact, "stop calling me")
	p.text("#n12125550152", dnc.ReasonOptOut)
	p.wait(`getSelection().toString().includes("+14155550040")`)
	after := ask[float64](p, `document.querySelector("#n14155550040").getBoundingClientRect().top`)
	if before != after {
		t.Errorf("a row moved from %v to %v while others were added above", before, after)
	}

	h.add("production", "+12125550199", "")
	p.fill("#search", "212555")
	p.rows("12125550152", "12125550151", "12125550150")
	h.say(h.inbound("sandbox", "+13125550150"), optout.Contact, "stop calling me")
	h.say(h.inbound("sandbox", "+12125550153"), optout.Contact, "stop calling me")
	p.rows("12125550153", "12125550152", "12125550151", "12125550150")
	p.wait(`document.activeElement.id === "search" && document.activeElement.value === "212555"`)
}

// testLiveCall watches a call while it is spoken, then the other live pages.
func testLiveCall(t *testing.T, h *house, p *tab) {
	call := h.inbound("sandbox", "+12125550150")
	p.signIn("vic@example.com", "/e/sandbox/call-history/"+call.ID)
	p.text("#talk", "Nothing has been said yet.")
	h.say(call, optout.Agent, "Hello, this is a <script>test</script>.")
	p.text("#talk .ours", "<script>test</script>")
	h.say(call, optout.Contact, "Well, please don't call me again, thanks.")
	p.text("#talk .theirs mark", "don't call me again")
	p.text("#facts .finding", "Opt-out heard")
	p.text("#facts", "Inbound calls always go through")
	if _, err := h.dialer.End(t.Context(), "sandbox", call.ID, "answered"); err != nil {
		t.Fatal(err)
	}
	p.text("#call-state", "Answered")

	p.open("/e/sandbox/call-history")
	p.text("#c"+call.ID, "Heard")
	next := h.inbound("sandbox", "+12125550151")
	p.text("#c"+next.ID, "In progress")
	p.open("/e/sandbox/overview")
	p.text("#listed", "1")
	h.say(next, optout.Contact, "stop calling me")
	p.text("#listed", "2")
	p.text("#o"+next.ID, "stop calling me")
}

// testKeyboard adds an entry without a mouse.
func testKeyboard(t *testing.T, h *house, p *tab) {
	h.add("sandbox", "+14155550123", strings.Repeat("long ", 100))
	p.signIn("ada@example.com", "/e/sandbox/dnc-list")
	// Not p.keys, which types the slash also where the page says not to.
	p.eval(`document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "/", bubbles: true}))`)
	p.wait(`document.activeElement.id === "search"`)
	p.keys(kb.Tab + kb.Tab + kb.Tab + kb.Tab) // the filter, the sorting, the number
	p.wait(`document.activeElement.closest("tr")`)
	p.do(chromedp.Focus("#new"))
	p.keys(kb.Enter)
	p.wait(`document.activeElement.id === "number"`)
	p.keys("+14155550188" + kb.Tab + "By keyboard" + kb.Tab + kb.Tab)
	p.wait(`document.activeElement.textContent === "Add DNC Number"`)
	p.keys(kb.Tab + kb.Tab + kb.Tab) // around: the focus stays inside
	p.wait(`document.activeElement === document.body || document.activeElement.closest("#dialog")`)
	p.do(chromedp.Focus("#dialog .main"))
	p.keys(kb.Enter)
	p.text("#n14155550188", "By keyboard")
	p.wait(`document.activeElement.id === "new"`)

	p.do(chromedp.Focus("#n14155550188 [data-menu]"))
	p.keys(kb.ArrowDown)
	p.wait(`document.activeElement.textContent === "Edit"`)
	p.keys(kb.ArrowDown)
	p.wait(`document.activeElement.textContent === "History"`)
	p.keys(kb.End)
	p.wait(`document.activeElement.textContent === "Delete"`)
	p.keys(kb.ArrowDown + kb.Enter)
	p.wait(`document.querySelector("#dialog").open`)
	p.keys(kb.Escape)
	p.wait(`!document.querySelector("#dialog").open && document.activeElement.closest("tr")`)
}

func testRolesAndWorlds(t *testing.T, h *house, p *tab) {
	h.add("sandbox", "+14155550123", "")
	h.add("production", "+14155550124", "")
	p.signIn("vic@example.com", "/e/sandbox/dnc-list")
	p.rows("14155550123")
	for _, selector := range []string{"#new", `[data-open="/edit"]`, `[data-open="/delete"]`} {
		if ask[bool](p, `document.querySelector(`+quote(selector)+`) !== null`) {
			t.Errorf("a viewer sees %s", selector)
		}
	}
	p.click(".env")
	p.do(chromedp.Click(`//*[@id="environments"]//a[contains(., "production")]`))
	p.wait(`location.pathname === "/e/production/dnc-list"`)
	p.rows("14155550124")
	p.open("/")
	p.wait(`location.pathname === "/e/production/overview"`)
	p.click(`[data-menu="user-menu"]`)
	p.do(chromedp.Click(`//*[@id="user-menu"]//button`))
	p.text("h1", "Sign in")
	p.open("/e/production/overview")
	p.text("h1", "Sign in")
}

func testLooks(t *testing.T, h *house, p *tab) {
	h.add("sandbox", "+14155550123", strings.Repeat("x", dnc.MaxReason))
	call := h.inbound("sandbox", "+12125550150")
	h.say(call, optout.Contact, strings.Repeat("w", 300))
	h.say(call, optout.Contact, "stop calling me")
	p.prefers("dark")
	p.signIn("ada@example.com", "/e/sandbox/dnc-list")
	p.wait(`document.documentElement.classList.contains("dark")`)
	p.click("#theme")
	p.wait(`!document.documentElement.classList.contains("dark")`)
	p.open("/e/sandbox/overview")
	p.wait(`!document.documentElement.classList.contains("dark")`) // it is remembered
	title := ask[string](p, `document.querySelector(".latest time").title`)
	shown := ask[string](p, `document.querySelector(".latest time").textContent`)
	at, err := time.Parse("2006-01-02 15:04:05 MST", title)
	if err != nil {
		t.Fatal(err)
	}
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Skip(err)
	}
	want := at.In(newYork).Format("Jan 2, 2006, 3:04 PM")
	if shown = strings.ReplaceAll(shown, "\u202f", " "); shown != want {
		t.Errorf("time %s is shown as %q, want %q", title, shown, want)
	}

	p.do(chromedp.EmulateViewport(380, 700))
	for _, path := range []string{
		"/e/sandbox/overview", "/e/sandbox/dnc-list", "/e/sandbox/call-history",
		"/e/sandbox/call-history/" + call.ID, "/e/sandbox/settings", "/environments", "/users",
	} {
		p.open(path)
		if wide := ask[int](p, `document.documentElement.scrollWidth`); wide > 380 {
			t.Errorf("%s is %d wide in a window of 380", path, wide)
		}
	}
	p.click("#open-sidebar")
	p.wait(`document.activeElement.closest("#sidebar")`)
	p.keys(kb.Escape)
	p.wait(`document.activeElement.id === "open-sidebar" && document.querySelector("#sidebar").inert`)
}

func testKeysAndSettings(t *testing.T, h *house, p *tab) {
	p.signIn("ada@example.com", "/e/sandbox/settings")
	p.click("#new-key")
	p.wait(`document.activeElement.id === "name"`)
	p.keys("Dialer" + kb.Enter)
	p.wait(`document.querySelector("#secret")?.value.startsWith("nocall_sandbox_")`)
	secret := ask[string](p, `document.querySelector("#secret").value`)
	id, err := h.access.Authenticate(t.Context(), secret)
	if err != nil || id.Name != "key Dialer" {
		t.Errorf("the secret shown is of %q, %v", id.Name, err)
	}
	p.do(chromedp.Click("#dialog footer [data-close]"))
	p.text("#keys", "Dialer")
	p.do(chromedp.Click("#keys .rows button"))
	p.do(chromedp.Click("#dialog .main", chromedp.NodeVisible))
	p.text("#keys", "No key")
	p.do(chromedp.SetValue("#region", "US"), chromedp.Click("#settings footer button"))
	p.text("#toasts", "The settings were saved.")
	p.open("/e/sandbox/dnc-list/new")
	p.fill("#number", "(415) 555-0123")
	p.text("#verdict", "Will be listed as +14155550123.")

	p.open("/environments")
	p.click("#new")
	p.wait(`document.activeElement.id === "name"`)
	p.keys("Staging" + kb.Enter)
	p.text("#name-help", "Use 1 to 63")
	p.fill("#name", "staging"+kb.Enter)
	p.text("#worlds", "staging")
	p.open("/e/staging/settings")
	p.click("#delete-environment")
	p.wait(`document.activeElement.id === "name"`)
	p.keys("staging" + kb.Enter)
	p.wait(`location.pathname === "/environments" && !document.body.textContent.includes("staging")`)
}

func testUnready(t *testing.T, h *house, p *tab) {
	p.signIn("ada@example.com", "/e/sandbox/overview")
	p.gone("#unready")
	h.index.SetCurrent(false)
	p.text("#state", "Not ready")
	p.wait(`document.querySelector("#unready").checkVisibility()`)
	h.index.SetCurrent(true)
	p.gone("#unready")
	p.click("#run-demo")
	p.wait(`document.querySelectorAll(".latest li").length >= 3`)
	p.text("#toasts", "contacts are being called")
	h.server.CloseClientConnections()
	h.server.Listener.Close()
	p.wait(`document.querySelector("#offline").checkVisibility()`)
}
