package media

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/zaf/g711"
	"go.uber.org/goleak"

	"nocall/internal/voice"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	loopback  = netip.MustParseAddr("127.0.0.1")
	testPorts = Ports{Low: 26000, High: 27899}
)

func open(t testing.TB) *Session {
	t.Helper()
	s, err := Open(loopback, testPorts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// pair gives two sessions that have agreed on how to talk.
func pair(t testing.TB, encrypt bool) (a, b *Session) {
	t.Helper()
	a, b = open(t), open(t)
	offer, err := a.Offer(encrypt)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := b.Answer(offer)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Accept(answer); err != nil {
		t.Fatal(err)
	}
	return a, b
}

// within gives what comes from a channel, or fails.
func within[T any](t testing.TB, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(5 * time.Second):
		t.Fatal("nothing came for 5 s")
		panic("unreachable")
	}
}

func frameOf(b byte) []byte { return bytes.Repeat([]byte{b}, voice.FrameBytes) }

// hearUntil reads frames until one is as wanted, and gives those that were not
// silence before it.
func hearUntil(t testing.TB, s *Session, want byte) (heard []byte) {
	t.Helper()
	for {
		frame := within(t, s.Heard())
		if len(frame) != voice.FrameBytes {
			t.Fatalf("a frame of %d bytes", len(frame))
		}
		if frame[0] == want {
			return heard
		}
		if frame[0] != silence {
			heard = append(heard, frame[0])
		}
	}
}

func TestTalk(t *testing.T) {
	for _, encrypt := range []bool{false, true} {
		a, b := pair(t, encrypt)
		for i := byte(1); i <= 10; i++ {
			if !a.Play(frameOf(i)) || !b.Play(frameOf(0x40+i)) {
				t.Fatal("refused a frame")
			}
		}
		played := make(chan struct{})
		a.Mark(func() { close(played) })
		if got := hearUntil(t, b, 10); !bytes.Equal(got, []byte{1, 2, 3, 4, 5, 6, 7, 8, 9}) {
			t.Errorf("b heard % d", got)
		}
		hearUntil(t, a, 0x4a)
		within(t, played)
		if !a.Press("19#9") {
			t.Error("a cannot press keys")
		}
		keys := ""
		for len(keys) < 4 {
			keys += within(t, b.Pressed())
		}
		if keys != "19#9" {
			t.Errorf("b saw keys %q", keys)
		}
		stats := b.Stats()
		if stats.Received == 0 || stats.Keys != 4 || stats.Lost+stats.Late+stats.Strays != 0 {
			t.Errorf("stats %+v", stats)
		}
		if a.Encrypted() != encrypt || b.Encrypted() != encrypt {
			t.Error("not encrypted as agreed")
		}
	}
}

// TestALaw talks with a far side that takes A-law alone.
func TestALaw(t *testing.T) {
	s, far := open(t), newFarSide(t)
	far.offer(s, "m=audio PORT RTP/AVP 8")
	s.Play(frameOf(0x22))
	for {
		p := far.receive()
		if p.PayloadType != 8 {
			t.Fatalf("payload type %d", p.PayloadType)
		}
		if p.Marker { // the first of sound
			if want := g711.Ulaw2AlawFrame(0x22); p.Payload[0] != want {
				t.Errorf("sound is %#x, want %#x", p.Payload[0], want)
			}
			break
		}
		if p.Payload[0] != 0xD5 {
			t.Fatalf("silence is %#x", p.Payload[0])
		}
	}
	for i := range 3 {
		far.send(&rtp.Packet{Header: rtp.Header{
			PayloadType: 8, SequenceNumber: uint16(i),
		}, Payload: frameOf(0xD5)})
		if got := within(t, s.Heard()); got[0] != silence-1 { // A-law has no zero
			t.Errorf("silence is heard as %#x", got[0])
		}
	}
}

// TestFrames wants frames of 20 ms, whatever the far side sends.
func TestFrames(t *testing.T) {
	for _, size := range []int{80, 160, 240, 480} {
		s, far := open(t), newFarSide(t)
		far.offer(s, "m=audio PORT RTP/AVP 0")
		var want []byte
		for i := range 12 {
			sound := make([]byte, size)
			for j := range sound {
				sound[j] = byte(i*size + j)
			}
			want = append(want, sound...)
			far.send(&rtp.Packet{Header: rtp.Header{SequenceNumber: uint16(i)}, Payload: sound})
		}
		var got []byte
		for range len(want) / voice.FrameBytes {
			frame := within(t, s.Heard())
			if len(frame) != voice.FrameBytes {
				t.Fatalf("frame of %d bytes", len(frame))
			}
			got = append(got, frame...)
		}
		if !bytes.Equal(got, want[:len(got)]) {
			t.Errorf("packets of %d: other sound", size)
		}
	}
}

// TestHold keeps what is queued until the far side wants to hear again.
func TestHold(t *testing.T) {
	s, far := open(t), newFarSide(t)
	far.offer(s, "m=audio PORT RTP/AVP 0", "a=sendonly")
	s.Play(frameOf(1))
	far.send(&rtp.Packet{Payload: frameOf(7)}) // is heard all the same
	if got := within(t, s.Heard()); got[0] != 7 {
		t.Errorf("heard %d on hold", got[0])
	}
	if n := s.Stats().Sent; n != 0 {
		t.Errorf("%d packets were sent on hold", n)
	}
	far.offer(s, "m=audio PORT RTP/AVP 0")
	if p := far.receive(); p.Payload[0] != 1 || !p.Marker {
		t.Errorf("after hold: % x, marker %v; want what was queued", p.Payload[:4], p.Marker)
	}
}

func TestMarksAndClear(t *testing.T) {
	a, _ := pair(t, false)
	order := make(chan int, 10)
	mark := func(i int) { a.Mark(func() { order <- i }) }
	mark(1) // nothing is queued
	a.Play(frameOf(1))
	mark(2)
	for a.Play(make([]byte, 8000)) { // until a minute is queued
	}
	mark(3)
	mark(4)
	if got := within(t, order); got != 1 {
		t.Errorf("first mark is %d", got)
	}
	if got := within(t, order); got != 2 {
		t.Errorf("second mark is %d", got)
	}
	select {
	case i := <-order:
		t.Errorf("mark %d, but a minute is queued before it", i)
	default:
	}
	a.Clear()
	if x, y := within(t, order), within(t, order); x != 3 || y != 4 {
		t.Errorf("cleared marks %d, %d; want 3, 4", x, y)
	}
	a.Play(frameOf(1))
	mark(5)
	a.Close()
	mark(6)
	if x, y := within(t, order), within(t, order); x != 5 || y != 6 {
		t.Errorf("marks of an ended session %d, %d; want 5, 6", x, y)
	}
}

func TestClose(t *testing.T) {
	a, b := pair(t, true)
	for range 2 {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}
	for range a.Heard() { // ends
	}
	for range a.Pressed() {
	}
	if a.Play(frameOf(1)) || a.Press("1") {
		t.Error("an ended session plays, or presses keys")
	}
	a.Clear()
	if _, err := a.Offer(false); !errors.Is(err, ErrClosed) {
		t.Errorf("Offer: %v, want %v", err, ErrClosed)
	}
	if err := Bridge(t.Context(), a, b); err != nil {
		t.Errorf("a bridge to an ended session: %v", err)
	}
}

// TestOpen takes all ports of a range, and no other.
func TestOpen(t *testing.T) {
	ports := Ports{Low: 27901, High: 27906} // 27902, 27904, 27906
	seen := make(map[uint16]bool)
	for range 3 {
		s, err := Open(loopback, ports)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		seen[s.Local().Port()] = true
	}
	if !seen[27902] || !seen[27904] || !seen[27906] {
		t.Errorf("ports %v", seen)
	}
	for _, c := range []struct {
		ip    netip.Addr
		ports Ports
		want  error
	}{
		{loopback, ports, ErrNoPort},
		{loopback, Ports{Low: 27901, High: 27901}, ErrNoPort},
		{loopback, Ports{Low: 5, High: 4}, ErrNoPort},
		{netip.IPv4Unspecified(), testPorts, ErrAddress},
		{netip.Addr{}, testPorts, ErrAddress},
	} {
		if _, err := Open(c.ip, c.ports); !errors.Is(err, c.want) {
			t.Errorf("Open(%v, %v): %v, want %v", c.ip, c.ports, err, c.want)
		}
	}
}

func TestBridge(t *testing.T) {
	contact, left := pair(t, false)
	right, agent := pair(t, true)
	ctx, cancel := context.WithCancelCause(t.Context())
	ended := make(chan error)
	go func() { ended <- Bridge(ctx, left, right) }()
	for left.receiver.peer.Load() == nil || right.receiver.peer.Load() == nil {
		within(t, left.Heard())
	}
	if err := Bridge(ctx, left, right); !errors.Is(err, ErrBridged) {
		t.Errorf("a second bridge: %v, want %v", err, ErrBridged)
	}
	contact.Play(frameOf(3))
	agent.Play(frameOf(4))
	hearUntil(t, agent, 3)
	hearUntil(t, contact, 4)
	hearUntil(t, left, 3) // who listens hears it too
	contact.Press("98")
	for _, s := range []*Session{left, agent} {
		if keys := within(t, s.Pressed()) + within(t, s.Pressed()); keys != "98" {
			t.Errorf("keys %q, want 98", keys)
		}
	}
	why := errors.New("that is all")
	cancel(why)
	if err := within(t, ended); !errors.Is(err, why) {
		t.Errorf("ended with %v, want %v", err, why)
	}
	go func() { ended <- Bridge(t.Context(), left, right) }()
	right.Close()
	if err := within(t, ended); err != nil {
		t.Errorf("ended with %v as one side had", err)
	}
}

// TestBridgeDelay lets one side's clock run faster: what waits must not grow.
func TestBridgeDelay(t *testing.T) {
	var s sender
	for i := range 100 {
		s.relay(frameOf(byte(i)))
	}
	if n := s.queue.waiting(); n != 10*voice.FrameBytes {
		t.Errorf("%d bytes are waiting", n)
	}
	var frame [voice.FrameBytes]byte
	if s.queue.take(frame[:]); frame[0] != 90 {
		t.Errorf("the oldest is frame %d, want 90", frame[0])
	}
}

// farSide is a bare socket that talks with a session.
type farSide struct {
	t    testing.TB
	conn *net.UDPConn
	to   netip.AddrPort
	ssrc uint32
}

func newFarSide(t testing.TB) *farSide {
	t.Helper()
	conn, err := testPorts.listen(loopback)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &farSide{t: t, conn: conn, ssrc: 1}
}

func (f *farSide) port() uint16 { return f.conn.LocalAddr().(*net.UDPAddr).AddrPort().Port() }

// offer makes s answer an offer that says where f is, with PORT for its port.
func (f *farSide) offer(s *Session, of ...string) {
	f.t.Helper()
	text := string(lines(append([]string{"c=IN IP4 127.0.0.1"}, of...)...))
	text = replacePort(text, f.port())
	if _, err := s.Answer([]byte(text)); err != nil {
		f.t.Fatal(err)
	}
	f.to = s.Local()
}

func (f *farSide) send(p *rtp.Packet) {
	f.t.Helper()
	p.Version, p.SSRC = 2, f.ssrc
	b, err := p.Marshal()
	if err != nil {
		f.t.Fatal(err)
	}
	f.raw(b)
}

func (f *farSide) raw(b []byte) {
	f.t.Helper()
	if _, err := f.conn.WriteToUDPAddrPort(b, f.to); err != nil {
		f.t.Fatal(err)
	}
}

func (f *farSide) receive() *rtp.Packet {
	f.t.Helper()
	buf := make([]byte, maxPacket)
	if err := f.conn.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		f.t.Fatal(err)
	}
	n, _, err := f.conn.ReadFromUDPAddrPort(buf)
	if err != nil {
		f.t.Fatal(err)
	}
	var p rtp.Packet
	if err := p.Unmarshal(buf[:n]); err != nil {
		f.t.Fatal(err)
	}
	return &p
}
