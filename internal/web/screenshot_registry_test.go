package web

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"nocall/internal/registry"
)

// TestRegistryScreenshots takes the pictures of registries and exemptions into the
// folder that NOCALL_SCREENSHOTS names.
func TestRegistryScreenshots(t *testing.T) {
	dir := os.Getenv("NOCALL_SCREENSHOTS")
	if dir == "" {
		t.Skip("set NOCALL_SCREENSHOTS to the folder of the pictures")
	}
	c := newChromium(t)
	h := newHouse(t)
	p := c.tab(t, h)
	const list, exemptions = "/e/production/registries", "/e/production/exemptions"
	p.signIn("ada@example.com", list)
	shown := func(name, path, ready string) {
		t.Helper()
		p.open(path)
		p.text(ready, "")
		p.take(filepath.Join(dir, name+".png"))
	}
	shown("registries-empty", list, "#registries .nothing")
	shown("exemptions-empty", exemptions, "#exemptions .nothing")
	h.registryStories()
	pages := func(suffix string) {
		t.Helper()
		shown("registries"+suffix, list, "#registries tbody")
		shown("registry"+suffix, list+"/us-national", "#registry tbody")
		shown("exemptions"+suffix, exemptions, "#exemptions tbody")
	}
	pages("")
	p.click("#new")
	p.wait(`document.activeElement.id === "number"`)
	p.take(filepath.Join(dir, "exemption-new.png"))
	shown("registries", list, "#registries tbody")
	p.click("#registry-us-national .asks a")
	p.text("#dialog", "No call")
	p.take(filepath.Join(dir, "registry-subscription.png"))
	p.open(list + "/us-national")
	p.click("#registry-settings")
	p.text("#dialog", "Settings")
	p.click("#dialog summary")
	p.take(filepath.Join(dir, "registry-settings.png"))
	p.open(list + "/us-national")
	p.click("#new")
	p.send("818.txt", flat("818", 800))
	p.text("#import-problem", "Take it anyway")
	p.take(filepath.Join(dir, "registry-import.png"))
	p.prefers("dark")
	pages("-dark")
	p.prefers("light")
	p.do(chromedp.EmulateViewport(390, 1400))
	pages("-narrow")
	shown("trail-registered-narrow", "/e/production/dnc-list/18185550009", ".says")
}

// registryStories fills registries, and exemptions from them.
func (h *house) registryStories() {
	h.t.Helper()
	h.keep("us-national", "2026-10-5_818_AB.txt", flat("818", 900))
	var states []string
	for _, area := range strings.Fields("212 213 305 312 404 415 512 617 702 818") {
		states = append(states, flat(area, 950))
	}
	h.keep("us-national", "full.txt", strings.Join(states, ""))
	h.keep("canada", "2026-9-1_416_CD.txt", flat("416", 300))
	h.keep(strings.Repeat("state-of-texas-", 4)+"abc", "a very long name of a file "+
		strings.Repeat("of a registry ", 8)+".csv", "Phone\n+15125550123\n")
	if _, err := h.registries.Save(h.t.Context(), registry.Registry{
		Name: "uk-tps", Title: "UK Telephone Preference Service", StaleAfter: 28,
	}); err != nil {
		h.t.Fatal(err)
	}
	h.subscribe("production", "us-national")
	h.subscribe("production", "canada")
	h.exempt("+18185550007", registry.Relationship, "Order 4711, in the shop system")
	long := h.exempt("+12125550003", registry.Consent,
		strings.Repeat("Signed in the branch office. ", 8))
	_, err := h.registries.EndExemption(h.t.Context(), "production", long.ID, long.By)
	if err != nil {
		h.t.Fatal(err)
	}
}

// exempt adds an exemption in the environment production.
func (h *house) exempt(text string, ground registry.Ground, evidence string) registry.Exemption {
	h.t.Helper()
	e := registry.Exemption{
		Environment: "production", Number: number(h.t, text), Ground: ground,
		Evidence: evidence, By: "ada@example.com", Since: now().AddDate(0, -1, 0),
	}
	if ground == registry.Relationship {
		e.Until = e.Since.AddDate(0, 4, 0)
	}
	made, err := h.registries.Exempt(h.t.Context(), e)
	if err != nil {
		h.t.Fatal(err)
	}
	return made
}
