package web

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// chromium is the one browser of all browser tests.
type chromium struct {
	ctx context.Context
}

// newChromium starts the browser, or skips the test where there is none.
func newChromium(t *testing.T) *chromium {
	t.Helper()
	name := os.Getenv("NOCALL_CHROMIUM")
	if name == "" {
		name = "chromium"
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skip("install chromium or set NOCALL_CHROMIUM")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1280, 800),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("hide-scrollbars", true), chromedp.Flag("lang", "en-US"),
		chromedp.Flag("disable-software-rasterizer", true),
		chromedp.Env("TZ=America/New_York", "LANG=en_US.UTF-8"),
		chromedp.WSURLReadTimeout(time.Minute))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	return &chromium{ctx}
}

// tab is one page of the browser, with cookies of its own. What the browser
// complains about on it fails the test.
type tab struct {
	t    *testing.T
	ctx  context.Context
	base string
}

// tabLimit is how long a test may take in a tab. It is generous, because the
// machine may be busy.
const tabLimit = 2 * time.Minute

func (c *chromium) tab(t *testing.T, h *house) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(c.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	ctx, stop := context.WithTimeout(ctx, tabLimit)
	t.Cleanup(stop)
	p := &tab{t, ctx, h.server.URL}
	p.do(chromedp.EmulateViewport(1280, 800))
	p.attend()
	p.prefers("light")
	p.listen()
	return p
}

// attend gives the tab the focus, whatever the other tabs do.
func (p *tab) attend() {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetFocusEmulationEnabled,
			emulation.SetFocusEmulationEnabledParams{Enabled: true})
		return err
	}))
}

// listen fails the test for errors and warnings of the page: scripts that
// break, and what the content security policy refused.
func (p *tab) listen() {
	messages := chromedp.Console(p.ctx)
	var listening sync.WaitGroup
	listening.Go(func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			if expected(m) {
				continue
			}
			switch m.Type {
			case chromedp.ConsoleError, chromedp.ConsoleException, chromedp.ConsoleWarning:
				p.t.Errorf("browser: %s: %s (%s)", m.Type, m.Text, m.URL)
			}
		}
	})
	p.t.Cleanup(func() {
		_ = chromedp.Cancel(p.ctx)
		listening.Wait()
	})
}

// expected reports whether a message tells only that a form was refused, as
// the tests want it to be, that an environment is gone whose page was live, or
// that the server of a test has ended.
func expected(m chromedp.ConsoleMessage) bool {
	if strings.Contains(m.URL, "/e/staging/") && strings.Contains(m.Text, "status of 404") {
		return true
	}
	for _, text := range []string{
		"status of 422", "status of 409", "status of 401", "net::ERR_CONNECTION_REFUSED",
		"net::ERR_CONNECTION_RESET",
		"net::ERR_INCOMPLETE_CHUNKED_ENCODING",
	} {
		if m.Source == "network" && strings.Contains(m.Text, text) {
			return true
		}
	}
	return false
}

func (p *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.t.Fatalf("%v\n%s", err, p.about())
	}
}

// about tells what the page shows, for a test that failed.
func (p *tab) about() string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), 5*time.Second)
	defer cancel()
	text, _ := chromedp.Run(ctx, chromedp.Evaluate[string](
		`location.href + "\n" + document.body.innerText.slice(0, 2000)`))
	return text
}

// open goes to a page.
func (p *tab) open(path string) {
	p.t.Helper()
	p.do(chromedp.Navigate(p.base + path))
}

// signIn signs in through the page and opens path.
func (p *tab) signIn(user, path string) {
	p.t.Helper()
	p.open(path)
	p.do(
		chromedp.SendKeys("#user", user),
		chromedp.SendKeys("#password", password+"\r"),
	)
	p.wait(`document.readyState === "complete" && location.pathname + location.search === ` +
		quote(path))
}

// wait waits until an expression is true on the page, also across a page that
// is left meanwhile.
func (p *tab) wait(expression string) {
	p.t.Helper()
	for {
		_, err := chromedp.Run(p.ctx, chromedp.Poll[bool]("Boolean("+expression+")",
			chromedp.WithPollingInterval(20*time.Millisecond),
			chromedp.WithPollingTimeout(tabLimit/8)))
		switch {
		case err == nil:
			return
		case !strings.Contains(err.Error(), "navigated") &&
			!strings.Contains(err.Error(), "Cannot find context"):
			p.t.Fatalf("wait for %s: %v\n%s", expression, err, p.about())
		}
	}
}

// text waits until an element contains text.
func (p *tab) text(selector, text string) {
	p.t.Helper()
	p.wait(`document.querySelector(` + quote(selector) + `)?.textContent.includes(` +
		quote(text) + `)`)
}

// gone waits until there is no such element to see.
func (p *tab) gone(selector string) {
	p.t.Helper()
	p.wait(`!document.querySelector(` + quote(selector) + `)?.checkVisibility()`)
}

func (p *tab) click(selector string) {
	p.t.Helper()
	p.do(chromedp.Click(selector, chromedp.NodeVisible))
}

// fill puts text into a field, instead of what is there, as somebody types.
func (p *tab) fill(selector, text string) {
	p.t.Helper()
	p.do(chromedp.Focus(selector))
	p.eval(`document.activeElement.select?.()`)
	p.do(chromedp.KeyEvent(text))
}

// keys presses keys where the focus is.
func (p *tab) keys(keys string) {
	p.t.Helper()
	p.do(chromedp.KeyEvent(keys))
}

func (p *tab) eval(expression string) {
	p.t.Helper()
	ask[any](p, expression+`, null`)
}

// ask returns the value of an expression on the page.
func ask[T any](p *tab, expression string) T {
	p.t.Helper()
	value, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		p.t.Fatalf("%s: %v\n%s", expression, err, p.about())
	}
	return value
}

// prefers sets whether the machine prefers dark.
func (p *tab) prefers(scheme string) {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{
				{Name: "prefers-color-scheme", Value: scheme},
				{Name: "prefers-reduced-motion", Value: "reduce"},
			},
		})
		return err
	}))
}
