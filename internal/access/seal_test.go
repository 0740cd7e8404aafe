package access_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"nocall/internal/access"
)

func sealer(t testing.TB, key byte) *access.Sealer {
	t.Helper()
	s, err := access.NewSealer(bytes.Repeat([]byte{key}, access.SealKeySize))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSealer(t *testing.T) {
	s := sealer(t, 1)
	for _, plain := range []string{"", "hush", "größer\x00", strings.Repeat("long", 1000)} {
		sealed, err := s.Seal(plain, "production/trunk")
		if err != nil || plain != "" && strings.Contains(sealed, plain) {
			t.Errorf("Seal(%q) = %q, %v", plain, sealed, err)
		}
		if again, _ := s.Seal(plain, "production/trunk"); again == sealed {
			t.Errorf("Seal(%q) gives the same twice", plain)
		}
		if got, err := s.Open(sealed, "production/trunk"); got != plain || err != nil {
			t.Errorf("Open = %q, %v; want %q", got, err, plain)
		}
		if got, err := s.Open(sealed, "sandbox/trunk"); !errors.Is(err, access.ErrSeal) {
			t.Errorf("Open about another = %q, %v; want ErrSeal", got, err)
		}
		got, err := sealer(t, 2).Open(sealed, "production/trunk")
		if !errors.Is(err, access.ErrSeal) {
			t.Errorf("Open with another key = %q, %v; want ErrSeal", got, err)
		}
	}
}

func TestSealerKey(t *testing.T) {
	for _, size := range []int{0, 16, 24, 31, 33} {
		if _, err := access.NewSealer(make([]byte, size)); err == nil {
			t.Errorf("NewSealer with %d bytes = nil", size)
		}
	}
}

func FuzzOpen(f *testing.F) {
	s := sealer(f, 1)
	sealed, err := s.Seal("hush", "a")
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{"", "hush", "aes256gcm:", sealed[:len(sealed)-1], sealed + "A"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := s.Open(text, "a")
		opened := err == nil && got == "hush" // base64 has several forms
		if !opened && (got != "" || !errors.Is(err, access.ErrSeal)) {
			t.Errorf("Open(%q) = %q, %v; want ErrSeal", text, got, err)
		}
	})
}
