package web

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// writeFiles writes files, names each followed by a text, and returns their paths.
func writeFiles(t *testing.T, files ...string) (paths []string) {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(files); i += 2 {
		path := filepath.Join(dir, files[i])
		if err := os.WriteFile(path, []byte(files[i+1]), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}

// send chooses files in the dialog and has them imported.
func (p *tab) send(files ...string) {
	p.t.Helper()
	p.do(chromedp.SetUploadFiles("#dialog input#file", writeFiles(p.t, files...)))
	p.click("#dialog footer .main")
}

func testRegistries(t *testing.T, h *house, p *tab) {
	p.signIn("ada@example.com", "/e/sandbox/registries")
	p.text("#registries", "No registries yet")
	p.click("#new")
	p.wait(`document.activeElement.id === "registry"`)
	p.keys("us-national")
	p.send("bad.txt", "818,0000818\n818;0000819\n")
	p.text("#import-problem", "bad.txt: line 2: it is not as the others are")
	p.text("#dialog [data-chosen]", "bad.txt")
	p.send("818.txt", flat("818", 1000), "212.txt", flat("212", 500))
	p.text("#toasts", "us-national has 1,500 numbers in 2 areas")
	p.text("#registry-us-national", "Fresh")
	p.text("#registry-us-national .numbers", "1,500")
	testSubscribe(p)

	p.do(chromedp.Click(`#registry-us-national .name a`))
	p.text("#registry .counts", "1,500")
	p.click("#new")
	p.wait(`document.querySelector("#dialog #registry")?.readOnly`)
	p.send("818.txt", flat("818", 800), "212.txt", flat("212", 500))
	p.text("#import-problem", "had 1000 numbers, and has 800")
	p.click("#import-problem button")
	p.text("#toasts", "us-national has 1,300 numbers")
	p.text("#registry .counts", "1,300")
	p.click("#registry .versions tbody button")
	p.text("#dialog", "1,500 numbers in place of 1,300")
	p.click("#dialog .main")
	p.text("#registry .counts", "1,500")
	p.click("#registry-settings")
	p.fill("#stale-after", "40")
	p.click("#dialog .main")
	p.text("#registry .counts", "of 40")
}

// testSubscribe has the sandbox ask the registry, changes a policy, and asks it no
// more.
func testSubscribe(p *tab) {
	p.t.Helper()
	const button = "#registry-us-national .asks a"
	p.click(button)
	p.text("#dialog", "A number that is in it is not called.")
	p.click("#dialog .main")
	p.text("#registry-us-national .policies", "Stale: no call")
	p.click(button)
	p.wait(`document.querySelector("#dialog [name=not_covered][value=refuse]")?.checked`)
	p.eval(`document.querySelector("#dialog [name=not_covered][value=allow]").click()`)
	p.click("#dialog .main")
	p.text("#registry-us-national .policies", "Not covered: calls allowed")
	p.click(button)
	p.click("#unsubscribe")
	p.text("#registry-us-national .asks", "Subscribe")
	p.text("#registry-us-national .policies", "not asked")
}

func testExemptions(t *testing.T, h *house, p *tab) {
	h.keep("us-national", "full.txt", flat("818", 100))
	h.subscribe("sandbox", "us-national")
	p.signIn("max@example.com", "/e/sandbox/dnc-list?search=%2B18185550007")
	p.do(chromedp.Click(`//a[contains(., "History of")]`))
	p.text("#dialog .says", "Registered in the registry us-national: no call")
	p.do(chromedp.Click(`//*[@id="dialog"]//button[contains(., "Add exemption")]`))
	p.wait(`document.querySelector("#dialog #number")?.value === "+18185550007"`)
	p.eval(`document.querySelector("#since").value = "2026-01-02"`)
	p.fill("#evidence", "Order 4711 <shop>")
	p.do(chromedp.Click(`#dialog [value="business_relationship"]`))
	p.click("#dialog .main")
	p.text("#dialog .notice", "A business relationship wants until")
	p.eval(`document.querySelector("#until").value = "2027-01-02"`)
	p.click("#dialog .main")
	p.text("#toasts", "+18185550007 is exempt.")
	p.wait(`!document.querySelector("#dialog").open`)

	p.open("/e/sandbox/exemptions")
	p.text("#exemptions tbody", "Order 4711 <shop>")
	p.do(chromedp.Focus("#search"))
	p.keys("+18185550008")
	p.text("#exemptions", "No exemption of this number")
	p.fill("#search", "+1 (818) 555-0007")
	p.text("#exemptions tbody", "In force")
	p.click("#exemptions tbody .end button")
	p.text("#dialog", "The exemption stays here as evidence")
	p.wait(`document.activeElement.textContent === "Cancel"`)
	p.click("#dialog .main")
	p.text("#exemptions tbody", "Ended")
	p.gone("#exemptions tbody .end button")
}
