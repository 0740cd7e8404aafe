package voice

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/e164"
)

func fieldsOf(all []campaign.Problem) string {
	fields := make([]string, len(all))
	for i, p := range all {
		fields[i] = p.Field
	}
	return strings.Join(fields, " ")
}

func TestTrunkProblems(t *testing.T) {
	good := Trunk{Name: "trunk", Address: " sip.example.com "}
	for _, tt := range []struct {
		change func(*Trunk)
		want   string // fields
	}{
		{func(*Trunk) {}, ""},
		{func(t *Trunk) { t.Name = "" }, "name"},
		{func(t *Trunk) { t.Name = "external" }, "name"},
		{func(t *Trunk) { t.Name = strings.Repeat("a", 64) }, "name"},
		{func(t *Trunk) { t.Kind = "twilio" }, "kind"},
		{func(t *Trunk) { t.Transport = "TLS" }, ""},
		{func(t *Trunk) { t.Transport = "ws" }, "transport"},
		{func(t *Trunk) { t.Address = "" }, "address"},
		{func(t *Trunk) { t.Address = "a:0" }, "address"},
		{func(t *Trunk) { t.Address = "a:5060:1" }, "address"},
		{func(t *Trunk) { t.Address = "a\r\nb" }, "address"},
		{func(t *Trunk) { t.Address = "sip:a" }, "address"},
		{func(t *Trunk) { t.Address = "[2001:db8::1]:5060" }, ""},
		{func(t *Trunk) { t.Username, t.Password = "u", "p\x00" }, "password"},
		{func(t *Trunk) { t.Username, t.Password = "u", strings.Repeat("p", 256) }, "password"},
		{func(t *Trunk) { t.Password, t.Register = "p", true }, "username username"},
		{func(t *Trunk) { t.TechPrefix = "1*#" }, ""},
		{func(t *Trunk) { t.TechPrefix = "1;a" }, "tech_prefix"},
		{func(t *Trunk) { t.Failover = slices.Repeat([]string{"b"}, 11) }, "failover"},
		{func(t *Trunk) { t.Proxy, t.Failover = "-", []string{"b", ""} }, "proxy failover[1]"},
		{func(t *Trunk) { t.MaxCalls = 100_001 }, "max_calls"},
	} {
		trunk := good
		tt.change(&trunk)
		trunk.Normalize()
		if got := fieldsOf(trunk.Problems()); got != tt.want {
			t.Errorf("%+v: problems of %q, want %q", trunk, got, tt.want)
		}
	}
}

func TestTrunkIsNormalized(t *testing.T) {
	for _, tt := range []struct{ transport, address, want string }{
		{"", "sip.example.com", "sip.example.com"},
		{"tls", "192.0.2.1", "192.0.2.1:5061"},
		{"tcp", "sip.example.com:5080", "sip.example.com:5080"},
		{"udp", "192.0.2.1", "192.0.2.1:5060"},
		{"udp", "2001:db8::1", "[2001:db8::1]:5060"},
		{"udp", "[2001:db8::1]:5070", "[2001:db8::1]:5070"},
		{"udp", "no host", "no host"},
	} {
		trunk := Trunk{Transport: tt.transport, Address: tt.address, Failover: []string{tt.address}}
		trunk.Normalize()
		if trunk.Address != tt.want || trunk.Failover[0] != tt.want || trunk.Kind != SIP {
			t.Errorf("%s %s: %+v, want %s", tt.transport, tt.address, trunk, tt.want)
		}
	}
}

