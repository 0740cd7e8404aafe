package node

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nocall/internal/dialer"
	"nocall/internal/voice"
	"nocall/internal/voice/sip/media"
)

// TestSecretKey makes a key at the first start, which nobody else may read, and
// uses it from then on.
func TestSecretKey(t *testing.T) {
	c := config(t)
	n, _ := mustNew(t, c)
	stop := run(t, n)
	trunk := voice.Trunk{
		Environment: "sandbox", Name: "carrier", Kind: voice.SIP, Address: "127.0.0.1:5099",
		Transport: "udp", Username: "ada", Password: "s3cret",
	}
	if err := n.store.AddTrunk(t.Context(), trunk); err != nil {
		t.Fatal(err)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(c.Data, SecretKeyFile)
	stat, err := os.Stat(file)
	if err != nil || stat.Mode().Perm() != 0o600 {
		t.Fatalf("%s: %v, %v; want mode 0600", file, stat, err)
	}

	n, _ = mustNew(t, c)
	stop = run(t, n)
	if got, err := n.store.Trunk(t.Context(), "sandbox", "carrier"); err != nil ||
		got.Password != "s3cret" {
		t.Errorf("after a restart the trunk is %+v, %v", got, err)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}

	c.SecretKeyFile = filepath.Join(t.TempDir(), "other.key")
	if _, _, err := New(t.Context(), c); err == nil {
		t.Error("New with a key file that is not there returned no error")
	}
	if err := os.WriteFile(c.SecretKeyFile, []byte("c2hvcnQ=\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := New(t.Context(), c); err == nil || !strings.Contains(err.Error(), "32") {
		t.Errorf("New with a short key = %v, want an error that says how long it is to be", err)
	}
}

// TestTrunks shows that a trunk carries calls as soon as it was added, in its
// environment, and not once it was removed.
func TestTrunks(t *testing.T) {
	c := config(t)
	c.SIPListen = "127.0.0.1:0"
	n, _ := mustNew(t, c)
	run(t, n)
	carries := func() bool {
		_, ok := n.dialer.Providers.Provider("sandbox", "carrier")
		return ok
	}
	if n.trunks.Addr() != "" {
		t.Error("a socket for SIP is open without a trunk")
	}
	err := n.store.AddTrunk(t.Context(), voice.Trunk{
		Environment: "sandbox", Name: "carrier", Kind: voice.SIP, Address: "127.0.0.1:5099",
		Transport: "udp",
	})
	if err != nil {
		t.Fatal(err)
	}
	n.trunksChanged()
	if _, ok := n.dialer.Providers.Provider("production", "carrier"); ok || !carries() {
		t.Errorf("carries in sandbox %v, in production %v", carries(), ok)
	}
	until(t, "the socket is open", func() bool { return n.trunks.Addr() != "" })
	if err := n.store.RemoveTrunk(t.Context(), "sandbox", "carrier"); err != nil {
		t.Fatal(err)
	}
	n.trunksChanged()
	if carries() {
		t.Error("carries after it was removed")
	}
	if _, ok := n.dialer.Providers.Provider("sandbox", dialer.Simulator); !ok {
		t.Error("no simulator")
	}
	if _, err := n.trunks.Test(t.Context(), "sandbox", "carrier"); !errors.Is(
		err, voice.ErrNoProvider) {
		t.Errorf("Test = %v, want ErrNoProvider", err)
	}
}

func TestParsePorts(t *testing.T) {
	for _, tt := range []struct {
		text string
		want media.Ports
		ok   bool
	}{
		{"", media.Ports{}, true},
		{"20000-20100", media.Ports{Low: 20000, High: 20100}, true},
		{"20000", media.Ports{}, false},
		{"20100-20000", media.Ports{}, false},
		{"0-100", media.Ports{}, false},
		{"60000-70000", media.Ports{}, false},
		{"-", media.Ports{}, false},
	} {
		got, err := parsePorts(tt.text)
		if got != tt.want || (err == nil) != tt.ok {
			t.Errorf("parsePorts(%q) = %v, %v; want %v", tt.text, got, err, tt.want)
		}
	}
}

// TestEars wants a service that can be reached, and the key that is named.
func TestEars(t *testing.T) {
	c := config(t)
	for _, tt := range []struct {
		url, file string
		heard, ok bool
	}{
		{"", "", false, true},
		{"wss://ears.example.com", "", true, true},
		{"https://ears.example.com", "", true, true},
		{"ftp://ears.example.com", "", false, false},
		{"wss://ears.example.com", filepath.Join(c.Data, "none"), false, false},
	} {
		c.EarsURL, c.EarsKeyFile = tt.url, tt.file
		heard, err := newEars(c)
		if (heard != nil) != tt.heard || (err == nil) != tt.ok {
			t.Errorf("ears at %q with key %q: %v, %v", tt.url, tt.file, heard, err)
		}
	}
}

// TestOpinion wants a service that can be asked, and the key that is named.
func TestOpinion(t *testing.T) {
	c := config(t)
	for _, tt := range []struct {
		url, file string
		asked, ok bool
	}{
		{"", "", false, true},
		{"https://opinion.example.com", "", true, true},
		{"wss://opinion.example.com", "", false, false},
		{"https://opinion.example.com", filepath.Join(c.Data, "none"), false, false},
	} {
		c.OpinionURL, c.OpinionKeyFile = tt.url, tt.file
		asked, err := newOpinion(c)
		if (err == nil) != tt.ok || tt.ok && (asked != nil) != tt.asked {
			t.Errorf("opinion at %q with key %q: %v, %v", tt.url, tt.file, asked, err)
		}
	}
}
