package media

import (
	"bytes"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/pion/rtp"

	"nocall/internal/voice"
)

// ear is a session that is not on the wire: packets are handed to it.
func ear() *Session {
	s := &Session{
		heard:   make(chan []byte, heardFrames),
		pressed: make(chan string, keysWaiting),
	}
	s.sender.open()
	s.receiver.open(s)
	far := stream{
		addr: somewhere.Addr(), port: somewhere.Port(), formats: []string{"0", "101"},
		codecs: map[string]string{"0": "PCMU/8000", "101": "TELEPHONE-EVENT/8000"},
	}
	s.receiver.agree(&far, nil)
	return s
}

var somewhere = netip.MustParseAddrPort("192.0.2.1:4000")

// packet makes one with sound, or with an event for payload type 101.
func packet(t testing.TB, ssrc uint32, sequence uint16, payloadType uint8, payload []byte) []byte {
	t.Helper()
	p := rtp.Packet{Header: rtp.Header{
		Version: 2, SSRC: ssrc, SequenceNumber: sequence, PayloadType: payloadType,
	}, Payload: payload}
	b, err := p.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// firsts gives the first bytes of all frames that can be heard.
func firsts(s *Session) (heard []byte) {
	for {
		select {
		case frame := <-s.heard:
			heard = append(heard, frame[0])
		default:
			return heard
		}
	}
}

// TestLoss fills the place of a lost packet with what was before it, of further
// ones with silence, so that all else is heard when it was said.
func TestLoss(t *testing.T) {
	s := ear()
	now := time.Unix(0, 0)
	for _, sequence := range []uint16{65534, 65535, 1, 2, 6, 5} {
		s.receiver.take(packet(t, 1, sequence, 0, frameOf(byte(sequence))), somewhere, now)
	}
	if want := []byte{0xfe, 0xff}; !bytes.Equal(firsts(s), want) {
		t.Errorf("heard something else than % x while waiting", want)
	}
	s.receiver.giveUp(now.Add(patience - 1))
	s.receiver.giveUp(now.Add(patience))
	if got, want := firsts(s), []byte{0xff, 1, 2, 2, silence, 5, 6}; !bytes.Equal(got, want) {
		t.Errorf("heard % x, want % x", got, want)
	}
	stats := s.Stats()
	if stats.Lost != 3 || stats.Received != 6 || stats.Late != 0 || stats.LastReceived != now {
		t.Errorf("stats %+v", stats)
	}
}

// TestStreamChange lets the far side begin a stream anew, as it does when a
// call is passed on: nothing is lost by it.
func TestStreamChange(t *testing.T) {
	s := ear()
	now := time.Unix(0, 0)
	for i, ssrc := range []uint32{1, 1, 2, 2, 1} {
		sequence := uint16(i) + uint16(ssrc)*20_000
		s.receiver.take(packet(t, ssrc, sequence, 0, frameOf(byte(i))), somewhere, now)
	}
	if got, want := firsts(s), []byte{0, 1, 2, 3, 4}; !bytes.Equal(got, want) {
		t.Errorf("heard % x, want % x", got, want)
	}
	if stats := s.Stats(); stats.Lost != 0 {
		t.Errorf("stats %+v", stats)
	}
}

// TestSlowListener keeps the last two seconds for who reads too slowly, and
// the first keys.
func TestSlowListener(t *testing.T) {
	s := ear()
	now := time.Unix(0, 0)
	sequence := uint16(0)
	for i := range 150 {
		s.receiver.take(packet(t, 1, sequence, 0, frameOf(byte(i))), somewhere, now)
		sequence++
	}
	got := firsts(s)
	if len(got) != heardFrames || got[0] != 50 || got[99] != 149 {
		t.Errorf("%d frames from %d", len(got), got[0])
	}
	if missed := s.Stats().Missed; missed != 50 {
		t.Errorf("%d were missed", missed)
	}
	for i := range 100 {
		for _, p := range pressedKey(uint32(i*1000), byte(i%10), 3) {
			b := packet(t, 1, sequence, 101, p.payload())
			b[7], b[6], b[5], b[4] = byte(p.began), byte(p.began>>8), byte(p.began>>16), 0
			s.receiver.take(b, somewhere, now)
			sequence++
		}
	}
	if n := len(s.pressed); n != keysWaiting || s.Stats().Keys != 100 {
		t.Errorf("%d keys wait, %d came", n, s.Stats().Keys)
	}
}

// TestLossyLine carries sound and keys over a line that loses, repeats and
// swaps packets, plain and encrypted: each key arrives once, and sound in order.
func TestLossyLine(t *testing.T) {
	for _, encrypt := range []bool{false, true} {
		s := ear()
		from := talker()
		if encrypt {
			share(t, from, s)
		}
		want, keys := "", ""
		last, heard := 0, 0
		line := lossyLine(func(b []byte, now time.Time) { s.receiver.take(b, somewhere, now) })
		for i := range 2000 {
			from.play(frameOf(byte(i % 250)))
			if i%50 == 0 && i < 1900 {
				from.press("17", false)
				want += "17"
			}
			b, _ := from.tick(onTime(i))
			line(b, onTime(i).now)
			s.receiver.giveUp(onTime(i).now)
			for len(s.pressed) > 0 {
				keys += <-s.pressed
			}
			for _, b := range firsts(s) {
				if b != silence && (int(b)-last+250)%250 > 100 {
					t.Fatalf("heard %d after %d", b, last)
				}
				if b != silence {
					last = int(b)
				}
				heard++
			}
		}
		if keys != want {
			t.Errorf("encrypted %v: keys %s,\nwant %s", encrypt, keys, want)
		}
		if heard < 1350 { // of 1468 beside keys
			t.Errorf("encrypted %v: heard %d frames", encrypt, heard)
		}
	}
}

// share gives both ends the same key.
func share(t *testing.T, from *sender, to *Session) {
	t.Helper()
	key := newCrypto()
	var err error
	if from.crypt, err = key.context(); err != nil {
		t.Fatal(err)
	}
	if to.receiver.crypt, err = key.context(); err != nil {
		t.Fatal(err)
	}
}

// lossyLine gives a line to put packets on: of ten one is lost, of twenty one
// comes twice, and they overtake each other.
func lossyLine(take func([]byte, time.Time)) func([]byte, time.Time) {
	random := rand.New(rand.NewPCG(3, 4))
	var line [][]byte
	return func(b []byte, now time.Time) {
		line = append(line, bytes.Clone(b))
		if random.IntN(20) == 0 {
			line = append(line, bytes.Clone(b))
		}
		for len(line) > 3 {
			at := random.IntN(2)
			if random.IntN(10) > 0 {
				take(line[at], now)
			}
			line = slices.Delete(line, at, at+1)
		}
	}
}

// TestRekey lets the far side change its key, and lets packets with another
// be no more than strays.
func TestRekey(t *testing.T) {
	a, b := pair(t, true)
	within(t, a.Heard())
	a.receiver.mu.Lock()
	before := a.receiver.crypt
	a.receiver.mu.Unlock()
	b.agreement.mu.Lock()
	b.agreement.ours = newCrypto()
	b.sender.mu.Lock()
	b.sender.crypt = nil // as one who begins anew
	b.sender.mu.Unlock()
	b.agreement.mu.Unlock()
	offer, err := b.Offer(true)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := a.Answer(offer)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Accept(answer); err != nil {
		t.Fatal(err)
	}
	b.Play(frameOf(5))
	hearUntil(t, a, 5)
	a.Play(frameOf(6)) // our own key is the same
	hearUntil(t, b, 6)
	a.receiver.mu.Lock()
	defer a.receiver.mu.Unlock()
	if a.receiver.crypt == before {
		t.Error("the key was not changed")
	}
}

func FuzzPacket(f *testing.F) {
	f.Add(packet(f, 1, 1, 0, frameOf(1)), uint16(2))
	f.Add(packet(f, 1, 1, 101, pressedKey(1, 9, 5)[0].payload()), uint16(9000))
	f.Fuzz(func(t *testing.T, b []byte, sequence uint16) {
		s := ear()
		now := time.Unix(0, 0)
		for i := range 4 {
			s.receiver.take(b, somewhere, now)
			s.receiver.take(packet(t, 1, sequence+uint16(i), 0, frameOf(1)), somewhere, now)
			now = now.Add(voice.FrameTime)
			s.receiver.giveUp(now)
		}
		s.receiver.giveUp(now.Add(time.Second))
		if s.receiver.order.count != 0 || len(s.pressed) > 1 {
			t.Errorf("%d packets are held, %d keys", s.receiver.order.count, len(s.pressed))
		}
	})
}
