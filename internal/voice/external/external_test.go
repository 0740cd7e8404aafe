package external_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nocall/internal/dialer"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/voice"
	"nocall/internal/voice/external"
)

// clearIndex is an index of an empty list.
type clearIndex struct{ dnc.Index }

func (clearIndex) Contains(dnc.Environment, e164.Number) (bool, int64, error) {
	return false, 7, nil
}

func (clearIndex) Apply(dnc.Event) {}

var call = voice.Call{ID: "call-1", Environment: "production"}

func cleared(t testing.TB) (*dnc.List, dnc.Clearance, e164.Number) {
	t.Helper()
	n, err := e164.Parse("+14155550123")
	if err != nil {
		t.Fatal(err)
	}
	list := &dnc.List{Index: clearIndex{}}
	c, err := list.Clear("production", n, time.Now(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return list, c, n
}

func TestToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := external.New()
		_, c, n := cleared(t)
		token, ok := s.Sign(c, call)
		if want := time.Now().Add(external.Life); !ok || !token.ExpiresAt.Equal(want) {
			t.Fatalf("Sign = %v, %v; want one that lapses at %v", token, ok, want)
		}
		want := dialer.Claim{Environment: "production", CallID: "call-1", Number: n}
		if got, err := s.Verify(token.Text); got != want || err != nil {
			t.Errorf("Verify = %+v, %v; want %+v", got, err, want)
		}
		<-time.After(external.Life - 1)
		if _, err := s.Verify(token.Text); err != nil {
			t.Errorf("Verify just before it lapses: %v", err)
		}
		<-time.After(1)
		if _, err := s.Verify(token.Text); !errors.Is(err, voice.ErrLapsed) {
			t.Errorf("Verify after its life: %v, want ErrLapsed", err)
		}
	})
}

func TestSignNeedsClearance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := external.New()
		if _, ok := s.Sign(dnc.Clearance{}, call); ok {
			t.Error("signed without a clearance")
		}
		list, recalled, n := cleared(t)
		list.Apply([]dnc.Event{{Environment: "production", Kind: dnc.Added, Number: n}})
		if _, ok := s.Sign(recalled, call); ok {
			t.Error("signed for a number that was listed")
		}
		_, lapsed, _ := cleared(t)
		<-time.After(dnc.ClearanceLife)
		if _, ok := s.Sign(lapsed, call); ok {
			t.Error("signed for a clearance that has lapsed")
		}
	})
}

// TestForgery shows that what was not signed here, in this process, is refused.
func TestForgery(t *testing.T) {
	s := external.New()
	_, c, _ := cleared(t)
	token, ok := s.Sign(c, call)
	if !ok {
		t.Fatal("not signed")
	}
	other, _ := external.New().Sign(c, call)
	body, mac, _ := strings.Cut(token.Text, ".")
	text, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil {
		t.Fatal(err)
	}
	changed := base64.RawURLEncoding.EncodeToString(
		[]byte(strings.Replace(string(text), "call-1", "call-2", 1)))

	for _, forged := range []string{
		"", ".", body, body + ".", "." + mac,
		changed + "." + mac,
		body + "." + mac[:len(mac)-1],
		body + "." + mac + "A",
		body + "." + mac + ".",
		body + "." + strings.ToLower(mac),
		other.Text, // of another process, or of this one before its last start
		strings.Repeat("A", 5000) + "." + mac,
	} {
		if claim, err := s.Verify(forged); !errors.Is(err, dialer.ErrToken) {
			t.Errorf("Verify(%.40q) = %+v, %v; want ErrToken", forged, claim, err)
		}
	}
}

func FuzzVerify(f *testing.F) {
	s := external.New()
	_, c, _ := cleared(f)
	token, _ := s.Sign(c, call)
	f.Add(token.Text[:20])
	f.Add("e30.e30")
	f.Add(fmt.Sprintf("%s.%s", token.Text, token.Text))
	f.Fuzz(func(t *testing.T, text string) {
		if claim, err := s.Verify(text); err == nil && text != token.Text {
			t.Errorf("Verify(%q) = %+v", text, claim)
		}
	})
}
