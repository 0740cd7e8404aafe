package media

import (
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
	"github.com/zaf/g711"

	"nocall/internal/voice"
)

const (
	silence   = 0xFF // mu-law for nothing
	maxPacket = 1500
)

// quiet is a frame of nothing.
var quiet = func() (frame [voice.FrameBytes]byte) {
	for i := range frame {
		frame[i] = silence
	}
	return frame
}()

// sender makes the packets of one session: sound, keys in its place, and
// silence where there is neither, so that firewalls stay open on the way.
type sender struct {
	mu      sync.Mutex // guards everything below
	ended   bool
	far     netip.AddrPort // where packets go; not valid before it is known
	terms   terms
	crypt   *srtp.Context // nil for plain RTP
	queue   queue
	presses presses
	marking bool // whether runMarks runs
	due     []mark

	ssrc     uint32
	sequence uint16
	time     uint32 // RTP timestamp
	talking  bool   // whether the last packet was sound, or silence within it
	frame    [voice.FrameBytes]byte
	spoken   [voice.FrameBytes]byte // what was sent last, as mu-law
	plain    [maxPacket]byte
	sealed   []byte
	stats    Stats
}

// open draws what RFC 3550 wants random. The sequence begins in the lower half,
// as RFC 3711 wants it, section 3.3.1.
func (s *sender) open() {
	s.ssrc, s.time = rand.Uint32(), rand.Uint32()
	s.sequence = uint16(rand.Uint32() & 0x7fff)
	s.sealed = make([]byte, 0, maxPacket)
}

// agree takes over what was agreed. A nil crypt leaves the one there is.
func (s *sender) agree(t terms, far netip.AddrPort, crypt *srtp.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.terms, s.far = t, far
	if crypt != nil && s.crypt == nil {
		s.crypt = crypt
	}
}

// aim makes packets go to far.
func (s *sender) aim(far netip.AddrPort) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.far = far
}

func (s *sender) play(frame []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.ended && s.queue.add(frame)
}

// relay queues a frame of a bridged session. Where the two clocks differ, the
// oldest frames are dropped before the delay can be heard.
func (s *sender) relay(frame []byte) {
	const most = 10 * voice.FrameBytes
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	var dropped [voice.FrameBytes]byte
	for s.queue.waiting() >= most {
		s.queue.take(dropped[:])
	}
	s.queue.add(frame)
}

func (s *sender) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue.drop()
	s.callMarks()
}

func (s *sender) mark(played func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended || !s.queue.mark(played) {
		s.due = append(s.due, mark{played: played})
	}
	s.callMarks()
}

// callMarks calls the marks that are due, in a goroutine that ends once there
// are none. It wants s.mu held.
func (s *sender) callMarks() {
	s.due = append(s.due, s.queue.due()...)
	if len(s.due) > 0 && !s.marking {
		s.marking = true
		go s.runMarks()
	}
}

func (s *sender) runMarks() {
	for {
		s.mu.Lock()
		due := s.due
		s.due = nil
		s.marking = len(due) > 0
		s.mu.Unlock()
		if len(due) == 0 {
			return
		}
		for _, m := range due {
			m.played()
		}
	}
}

// tick gives the packet that is due and where it goes; nil for none. The packet
// is good until the next tick.
func (s *sender) tick(b beat) ([]byte, netip.AddrPort) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.callMarks()
	s.time += voice.FrameBytes
	s.spoken = quiet
	if !s.far.IsValid() || s.terms.held {
		s.talking = false
		return nil, s.far
	}
	if b.missed() {
		s.stats.Skipped++
		s.stats.Sending.observe(b.late())
		return nil, s.far
	}
	n := s.queue.take(s.frame[:])
	for i := n; i < len(s.frame); i++ {
		s.frame[i] = silence
	}
	e, pressed := s.presses.next(s.time) // the sound of that time is not heard
	switch {
	case pressed && s.terms.takesKeys:
		s.talking = false
		header := s.header(s.terms.events, e.tick == 0)
		header.Timestamp = e.began
		return s.seal(header, e.payload[:]), s.far
	case pressed && e.tick < pressTicks:
		sing(s.frame[:], e.key, e.tick)
		n = len(s.frame)
	}
	return s.sound(n > 0), s.far
}

// sound gives the packet with the frame: of sound, or of silence.
func (s *sender) sound(talking bool) []byte {
	s.spoken = s.frame
	if s.terms.alaw {
		for i, b := range s.frame {
			s.frame[i] = g711.Ulaw2AlawFrame(b)
		}
	}
	header := s.header(s.terms.sound, talking && !s.talking)
	s.talking = talking
	return s.seal(header, s.frame[:])
}

func (s *sender) header(payloadType uint8, first bool) rtp.Header {
	h := rtp.Header{
		Version: 2, Marker: first, PayloadType: payloadType,
		SequenceNumber: s.sequence, Timestamp: s.time, SSRC: s.ssrc,
	}
	s.sequence++
	return h
}

// seal puts a packet together and encrypts it if that was agreed.
func (s *sender) seal(header rtp.Header, payload []byte) []byte {
	packet := rtp.Packet{Header: header, Payload: payload}
	n, err := packet.MarshalTo(s.plain[:])
	if err != nil {
		s.stats.Unsent++
		return nil
	}
	if s.crypt == nil {
		return s.plain[:n]
	}
	s.sealed, err = s.crypt.EncryptRTP(s.sealed, s.plain[:n], nil)
	if err != nil {
		s.stats.Unsent++
		return nil
	}
	return s.sealed
}

// sent notes what became of a packet.
func (s *sender) sent(err error, late time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.stats.Unsent++
		return
	}
	s.stats.Sent++
	s.stats.Sending.observe(late)
}

// press queues keys: as events, or as tones if those will do.
func (s *sender) press(keys string, tones bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	way := s.terms.takesKeys || tones && s.far.IsValid()
	return !s.ended && way && s.presses.add(keys)
}

// close drops what waits and calls the marks behind it.
func (s *sender) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	s.queue.drop()
	s.callMarks()
}

// said gives what was sent at the last tick.
func (s *sender) said() [voice.FrameBytes]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.spoken
}

func (s *sender) count(stats *Stats) {
	s.mu.Lock()
	defer s.mu.Unlock()
	stats.Sent, stats.Unsent = s.stats.Sent, s.stats.Unsent
	stats.Skipped, stats.Sending = s.stats.Skipped, s.stats.Sending
}
