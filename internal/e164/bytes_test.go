package e164

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// sameBytes holds ParseBytes against ParseLoose.
func sameBytes(t *testing.T, text, region string) {
	t.Helper()
	want, wantErr := ParseLoose(text, region)
	got, err := ParseBytes([]byte(text), region)
	if got != want || (err == nil) != (wantErr == nil) {
		t.Errorf("ParseBytes(%q, %q) = %v, %v; ParseLoose: %v, %v",
			text, region, got, err, want, wantErr)
	}
}

func TestParseBytes(t *testing.T) {
	for _, region := range []string{"US", "CA", "JM", "GB", "", "XX"} {
		for _, text := range []string{
			"+14155550123", "4155550123", "14155550123", "(415) 555-0123", "1-415-555-0123",
			"+1 415 555 0123", "+442079460123", "02079460123", "1415555012.0", "114155550123",
			"1155550123", "4155550123.0", "", "+", "1", "415555012", "41555501234", "911",
			"(1) (415) 5550123", "1 1 415 555 0123", "0114155550123", "--4155550123--",
		} {
			sameBytes(t, text, region)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 200_000 {
		text := fmt.Sprint(r.Uint64N(100_000_000_000))
		if r.IntN(2) == 0 {
			text = fmt.Sprintf("%010d", r.Uint64N(10_000_000_000))
		}
		sameBytes(t, text, "US")
	}
}

func FuzzParseBytes(f *testing.F) {
	f.Add("(415) 555-0123", true)
	f.Add("1 415-555-0123", false)
	f.Fuzz(func(t *testing.T, text string, home bool) {
		region := "GB"
		if home {
			region = "US"
		}
		sameBytes(t, text, region)
	})
}

func BenchmarkParseBytes(b *testing.B) {
	for _, text := range []string{"+14155550123", "4155550123", "(415) 555-0123", "02079460123"} {
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ParseBytes([]byte(text), "US"); err != nil && text[0] != '0' {
					b.Fatal(err)
				}
			}
		})
	}
}
