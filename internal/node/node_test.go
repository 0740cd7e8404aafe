package node

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/registry"
	"nocall/internal/store"
)

// TestMain sees to it that no test leaves a goroutine behind: whoever starts
// one waits for it.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// limit is how long anything may take here. It is long, for the machine may be
// busy.
const limit = 30 * time.Second

func config(t *testing.T) Config {
	return Config{
		Listen: "127.0.0.1:0", Data: filepath.Join(t.TempDir(), "data"),
		AdminPassword: "correct horse",
	}
}

// run runs a node that is ready until the test ends, or until stop is called,
// which returns what Run returned.
func run(t *testing.T, n *Node) (stop func() error) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- n.Run(ctx) }()
	var result error
	stopped := false
	stop = func() error {
		if !stopped {
			stopped = true
			cancel()
			select {
			case result = <-ended:
			case <-time.After(limit):
				result = errors.New("Run does not return")
			}
		}
		return result
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("Run = %v", err)
		}
	})
	until(t, "the node is ready", func() bool { return n.ready() == nil })
	return stop
}

func until(t *testing.T, what string, true func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for end := time.After(limit); !true(); {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("in vain waited until %s", what)
		}
	}
}

// get asks the node, on a connection of its own.
func get(t *testing.T, n *Node, path string) (int, string) {
	t.Helper()
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := c.Get("http://" + n.Address() + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func mustNew(t *testing.T, c Config) (*Node, First) {
	t.Helper()
	n, first, err := New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return n, first
}

// TestUnready answers nothing for certain until the lists are read, nor while
// the store is in doubt.
func TestUnready(t *testing.T) {
	n, _ := mustNew(t, config(t))
	number, err := e164.Parse("+14155550123")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.list.Check("sandbox", number); !errors.Is(err, dnc.ErrUnready) {
		t.Errorf("Check before the lists are read: %v, want ErrUnready", err)
	}
	if err := n.ready(); !errors.Is(err, dnc.ErrUnready) {
		t.Errorf("ready before the lists are read: %v, want ErrUnready", err)
	}
	run(t, n)
	if status, _ := get(t, n, "/readyz"); status != http.StatusOK {
		t.Errorf("/readyz of a node that is ready: %d", status)
	}
	f := follower{n.list, n.index, n.store, new(registry.Keeper)}
	f.Doubt(true)
	if status, _ := get(t, n, "/readyz"); status != http.StatusServiceUnavailable {
		t.Errorf("/readyz of a node in doubt: %d, want 503", status)
	}
	if _, err := n.list.Check("sandbox", number); !errors.Is(err, dnc.ErrUnready) {
		t.Errorf("Check in doubt: %v, want ErrUnready", err)
	}
	if err := f.Reload(t.Context()); err != nil {
		t.Error(err)
	}
	f.Doubt(false)
	if listed, err := n.list.Check("sandbox", number); listed || err != nil {
		t.Errorf("Check after the doubt: %v, %v", listed, err)
	}
}

// TestRunning looks at a node that runs.
func TestRunning(t *testing.T) {
	c := config(t)
	n, _ := mustNew(t, c)
	run(t, n)
	t.Run("port taken", func(t *testing.T) { portTaken(t, n) })
	t.Run("folder in use", func(t *testing.T) {
		if _, _, err := New(t.Context(), c); !errors.Is(err, store.ErrInUse) {
			t.Errorf("New on a folder in use: %v", err)
		}
	})
	t.Run("metrics", func(t *testing.T) { metrics(t, n) })
}

func portTaken(t *testing.T, n *Node) {
	c := config(t)
	c.Listen = n.Address()
	if _, _, err := New(t.Context(), c); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("New on a port that is taken: %v", err)
	}
	if _, err := os.Stat(c.Data); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("New on a port that is taken made a data folder: %v", err)
	}
}

func TestNoScript(t *testing.T) {
	c := config(t)
	c.SimulatorScript = filepath.Join(t.TempDir(), "none.json")
	if _, _, err := New(t.Context(), c); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("New with no script: %v", err)
	}
}

func metrics(t *testing.T, n *Node) {
	status, text := get(t, n, "/metrics")
	if status != http.StatusOK {
		t.Fatalf("/metrics: %d %s", status, text)
	}
	for _, want := range []string{
		"nocall_ready 1", `nocall_entries{environment="sandbox"} 0`,
		`nocall_active_calls{environment="production"} 0`,
		`nocall_opt_out_calls_total{environment="sandbox"} 0`, "go_goroutines ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("/metrics has no %q", want)
		}
	}
}

// TestClose lets a request that is being answered end, ends one that waits for
// events at once, and one that takes too long at the limit.
func TestClose(t *testing.T) {
	for _, test := range []struct {
		name, accept string
		limit        time.Duration
		answered     bool // before its context ends
	}{
		{"a request", "application/json", limit, true},
		{"a live page", "text/event-stream", limit, false},
		{"a request that takes too long", "", time.Millisecond, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			var q requests
			begun, answered := make(chan bool), make(chan bool, 1)
			closing := make(chan bool)
			server := httptest.NewUnstartedServer(q.count(http.HandlerFunc(
				func(_ http.ResponseWriter, r *http.Request) {
					close(begun)
					<-closing
					if test.answered {
						answered <- r.Context().Err() == nil
						return
					}
					<-r.Context().Done()
					answered <- false
				})))
			q.open(server.Config)
			server.Config.RegisterOnShutdown(func() { close(closing) })
			server.Start()
			asked := make(chan bool)
			go func() {
				defer close(asked)
				ask(t, server.URL, test.accept)
			}()
			<-begun
			err := q.close(server.Config, test.limit)
			if err != nil {
				t.Errorf("close = %v", err)
			}
			if got := <-answered; got != test.answered {
				t.Errorf("answered: %v, want %v", got, test.answered)
			}
			<-asked
		})
	}
}

// ask asks and minds no answer.
func ask(t *testing.T, url, accept string) {
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Error(err)
		return
	}
	req.Header.Set("Accept", accept)
	if resp, err := c.Do(req); err == nil {
		resp.Body.Close()
	}
}
