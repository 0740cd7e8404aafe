package voice

import (
	"strings"
	"testing"
)

// FuzzAddresses normalizes addresses: twice is as once, and what is accepted
// cannot break out of a line or a header.
func FuzzAddresses(f *testing.F) {
	for _, text := range []string{
		"sip.example.com", "192.0.2.1:5060", "2001:db8::1", "[2001:db8::1]:5061", "a:0",
		"sip:a@b", "sips:a@[::1]:5061;transport=tls", "sip:a@b>\r\nVia: c", "wss://a/b", "::", "[0000:aa0::0%00000",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		trunk := Trunk{Name: "t", Address: text}
		trunk.Normalize()
		once := trunk.Address
		trunk.Normalize()
		if trunk.Address != once {
			t.Errorf("%q is normalized to %q, and that to %q", text, once, trunk.Address)
		}
		agent := Agent{Name: "a", Kind: Bridged, Address: text}
		agent.Normalize()
		for _, kept := range []struct {
			text string
			good bool
		}{
			{trunk.Address, len(trunk.Problems()) == 0},
			{agent.Address, len(agent.Problems()) == 0},
		} {
			if kept.good && strings.ContainsAny(kept.text, "\r\n\x00<>\" ") {
				t.Errorf("%q is accepted as %q", text, kept.text)
			}
		}
	})
}
