// Package media carries the sound of calls: RTP (RFC 3550) with G.711 in
// frames of 20 ms, keys as telephone events (RFC 4733), and SRTP with keys in
// the session description (RFC 4568).
//
// A [Session] is our end of one call's sound. Signalling passes it offers and
// answers; who speaks on our side has it as a [voice.Sound]. Everything is
// mu-law on our side of it, whatever goes over the wire.
package media

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"nocall/internal/voice"
)

// Errors of sessions.
var (
	ErrNoPort    = errors.New("media: no port is free")
	ErrAddress   = errors.New("media: address is none that the far side could send to")
	ErrClosed    = errors.New("media: session has ended")
	ErrMalformed = errors.New("media: session description cannot be read")
	ErrNoSound   = errors.New("media: nothing in common with the far side's session description")
	ErrPlain     = errors.New("media: far side does not encrypt")
	ErrBridged   = errors.New("media: session is bridged already")
)

const (
	heardFrames = 100           // two seconds of sound for who reads slowly
	keysWaiting = voice.MaxKeys // keys, likewise
)

// Session is our end of one call's sound. Its methods may be used at once from
// several goroutines.
type Session struct {
	conn  *net.UDPConn
	local netip.AddrPort
	clock *clock

	agreement agreement
	sender    sender
	receiver  receiver
	tap       atomic.Pointer[tap] // nil while nobody records

	heard   chan []byte
	pressed chan string
	closing sync.Once
	done    chan struct{} // closed once the session has ended
	reading sync.WaitGroup
}

var _ voice.Sound = (*Session)(nil)

// Open opens a session on an even port of ports at ip, which is also the
// address that the far side is told.
func Open(ip netip.Addr, ports Ports) (*Session, error) {
	if !ip.IsValid() || ip.IsUnspecified() || ip.IsMulticast() {
		return nil, fmt.Errorf("%w: %s", ErrAddress, ip)
	}
	conn, err := ports.listen(ip)
	if err != nil {
		return nil, err
	}
	s := &Session{
		conn:    conn,
		local:   unmap(conn.LocalAddr().(*net.UDPAddr).AddrPort()),
		clock:   nextClock(),
		heard:   make(chan []byte, heardFrames),
		pressed: make(chan string, keysWaiting),
		done:    make(chan struct{}),
	}
	s.agreement.id = uint64(rand.Int32())
	s.sender.open()
	s.receiver.open(s)
	s.reading.Go(s.read)
	s.clock.add(s)
	return s, nil
}

// Local is the address at which the far side's sound is expected.
func (s *Session) Local() netip.AddrPort { return s.local }

// Heard implements [voice.Sound]. Its frames have 160 bytes each, whatever the
// far side sends, and must not be changed.
func (s *Session) Heard() <-chan []byte { return s.heard }

// Pressed implements [voice.Sound]. Each key is given as soon as it is
// pressed, and once: from events, or from tones if the far side sends none.
func (s *Session) Pressed() <-chan string { return s.pressed }

// Play implements [voice.Sound]. A frame may be of any length; it is kept, and
// must not be changed any more.
func (s *Session) Play(frame []byte) bool { return s.sender.play(frame) }

// Mark implements [voice.Sound]. Marks are called in order, one at a time.
func (s *Session) Mark(played func()) { s.sender.mark(played) }

// Clear implements [voice.Sound].
func (s *Session) Clear() { s.sender.clear() }

// Press presses keys, one after the other, in the place of sound: as events, or
// as tones if the far side takes none. It does not wait. It returns false, and
// presses none, when too many are waiting, before anything was agreed, and once
// the session has ended.
func (s *Session) Press(keys string) bool { return s.sender.press(keys, true) }

// Close ends the session, and everything that was started for it. The channels
// of sound and keys are closed, and marks that wait are called.
func (s *Session) Close() error {
	var err error
	s.closing.Do(func() {
		s.clock.remove(s)
		err = s.conn.Close()
		s.reading.Wait()
		s.sender.close()
		s.receiver.close()
		close(s.heard)
		close(s.pressed)
		close(s.done)
	})
	return err
}

// read takes in packets until the socket is closed.
func (s *Session) read() {
	const manyErrors = 100 // in a row: the socket is no good any more
	packet := make([]byte, maxPacket+1)
	for failed := 0; failed < manyErrors; {
		n, from, err := s.conn.ReadFromUDPAddrPort(packet)
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			failed++
		default:
			failed = 0
			s.receiver.take(packet[:n], unmap(from), time.Now())
		}
	}
}

// tick does what falls due every 20 ms: it sends a packet, and gives up on
// packets that are too late.
func (s *Session) tick(b beat) {
	if packet, far := s.sender.tick(b); packet != nil {
		_, err := s.conn.WriteToUDPAddrPort(packet, far)
		s.sender.sent(err, b.late())
	}
	s.receiver.giveUp(b.now)
	if t := s.tap.Load(); t != nil {
		t.tick(s.sender.said())
	}
}

// hear gives a frame to who listens. Who reads too slowly misses the oldest.
// It reports how many frames were missed.
func (s *Session) hear(frame []byte) (missed int) {
	if t := s.tap.Load(); t != nil {
		t.hear(frame)
	}
	for {
		select {
		case s.heard <- frame:
			return missed
		default:
		}
		select {
		case <-s.heard:
			missed++
		default:
		}
	}
}

// see gives a key to who watches, and reports whether there was room for it.
func (s *Session) see(key string) bool {
	select {
	case s.pressed <- key:
		return true
	default:
		return false
	}
}

func unmap(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}
