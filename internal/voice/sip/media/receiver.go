package media

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
	"github.com/zaf/g711"

	"nocall/internal/voice"
)

// kind is what a payload type stands for.
type kind uint8

// The kinds of payloads. The zero kind is none that was agreed.
const (
	mulaw kind = iota + 1
	alaw
	telephoneEvent
	comfortNoise // RFC 3389: says that there is no sound
)

// maxPayload is the most sound that is taken from one packet: 200 ms.
const maxPayload = 1600

// receiver takes in the packets of one session.
type receiver struct {
	session *Session
	peer    atomic.Pointer[Session] // the other one of a bridge

	mu      sync.Mutex // guards everything below
	ended   bool
	kinds   *[128]kind // nil before anything was agreed
	crypt   *srtp.Context
	source  source
	order   reorder
	keys    keys
	inSound bool   // whether keys come as tones
	tones   tones  // for that
	frame   []byte // the part of a frame that is there
	last    []byte // the last payload, as mu-law
	missing int    // packets lost in a row
	packet  rtp.Packet
	opened  []byte // a decrypted packet
	stats   Stats
}

func (r *receiver) open(s *Session) {
	r.session = s
	r.order.out = r.inOrder
	r.frame = make([]byte, 0, voice.FrameBytes)
	r.last = make([]byte, 0, maxPayload)
	r.opened = make([]byte, 0, maxPacket)
}

// agree takes over what was agreed, and gives where the far side is: where it
// says, or where it is known to be behind that. A nil crypt leaves the one
// there is.
func (r *receiver) agree(theirs *stream, crypt *srtp.Context) netip.AddrPort {
	kinds := theirs.kinds()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kinds, r.inSound = &kinds, !theirs.terms().takesKeys
	if crypt != nil {
		r.crypt = crypt
	}
	return r.source.announce(theirs.far())
}

// take takes in a packet. Whatever is no sound and no key of the far side is
// counted and otherwise ignored.
func (r *receiver) take(packet []byte, from netip.AddrPort, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended || r.kinds == nil || len(packet) > maxPacket || !r.read(packet) {
		r.stats.Strays++
		return
	}
	p := &r.packet
	is := r.kinds[p.PayloadType&0x7f]
	if is == 0 || len(p.Payload) > maxPayload {
		r.stats.Strays++
		return
	}
	accepted, moved := r.source.accept(from, p.SSRC, p.SequenceNumber, r.crypt != nil)
	if !accepted {
		r.stats.Strays++
		return
	}
	if moved {
		r.session.sender.aim(from)
	}
	r.stats.Received++
	r.stats.LastReceived = now
	r.put(p, is, now)
}

// read decrypts and parses a packet.
func (r *receiver) read(packet []byte) bool {
	if r.crypt != nil {
		opened, err := r.crypt.DecryptRTP(r.opened, packet, &r.packet.Header)
		if err != nil {
			return false
		}
		packet = opened
	}
	return r.packet.Unmarshal(packet) == nil && r.packet.Version == 2
}

// put reports a key at once, and brings sound in order.
func (r *receiver) put(p *rtp.Packet, is kind, now time.Time) {
	if r.order.stream(p.SSRC) {
		r.keys.restart()
	}
	var sound []byte
	switch is {
	case telephoneEvent:
		r.press(p)
	case mulaw, alaw:
		sound = p.Payload
	}
	if !r.order.put(p.SequenceNumber, is, sound, now) {
		r.stats.Late++
	}
}

func (r *receiver) press(p *rtp.Packet) {
	if key, ok := r.keys.take(p.Timestamp, p.Marker, p.Payload); ok {
		r.inSound = false // whatever was agreed
		r.see(key, true)
	}
}

// see hands on a key. The other one of a bridge is sent it as tones only if
// those are not in the sound that it hears.
func (r *receiver) see(key string, tones bool) {
	r.stats.Keys++
	r.session.see(key)
	if peer := r.peer.Load(); peer != nil {
		peer.sender.press(key, tones)
	}
}

// giveUp stops waiting for packets that should have been there long ago.
func (r *receiver) giveUp(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.ended {
		r.order.giveUp(now)
	}
}

// inOrder takes packets, and losses, in the order in which they were sent.
func (r *receiver) inOrder(is kind, sound []byte) {
	switch is {
	case 0:
		r.stats.Lost++
		r.comfort()
	case mulaw, alaw:
		r.hear(is, sound)
	default:
		r.last, r.missing = r.last[:0], 0
	}
}

// hear hands on sound.
func (r *receiver) hear(is kind, sound []byte) {
	r.last = append(r.last[:0], sound...)
	if is == alaw {
		for i, b := range r.last {
			r.last[i] = g711.Alaw2UlawFrame(b)
		}
	}
	r.missing = 0
	r.hand(r.last)
}

// comfort fills the place of a lost packet: with what was heard before it, and
// with silence if more than one is lost.
func (r *receiver) comfort() {
	if r.missing++; r.missing == 2 {
		for i := range r.last {
			r.last[i] = silence
		}
	}
	r.hand(r.last)
}

// hand hands on sound in frames.
func (r *receiver) hand(sound []byte) {
	for len(sound) > 0 {
		n := min(voice.FrameBytes-len(r.frame), len(sound))
		r.frame = append(r.frame, sound[:n]...)
		sound = sound[n:]
		if len(r.frame) < voice.FrameBytes {
			return
		}
		frame := make([]byte, voice.FrameBytes)
		copy(frame, r.frame)
		r.frame = r.frame[:0]
		if r.inSound {
			r.tones.take(frame, func(key string) { r.see(key, false) })
		}
		r.stats.Missed += uint64(r.session.hear(frame))
		if peer := r.peer.Load(); peer != nil {
			peer.sender.relay(frame)
		}
	}
}

func (r *receiver) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
}

func (r *receiver) count(stats *Stats) {
	r.mu.Lock()
	defer r.mu.Unlock()
	stats.Received, stats.Lost, stats.Late = r.stats.Received, r.stats.Lost, r.stats.Late
	stats.Strays, stats.Missed, stats.Keys = r.stats.Strays, r.stats.Missed, r.stats.Keys
	stats.LastReceived = r.stats.LastReceived
}
