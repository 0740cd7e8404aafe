package media

import (
	"net/netip"
	"strconv"
	"strings"
	"testing"

	"github.com/pion/rtp"
)

func replacePort(text string, port uint16) string {
	return strings.ReplaceAll(text, "PORT", strconv.Itoa(int(port)))
}

func TestSource(t *testing.T) {
	announced := netip.MustParseAddrPort("192.0.2.1:4000")
	behind := netip.MustParseAddrPort("198.51.100.1:5000")
	stranger := netip.MustParseAddrPort("203.0.113.1:6000")
	type packet struct {
		from     netip.AddrPort
		ssrc     uint32
		sequence uint16
		proved   bool
		ok       bool
	}
	for _, c := range []struct {
		name    string
		packets []packet
		held    netip.AddrPort
	}{
		{"as announced", []packet{{announced, 1, 1, false, true}}, announced},
		{"behind another address", []packet{{behind, 1, 1, false, true}}, behind},
		{"stranger later", []packet{
			{behind, 1, 1, false, true},
			{stranger, 2, 1, false, false},
			{behind, 1, 2, false, true},
		}, behind},
		{"stranger first", []packet{
			{stranger, 2, 1, false, true},
			{announced, 1, 1, false, true},
			{stranger, 2, 2, false, false},
		}, announced},
		{"moves on", []packet{
			{behind, 1, 65535, false, true}, {stranger, 1, 3, false, true},
		}, stranger},
		{"a guess", []packet{
			{behind, 1, 100, false, true},
			{stranger, 1, 99, false, false},
			{stranger, 1, 500, false, false},
		}, behind},
		{"has the key", []packet{
			{behind, 1, 1, true, true}, {stranger, 2, 900, true, true},
		}, stranger},
	} {
		s := source{}
		s.announce(announced)
		for i, p := range c.packets {
			ok, moved := s.accept(p.from, p.ssrc, p.sequence, p.proved)
			if ok != p.ok || moved && !ok {
				t.Errorf("%s, packet %d: accepted %v, moved %v", c.name, i, ok, moved)
			}
		}
		if s.held != c.held {
			t.Errorf("%s: held on to %s, want %s", c.name, s.held, c.held)
		}
		if got := s.announce(announced); got != c.held {
			t.Errorf("%s: announced again: at %s, want %s", c.name, got, c.held)
		}
		if got := s.announce(stranger); got != stranger {
			t.Errorf("%s: announced elsewhere: at %s, want %s", c.name, got, stranger)
		}
	}
}

// TestStranger lets a stranger talk into a call: nothing of it is heard, and
// our sound goes on to the one that was there first, though that is not where
// the session description says.
func TestStranger(t *testing.T) {
	s, far, stranger := open(t), newFarSide(t), newFarSide(t)
	announced := newFarSide(t) // where nobody is
	announced.offer(s, "m=audio PORT RTP/AVP 0 101", "a=rtpmap:101 telephone-event/8000")
	far.to, stranger.to, stranger.ssrc = s.Local(), s.Local(), 99
	far.send(&rtp.Packet{Header: rtp.Header{SequenceNumber: 1}, Payload: frameOf(1)})
	within(t, s.Heard())
	for i := range 5 {
		stranger.send(&rtp.Packet{
			Header: rtp.Header{SequenceNumber: uint16(i)}, Payload: frameOf(66),
		})
		stranger.send(&rtp.Packet{
			Header:  rtp.Header{PayloadType: 101, SequenceNumber: uint16(i)},
			Payload: eventPacket{code: 9, lasted: 160}.payload(),
		})
	}
	far.raw([]byte("nonsense"))
	far.raw(nil)
	far.raw(make([]byte, maxPacket+500))
	far.send(&rtp.Packet{
		Header: rtp.Header{PayloadType: 77, SequenceNumber: 2}, Payload: frameOf(1),
	})
	far.send(&rtp.Packet{Header: rtp.Header{SequenceNumber: 2}, Payload: frameOf(2)})
	if got := within(t, s.Heard()); got[0] != 2 {
		t.Errorf("heard %d after strangers, want 2", got[0])
	}
	far.receive()
	if stats := s.Stats(); stats.Strays != 14 || stats.Keys != 0 || stats.Received != 2 {
		t.Errorf("stats %+v", stats)
	}
}
