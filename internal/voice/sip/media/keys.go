package media

import "encoding/binary"

const (
	// longEvent is from which duration on an event may be followed by a second
	// part of it with a timestamp of its own (RFC 4733, section 2.5.1.3).
	longEvent = 0xF000

	// oldEvent is how far behind a timestamp is at most if it is late, rather
	// than of a stream that has begun anew: ten seconds.
	oldEvent = 10 * 8000
)

// keys reads the far side's keys from its telephone events (RFC 4733). A key
// comes in many packets, any of which may be lost, late or there twice: it
// counts with the first that is there.
type keys struct {
	known    bool // whether there was any
	anchored bool // whether began is of the stream that is received now
	code     byte
	began    uint32 // RTP timestamp
	lasted   uint16
	ended    bool
}

// take takes in an event packet, and gives the key if it is a new one.
func (k *keys) take(began uint32, first bool, payload []byte) (key string, pressed bool) {
	if len(payload) < 4 || int(payload[0]) >= len(keypad) {
		return "", false
	}
	code := payload[0]
	lasted := binary.BigEndian.Uint16(payload[2:])
	ended := payload[1]&endOfEvent != 0
	switch {
	case k.late(began):
		return "", false
	case k.same(code, began, lasted, first):
		if began != k.began || lasted > k.lasted {
			k.began, k.lasted = began, lasted
		}
		k.ended, k.anchored = k.ended || ended, true
		return "", false
	}
	*k = keys{
		known: true, anchored: true,
		code: code, began: began, lasted: lasted, ended: ended,
	}
	return keypad[code : code+1], true
}

// restart says that timestamps begin anew, as the far side's stream does.
func (k *keys) restart() { k.anchored = false }

// late reports whether an event is an earlier one than the last.
func (k *keys) late(began uint32) bool {
	after := int32(began - k.began)
	return k.known && k.anchored && after < 0 && after > -oldEvent
}

// same reports whether an event is the last one, going on.
func (k *keys) same(code byte, began uint32, lasted uint16, first bool) bool {
	if !k.known || code != k.code {
		return false
	}
	if began == k.began {
		return true
	}
	if !k.anchored {
		return !k.ended && !first && lasted > k.lasted
	}
	after := began - k.began
	switch {
	case after < uint32(k.lasted):
		return true // it cannot be another: that would have begun before this one ended
	case k.ended || first:
		return false
	}
	return after == uint32(k.lasted) || k.lasted >= longEvent && after <= 0xFFFF+160
}
