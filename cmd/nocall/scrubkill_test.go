package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestScrubKill kills a scrub in the middle, and then the server of one: what
// was there before is as it was, and nothing half done has its name.
func TestScrubKill(t *testing.T) {
	dir := t.TempDir()
	keys := filepath.Join(dir, "keys.json")
	server, err := start(os.Environ(), "-data", filepath.Join(dir, "data"),
		"-bootstrap-key-file", keys, "-log-level", "error")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := sandbox(t, server, keys).Add(t.Context(), "+14155550007", ""); err != nil {
		t.Fatal(err)
	}
	s := &scrubbing{t: t, dir: dir, env: append(
		os.Environ(), "NOCALL_SERVER="+server.url, "NOCALL_KEY_FILE="+keys,
		"NOCALL_ENVIRONMENT=sandbox",
	)}
	s.write("clean.csv", "of yesterday\n")

	s.run(func(p *exec.Cmd) { p.Process.Kill() }) //nolint:errcheck // Wait says how it ended
	s.holds("clean.csv", "of yesterday\n")
	s.holds("out.csv", "")

	said := s.run(func(*exec.Cmd) { server.kill() }) //nolint:errcheck // as above
	s.holds("clean.csv", "of yesterday\n")
	s.holds("out.csv", "")
	if said == "" {
		t.Error("a scrub whose server was killed says nothing")
	}

	server, err = start(os.Environ(), "-data", filepath.Join(dir, "data"))
	if err != nil {
		t.Fatal(err)
	}
	defer server.kill() //nolint:errcheck // the test is over
	s.env = append(s.env, "NOCALL_SERVER="+server.url)
	s.run(nil)
	if n := strings.Count(s.read("clean.csv"), "\n"); n != scrubRows {
		t.Errorf("%d lines of rows that may be called, want %d", n, scrubRows)
	}
	s.holds("out.csv", "phone\n+14155550007\n")
}

// scrubRows is how many rows are scrubbed, one of which is listed.
const scrubRows = 300_000

// scrubbing is a scrub of a file that comes in through a pipe.
type scrubbing struct {
	t   *testing.T
	dir string
	env []string
}

// run scrubs, and calls kill when half of the file was sent; nil lets it end.
// It returns what the program said when it failed.
func (s *scrubbing) run(kill func(*exec.Cmd)) (said string) {
	s.t.Helper()
	r, w := io.Pipe()
	var stderr bytes.Buffer
	p := exec.Command("nocall", "scrub", "-out", "clean.csv", "-suppressed", "out.csv", "-")
	p.Dir, p.Env, p.Stdin, p.Stderr = s.dir, s.env, r, &stderr
	if err := p.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() {
		fmt.Fprintln(w, "phone") //nolint:errcheck // the program says so
		for i := range scrubRows {
			if i == scrubRows/2 && kill != nil {
				kill(p)
			}
			if _, err := fmt.Fprintf(w, "+1415%07d\n", 5550000+i); err != nil {
				break
			}
		}
		w.Close()
	}()
	err := p.Wait()
	r.Close()
	if (err == nil) != (kill == nil) {
		s.t.Fatalf("scrub ended with %v: %s", err, stderr.String())
	}
	return stderr.String()
}

func (s *scrubbing) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// read returns what a file holds; "" when it is not there.
func (s *scrubbing) read(name string) string {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, name))
	if err != nil && !os.IsNotExist(err) {
		s.t.Fatal(err)
	}
	return string(text)
}

func (s *scrubbing) holds(name, want string) {
	s.t.Helper()
	if got := s.read(name); got != want {
		s.t.Errorf("%s has %.80q, want %q", name, got, want)
	}
}
