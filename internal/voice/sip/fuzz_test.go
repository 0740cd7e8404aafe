package sip

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	wire "github.com/emiago/sipgo/sip"
)

func FuzzQ850(f *testing.F) {
	for _, s := range []string{
		"Q.850;cause=21;text=\"x\"", "SIP;cause=607", "q.850 ; cause = 17",
		"SIP;cause=1,Q.850;cause=16",
		"Q.850;cause=-1", "Q.850;cause=99999999999999999999", ";;;", "",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := q850(s); got < 0 || got > 127 {
			t.Errorf("q850(%q) = %d", s, got)
		}
	})
}

func TestQ850(t *testing.T) {
	for _, tt := range []struct {
		value string
		want  int
	}{
		{`Q.850;cause=21;text="Call, Rejected"`, 21},
		{"q.850 ; cause = 17", 17},
		{"SIP;cause=607;text=\"Unwanted\"", 0},
		{"SIP;cause=603,Q.850;cause=21", 21},
		{"Q.850;cause=128", 0},
		{"Q.850", 0},
	} {
		if got := q850(tt.value); got != tt.want {
			t.Errorf("q850(%q) = %d, want %d", tt.value, got, tt.want)
		}
	}
}

func FuzzSessionExpires(f *testing.F) {
	for _, s := range []string{
		"1800;refresher=uac", "90", "0", "-1", " 600 ; Refresher = UAS ; x", "4294967295", "x;=",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		every, by, ok := sessionExpires(s)
		if ok && (every <= 0 || every > mostInterval) || !ok && every != 0 {
			t.Errorf("sessionExpires(%q) = %v, %v", s, every, ok)
		}
		if by != "" && by != "uac" && by != "uas" {
			t.Errorf("sessionExpires(%q): refresher %q", s, by)
		}
	})
}

func TestSessionExpires(t *testing.T) {
	for _, tt := range []struct {
		value string
		every time.Duration
		by    string
		ok    bool
	}{
		{"1800;refresher=uac", 30 * time.Minute, "uac", true},
		{" 90 ; Refresher = UAS ; x", 90 * time.Second, "uas", true},
		{"90;refresher=me", 90 * time.Second, "", true},
		{"4294967295", mostInterval, "", true},
		{"0", 0, "", false},
		{"soon", 0, "", false},
	} {
		every, by, ok := sessionExpires(tt.value)
		if every != tt.every || by != tt.by || ok != tt.ok {
			t.Errorf("sessionExpires(%q) = %v, %q, %v", tt.value, every, by, ok)
		}
	}
}

func TestSignal(t *testing.T) {
	for _, tt := range []struct{ body, want string }{
		{"Signal=9\r\nDuration=160\r\n", "9"},
		{"Duration=160\r\nsignal= *\r\n", "*"},
		{"5", "5"},
		{"Signal=A\r\n", ""},
		{"Signal=12\r\n", ""},
		{"Duration=1\r\n", ""},
		{"", ""},
	} {
		if got := signal(tt.body); got != tt.want {
			t.Errorf("signal(%q) = %q, want %q", tt.body, got, tt.want)
		}
	}
}

func FuzzSignal(f *testing.F) {
	for _, s := range []string{"Signal=9\r\nDuration=160\r\n", "5", "Signal=\n", "=", "Signal=A"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := signal(s); len(got) > 1 || !strings.Contains("0123456789*#", got) {
			t.Errorf("signal(%q) = %q", s, got)
		}
	})
}

// TestCaller reads who calls from what trunks say of it.
func TestCaller(t *testing.T) {
	for _, tt := range []struct{ headers, want string }{
		{"From: <sip:+14155550123@x>;tag=1", "+14155550123"},
		{"From: \"A\" <sip:14155550123;npdi@x>;tag=1", "+14155550123"},
		{"From: <sip:anonymous@anonymous.invalid>;tag=1", ""},
		{"From: <sip:00442079460123@x>;tag=1", "+442079460123"},
		{"From: <sip:+14155550123@x>;tag=1\r\nPrivacy: id", ""},
		{
			"From: <sip:x@x>;tag=1\r\nP-Asserted-Identity: \"A\" <sip:+14155550124@x>",
			"+14155550124",
		},
		{"From: <sip:x@x>;tag=1\r\nP-Asserted-Identity: <tel:+14155550124>", "+14155550124"},
		{"From: <sip:x@x>;tag=1\r\nP-Asserted-Identity: <mailto:+14155550124>", ""},
	} {
		m, err := wire.ParseMessage([]byte("INVITE sip:+12025550100@us SIP/2.0\r\n" + tt.headers +
			"\r\nTo: <sip:+12025550100@us>\r\n\r\n"))
		if err != nil {
			t.Errorf("%q: %v", tt.headers, err)
			continue
		}
		req := m.(*wire.Request)
		got := callerOf(req)
		if text := got.String(); !got.IsZero() && text != tt.want || got.IsZero() && tt.want != "" {
			t.Errorf("callerOf(%q) = %q, want %q", tt.headers, text, tt.want)
		}
		if got := calledIn(req).String(); got != "+12025550100" {
			t.Errorf("calledIn = %q", got)
		}
	}
}

func FuzzAddress(f *testing.F) {
	for _, s := range []string{
		"<sip:+14155550123@x>", "<tel:+14155550123;phone-context=x>",
		"sip:@", "<", ">", ":::", "<sip:",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, ok := number(userIn(s)); ok && n.IsZero() {
			t.Errorf("%q is read as no number", s)
		}
	})
}

// FuzzStranger sends what a stranger may send, which is to be answered without
// being remembered, or not at all.
func FuzzStranger(f *testing.F) {
	const rest = "\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1;rport\r\n" +
		"From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n\r\n"
	for _, s := range []string{
		"INVITE sip:x@y SIP/2.0" + rest, "OPTIONS sip:x SIP/2.0" + rest, "ACK sip:x SIP/2.0" + rest,
		"SIP/2.0 200 OK" + rest, "INVITE sip:x SIP/2.0\r\n\r\n",
		"REGISTER sip:x SIP/2.0\r\nVia: x\r\n\r\n",
	} {
		f.Add([]byte(s))
	}
	e, err := open("127.0.0.1:0", nil, func(netip.Addr) bool { return false })
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(e.close)
	f.Fuzz(func(t *testing.T, packet []byte) {
		at := wire.TransportReadProps{Transport: "UDP", RemoteAddr: e.udp.LocalAddr()}
		left, err := e.filter(at, packet)
		if err != nil {
			t.Errorf("filter(%q): %v, which would close the socket", packet, err)
		}
		if len(left) > 0 && len(packet) >= 12 && !strings.HasPrefix(string(packet), "SIP/") {
			if m, err := wire.ParseMessage(packet); err == nil {
				if _, ok := m.(*wire.Request); ok {
					t.Errorf("filter(%q) lets a stranger's request through", packet)
				}
			}
		}
	})
}
