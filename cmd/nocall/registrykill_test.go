package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nocall/client"
)

// TestRegistryKill kills a server again and again while it takes in a new version of
// a registry: afterwards a whole version is in force, the one that was answered last
// or the one that was on its way, and nothing else is left.
func TestRegistryKill(t *testing.T) {
	dir := t.TempDir()
	s := &swapping{t: t, data: filepath.Join(dir, "data"), keys: filepath.Join(dir, "keys.json")}
	s.start()
	begin := time.Now()
	if err := s.take(1); err != nil {
		t.Fatal(err)
	}
	took := time.Since(begin)
	if _, err := s.client.Subscribe(t.Context(), client.Subscription{
		Registry: "us-national",
	}); err != nil {
		t.Fatal(err)
	}
	answered, was := 1, 0 // the version answered last, and how many were killed before it was
	const rounds = 8
	for i := range rounds {
		next := i + 2
		kill := time.AfterFunc(took*time.Duration(2*i+1)/rounds, func() { s.server.kill() })
		if err := s.take(next); err == nil {
			answered = next
		} else {
			was++
		}
		kill.Stop()
		s.server.kill() //nolint:errcheck // it may have been
		s.start()
		if got := s.inForce(); got != answered && got != next {
			t.Errorf("version %d is in force; want %d, which was answered, or %d", got, answered,
				next)
		} else {
			answered = got
		}
	}
	if was == 0 {
		t.Error("no import was killed: each was answered before")
	}
	if err := s.server.kill(); err != nil {
		t.Fatal(err)
	}
}

// swapping is a server whose registry is swapped.
type swapping struct {
	t          *testing.T
	data, keys string
	server     *server
	client     *client.Client
}

func (s *swapping) start() {
	s.t.Helper()
	var err error
	s.server, err = start(os.Environ(), "-data", s.data, "-bootstrap-key-file", s.keys,
		"-log-level", "error")
	if err != nil {
		s.t.Fatal(err)
	}
	s.client = sandbox(s.t, s.server, s.keys)
}

// swapRows is how many numbers all versions have besides their own one.
const swapRows = 400_000

// take imports the i-th version, which has the number 212 000 000i.
func (s *swapping) take(i int) error {
	var text strings.Builder
	fmt.Fprintf(&text, "212,%07d\n", i)
	for n := range swapRows {
		fmt.Fprintf(&text, "818,%07d\n", 7*n)
	}
	_, err := s.client.ImportRegistry(context.Background(), client.RegistryImport{
		Registry: "us-national", Files: []client.RegistryUpload{{
			Name: "full.txt", Text: strings.NewReader(text.String()),
		}},
	})
	return err
}

// inForce returns which version is in force, having looked that it is whole and what
// is kept beside it.
func (s *swapping) inForce() int {
	s.t.Helper()
	all, err := s.client.Registries(s.t.Context())
	if err != nil || len(all) != 1 || all[0].Version == nil || all[0].Damaged {
		s.t.Fatalf("registries: %+v, %v; want one, undamaged", all, err)
	}
	if n := all[0].Version.Numbers; n != swapRows+1 {
		s.t.Errorf("%d numbers are in force, want %d", n, swapRows+1)
	}
	found := 0
	for i := 1; i < 20; i++ {
		a, err := s.client.Check(s.t.Context(), fmt.Sprintf("+1212%07d", i))
		if err != nil {
			s.t.Fatal(err)
		}
		if a.Verdict == client.Registered {
			if found > 0 {
				s.t.Errorf("versions %d and %d are in force at once", found, i)
			}
			found = i
		}
	}
	for _, n := range []int{0, 7 * (swapRows - 1)} {
		a, err := s.client.Check(s.t.Context(), fmt.Sprintf("+1818%07d", n))
		if err != nil || a.Verdict != client.Registered {
			s.t.Errorf("number %d of version %d: %v, %v; want registered", n, found, a.Verdict, err)
		}
	}
	s.kept()
	return found
}

// kept looks that what is on the disk is what is known, and nothing unfinished.
func (s *swapping) kept() {
	s.t.Helper()
	versions, err := s.client.RegistryVersions(s.t.Context(), "us-national")
	if err != nil {
		s.t.Fatal(err)
	}
	want := make(map[string]bool)
	for _, v := range versions {
		if v.Kept {
			want[v.ID+".pages"] = true
		}
	}
	files, err := os.ReadDir(filepath.Join(s.data, "registries", "us-national"))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, f := range files {
		if !want[f.Name()] {
			s.t.Errorf("%s is left over", f.Name())
		}
	}
	if len(files) != len(want) || len(want) > 2 {
		s.t.Errorf("%d files for %d versions that are kept, want two at most", len(files),
			len(want))
	}
	if left, err := os.ReadDir(filepath.Join(s.data, "intake")); len(left) > 0 {
		s.t.Errorf("%d files are left in intake, %v", len(left), err)
	}
}
