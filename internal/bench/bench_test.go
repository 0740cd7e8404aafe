package bench

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// beside says, in the environment, that the process is the client of [HTTP], or a
// server.
const beside = "NOCALL_BENCH_BESIDE"

func TestMain(m *testing.M) {
	var err error
	switch os.Getenv(beside) {
	case "":
		os.Exit(m.Run())
	case "load":
		err = Load(os.Args[1], connections, os.Stdin)
	case "server":
		entries, _ := strconv.Atoi(os.Args[1])
		err = Serve(context.Background(), entries, len(os.Args) > 2, os.Stdin, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// TestBench runs each measurement once, small: it gives figures and leaves
// nothing behind.
func TestBench(t *testing.T) {
	for name, test := range map[string]struct {
		run  func(context.Context, Settings) ([]Figure, error)
		want []string
	}{
		"check": {Check, []string{"Go map of 2000", "List.Check", "ContainsMany"}},
		"http": {HTTP, []string{
			"/healthz of the same server", "GET check", "empty handler of net/http alone",
		}},
		"adds": {Adds, []string{
			"add by one client", "add by 64 clients", "append and sync of 4 KiB",
		}},
		"batch":    {Batch, nil},
		"import":   {Import, nil},
		"scrub":    {Scrub, nil},
		"redis":    {Redis, nil},
		"start":    {Start, []string{"start with 0 entries", "start with 2000 entries"}},
		"search":   {Search, nil},
		"registry": {Registry, nil},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			for _, f := range []string{folder, filepath.Dir(folder)} { // for other users
				if err := os.Chmod(f, 0o711); err != nil {
					t.Fatal(err)
				}
			}
			s := Settings{
				Entries: 2000, Rounds: 1, Folder: folder, Peers: true, Note: t.Log,
				Load:   []string{"env", beside + "=load", os.Args[0]},
				Server: []string{"env", beside + "=server", os.Args[0]},
			}
			figures, err := test.run(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range figures {
				got = append(got, f.Name)
				wrong := f.Wall <= 0 || f.Ratio < 0 || f.Least > f.Wall || f.Most < f.Wall
				if f.Bytes == 0 && wrong {
					t.Errorf("%+v", f)
				}
			}
			if test.want != nil && !slices.Equal(got, test.want) {
				t.Errorf("figures %q, want %q", got, test.want)
			}
			left, err := os.ReadDir(s.Folder)
			if err != nil || len(left) > 0 {
				t.Errorf("left %v, %v", left, err)
			}
		})
	}
}

// TestMeasure takes the median of rounds, per operation, and ratios to the
// first contender.
func TestMeasure(t *testing.T) {
	samples := []sample{{wall: 9}, {wall: 1}, {wall: 5}}
	if got := median(samples, func(s sample) time.Duration { return s.wall }); got != 5 {
		t.Errorf("median = %v, want 5", got)
	}
	var order strings.Builder
	one := func(name string) contender {
		return contender{
			name: name,
			run:  func(context.Context) (int, error) { return order.WriteString(name) },
			after: func() error {
				_, err := order.WriteString(".")
				return err
			},
		}
	}
	figures, err := measure(t.Context(), 2, true, one("a"), one("b"))
	if err != nil || len(figures) != 2 || figures[0].Ratio != 1 {
		t.Errorf("measure = %v, %v", figures, err)
	}
	if order.String() != "a.b.a.b." {
		t.Errorf("ran %s, want in turns", order.String())
	}
}

func TestNewList(t *testing.T) {
	numbers := newList(50_000)
	sorted := slices.Sorted(slices.Values(numbers))
	if len(numbers) != 50_000 || len(slices.Compact(sorted)) != len(numbers) {
		t.Errorf("%d numbers, some of them twice", len(numbers))
	}
	american := slices.IndexFunc(sorted, func(n uint64) bool { return n > 19_999_999_999 })
	if share := float64(american) / 50_000; sorted[0] < 12_000_000_000 || share < 0.97 {
		t.Errorf("numbers from %d on, %.3f of them of North America", sorted[0], share)
	}
	if !slices.Equal(numbers, newList(50_000)) {
		t.Error("another list the second time")
	}
}

// TestLoad notices an answer that is not a success.
func TestLoad(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked++; asked > 3 {
			w.WriteHeader(http.StatusTooManyRequests)
		}
		io.WriteString(w, "answer") //nolint:errcheck // the client says so
	}))
	defer server.Close()
	request := "GET / HTTP/1.1\r\nHost: nocall\r\n\r\n"
	err := sendAll(server.Listener.Addr().String(), 5, []byte(request))
	if err == nil || !strings.Contains(err.Error(), "429") {
		t.Errorf("sendAll = %v, want the status", err)
	}
}
