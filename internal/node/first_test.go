package node

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"nocall/internal/access"
)

// TestFirstStart makes what a first start needs once, and shows it once.
func TestFirstStart(t *testing.T) {
	c := config(t)
	c.AdminPassword = ""
	c.BootstrapKeyFile = filepath.Join(t.TempDir(), "keys.json")
	n, first := mustNew(t, c)
	if _, _, err := n.access.SignIn(t.Context(), access.Credentials{
		Name: AdminUser, Password: first.Password,
	}); err != nil {
		t.Errorf("signing in with the password shown: %v", err)
	}
	if got := slices.Sorted(maps.Keys(first.Keys)); !slices.Equal(got, []string{
		"production", "sandbox",
	}) {
		t.Errorf("keys of %v", got)
	}
	for env, secret := range first.Keys {
		id, err := n.access.Authenticate(t.Context(), secret)
		if err != nil || string(id.Environment) != env || id.Role != access.Admin {
			t.Errorf("key of %s is %+v, %v", env, id, err)
		}
	}
	written := readKeys(t, c.BootstrapKeyFile)
	if !maps.Equal(written, first.Keys) {
		t.Errorf("%s has %v, want %v", c.BootstrapKeyFile, written, first.Keys)
	}
	stop := run(t, n)
	if err := stop(); err != nil {
		t.Error(err)
	}

	n, first = mustNew(t, c)
	run(t, n)
	if !first.IsZero() {
		t.Errorf("the second start shows %+v", first)
	}
	if !maps.Equal(readKeys(t, c.BootstrapKeyFile), written) {
		t.Error("the second start wrote other keys")
	}
}

// TestFirstStartBrokenOff makes at the second attempt what the first one could
// not.
func TestFirstStartBrokenOff(t *testing.T) {
	c := config(t)
	folder := filepath.Join(t.TempDir(), "later")
	c.BootstrapKeyFile = filepath.Join(folder, "keys.json")
	if _, _, err := New(t.Context(), c); err == nil {
		t.Fatal("New wrote keys into a folder that is not there")
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	n, first := mustNew(t, c)
	run(t, n)
	if first.Password != "" {
		t.Errorf("shows the password that was given")
	}
	if _, _, err := n.access.SignIn(t.Context(), access.Credentials{
		Name: AdminUser, Password: c.AdminPassword,
	}); err != nil {
		t.Errorf("signing in: %v", err)
	}
	for env, secret := range readKeys(t, c.BootstrapKeyFile) {
		if id, err := n.access.Authenticate(t.Context(), secret); err != nil {
			t.Errorf("key of %s is %+v, %v", env, id, err)
		}
	}
}

// readKeys reads a key file, which nobody else may read.
func readKeys(t *testing.T, file string) map[string]string {
	t.Helper()
	stat, err := os.Stat(file)
	if err != nil || stat.Mode().Perm() != 0o600 {
		t.Fatalf("%s: %v, %v; want mode 0600", file, stat, err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var keys map[string]string
	if err := json.Unmarshal(text, &keys); err != nil {
		t.Fatal(err)
	}
	return keys
}
