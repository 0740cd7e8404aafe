package api

import (
	"fmt"
	"strings"
	"time"
)

// spoken writes a duration as people do: 30m, and not 30m0s.
func spoken(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// duration reads a duration such as 30m or 4h; "" is none. Location says where it stands.
func duration(location, text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, at(location, fmt.Errorf(
			"%w: want a duration such as 90s, 30m or 24h", errInvalid))
	}
	return d, nil
}
