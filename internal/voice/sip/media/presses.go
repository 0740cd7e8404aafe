package media

import (
	"encoding/binary"
	"strings"

	"nocall/internal/voice"
)

// keypad are the keys in the order of their events (RFC 4733, section 3.2).
const keypad = "0123456789*#ABCD"

const (
	pressTicks = 5 // a key is pressed for 100 ms
	endTicks   = 3 // the end is sent so often, as it may be lost
	pauseTicks = 3 // then 60 ms of sound until the next key

	lastSent = pressTicks + endTicks - 2 // the tick of the last packet

	endOfEvent = 0x80
	volume     = 10 // -10 dBm0
)

// presses are keys that wait to be sent.
type presses struct {
	keys  string
	tick  int // of the first key
	began uint32
}

// event is one packet of a key, as a telephone event.
type event struct {
	key     byte
	tick    int
	began   uint32 // RTP timestamp
	payload [4]byte
}

// add appends keys, or returns false.
func (p *presses) add(keys string) bool {
	if voice.ValidateKeys(keys) != nil || len(p.keys)+len(keys) > voice.MaxKeys {
		return false
	}
	p.keys += keys
	return true
}

// next gives the packet of the tick whose sound begins at now; false for none.
// Every tick wants to ask.
func (p *presses) next(now uint32) (event, bool) {
	if p.keys == "" {
		return event{}, false
	}
	tick := p.tick
	p.tick++
	switch {
	case tick == 0:
		p.began = now
	case tick == lastSent+pauseTicks:
		p.keys, p.tick = p.keys[1:], 0
		return event{}, false
	case tick > lastSent:
		return event{}, false
	}
	e := event{key: p.keys[0], tick: tick, began: p.began}
	e.payload[0] = byte(strings.IndexByte(keypad, e.key))
	e.payload[1] = volume
	if tick >= pressTicks-1 {
		e.payload[1] |= endOfEvent
	}
	ticks := min(tick+1, pressTicks)
	binary.BigEndian.PutUint16(e.payload[2:], uint16(ticks*voice.FrameBytes))
	return e, true
}