func TestAgentProblems(t *testing.T) {
	for _, tt := range []struct {
		agent Agent
		want  string
	}{
		{Agent{Name: "a", Kind: Recorded, Recording: "r", OptOutKey: "9"}, ""},
		{Agent{Name: "a", Kind: Recorded}, "recording"},
		{Agent{Name: "A", Kind: Bridged, Address: "sip:b@c"}, "name"},
		{Agent{Name: "a", Kind: Bridged, Address: "sip:agent@example.com:5061;transport=tls"}, ""},
		{Agent{Name: "a", Kind: Bridged, Address: "sips:example.com"}, ""},
		{Agent{Name: "a", Kind: Bridged, Address: "tel:+14155550123"}, "address"},
		{Agent{Name: "a", Kind: Bridged, Address: "sip:a@b c"}, "address"},
		{Agent{Name: "a", Kind: Bridged, Address: "sip:a@b\r\nVia: x"}, "address"},
		{Agent{Name: "a", Kind: Bridged, Address: "sip:"}, "address"},
		{Agent{Name: "a", Kind: Streamed, URL: "ws://127.0.0.1:8000/call"}, ""},
		{Agent{Name: "a", Kind: Streamed, URL: "https://example.com"}, "url"},
		{Agent{Name: "a", Kind: Streamed, URL: "wss:///call"}, "url"},
		{Agent{Name: "a", Kind: Streamed, URL: "wss://a", OptOutKey: "A"}, "opt_out_key"},
		{Agent{Name: "a"}, "kind"},
	} {
		tt.agent.Normalize()
		if got := fieldsOf(tt.agent.Problems()); got != tt.want {
			t.Errorf("%+v: problems of %q, want %q", tt.agent, got, tt.want)
		}
	}
}

func TestOwnNumberProblems(t *testing.T) {
	n, err := e164.Parse("+14155550100")
	if err != nil {
		t.Fatal(err)
	}
	own := OwnNumber{Number: n, Provider: " trunk ", Tags: []string{"b", " a ", "b", ""}}
	own.Normalize()
	if len(own.Problems()) > 0 || own.Provider != "trunk" || strings.Join(own.Tags, " ") != "a b" {
		t.Errorf("normalized to %+v with %v", own, own.Problems())
	}
	own = OwnNumber{Label: strings.Repeat("x", 101), Tags: []string{"a,b"}}
	own.Normalize()
	if got := fieldsOf(own.Problems()); got != "number provider label tags[0]" {
		t.Errorf("problems of %q", got)
	}
}

func TestRecordingProblems(t *testing.T) {
	for name, want := range map[string]string{
		" hello ": "", " ": "name", "a\nb": "name", strings.Repeat("x", 101): "name",
	} {
		r := Recording{Name: name}
		r.Normalize()
		if got := fieldsOf(r.Problems()); got != want {
			t.Errorf("%q: problems of %q, want %q", name, got, want)
		}
	}
}

// A file has the sound that it was made of: the loudest, and silence.
func TestWriteWAV(t *testing.T) {
	r := Recording{Audio: []byte{0xff, 0x7f, 0x80, 0x00}}
	var file bytes.Buffer
	if err := r.WriteWAV(&file); err != nil {
		t.Fatal(err)
	}
	b := file.Bytes()
	if len(b) != 44+8 || string(b[:4]) != "RIFF" || string(b[8:16]) != "WAVEfmt " ||
		binary.LittleEndian.Uint32(b[4:]) != uint32(len(b)-8) ||
		binary.LittleEndian.Uint32(b[24:]) != SamplesPerSecond {
		t.Errorf("file % x", b)
	}
	for i, want := range []int16{0, 0, 32124, -32124} {
		if got := int16(binary.LittleEndian.Uint16(b[44+2*i:])); got != want {
			t.Errorf("sample %d is %d, want %d", i, got, want)
		}
	}
	if got := LengthOf(make([]byte, 4000)); got != 500*time.Millisecond {
		t.Errorf("LengthOf(4000 samples) = %s", got)
	}
}

// TestMuLaw holds decoded samples against those of G.711, and a WAV file
// against its size.
func TestMuLaw(t *testing.T) {
	for b, want := range map[byte]int16{
		0xff: 0, 0x7f: 0, 0x00: -32124, 0x80: 32124, 0xf0: 120, 0x70: -120,
	} {
		if got := fromMuLaw(b); got != want {
			t.Errorf("fromMuLaw(%#x) = %d, want %d", b, got, want)
		}
	}
	var out bytes.Buffer
	if err := (&Recording{Audio: []byte{0xff, 0x80}}).WriteWAV(&out); err != nil {
		t.Fatal(err)
	}
	wav := out.Bytes()
	if len(wav) != 48 || binary.LittleEndian.Uint32(wav[4:]) != 40 ||
		binary.LittleEndian.Uint32(wav[24:]) != SamplesPerSecond ||
		binary.LittleEndian.Uint32(wav[40:]) != 4 {
		t.Errorf("WriteWAV: % x", wav)
	}
}
