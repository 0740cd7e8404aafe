package api

import (
	"testing"
	"time"
)

func TestSpoken(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", time.Second: "1s", 30 * time.Minute: "30m", 4 * time.Hour: "4h",
		10 * time.Hour: "10h", 90 * time.Second: "1m30s", time.Hour + time.Second: "1h0m1s",
		200 * time.Minute: "3h20m", 1500 * time.Millisecond: "1.5s",
	} {
		if got := spoken(d); got != want {
			t.Errorf("spoken(%v) = %q, want %q", d, got, want)
		}
	}
}

// FuzzDuration reads what was read once more as it is spoken.
func FuzzDuration(f *testing.F) {
	for _, text := range []string{"", "30m", "4h", "1h0m1s", "-1h", "1.5s", "30", "soon"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := duration("body.delay", text)
		if err != nil {
			return
		}
		again, err := duration("body.delay", spoken(d))
		if err != nil || again != d || d < 0 {
			t.Errorf("duration(%q) = %v, %q is read as %v, %v", text, d, spoken(d), again, err)
		}
	})
}
