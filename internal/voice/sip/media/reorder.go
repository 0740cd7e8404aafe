package media

import "time"

const (
	// window is how many packets may be held back for one that is missing.
	window = 16

	// patience is how long they are held back.
	patience = 60 * time.Millisecond

	// farOff is from how many packets away on a packet belongs to a stream
	// that has begun anew, rather than to the one that was.
	farOff = 100
)

// reorder brings packets back into the order in which they were sent, drops
// those that come twice or too late, and says which are lost. It follows
// RFC 3550, appendix A.1.
type reorder struct {
	// out is given the packets in order; of one that is lost the kind is 0.
	// The sound is good until it returns.
	out func(is kind, sound []byte)

	begun   bool
	ssrc    uint32
	next    uint16         // the sequence number that is due
	held    [window]parcel // by sequence number
	count   int            // of those held
	restart uint16         // the sequence number that would prove a new beginning
	doubt   bool           // whether restart means anything
}

// parcel is a packet that waits for those before it.
type parcel struct {
	is    kind // 0 for none
	sound []byte
	at    time.Time // when it came
}

// put adds a packet, and reports whether it was of use.
func (r *reorder) put(sequence uint16, is kind, sound []byte, now time.Time) bool {
	if !r.begun {
		r.begun, r.next = true, sequence
	}
	ahead := int(int16(sequence - r.next))
	switch {
	case ahead >= farOff || ahead <= -farOff:
		if !r.doubt || sequence != r.restart {
			r.restart, r.doubt = sequence+1, true
			return false
		}
		r.flush()
		r.next, ahead = sequence, 0
	case ahead < 0:
		return false
	}
	r.doubt = false
	for ; ahead >= window; ahead-- {
		r.step()
	}
	if ahead == 0 {
		r.next++
		r.out(is, sound)
		r.run()
		return true
	}
	used := r.hold(sequence, is, sound, now)
	r.giveUp(now)
	return used
}

// stream says to which stream the next packet belongs. It reports whether that
// is another one than before.
func (r *reorder) stream(ssrc uint32) (changed bool) {
	changed = r.begun && ssrc != r.ssrc
	if changed {
		r.flush()
		r.begun, r.doubt = false, false
	}
	r.ssrc = ssrc
	return changed
}

func (r *reorder) hold(sequence uint16, is kind, sound []byte, now time.Time) bool {
	p := &r.held[sequence%window]
	if p.is != 0 {
		return false
	}
	p.is, p.at = is, now
	p.sound = append(p.sound[:0], sound...)
	r.count++
	return true
}

// step hands on the packet that is due, or its loss.
func (r *reorder) step() {
	p := &r.held[r.next%window]
	r.next++
	if p.is == 0 {
		r.out(0, nil)
		return
	}
	is := p.is
	p.is = 0
	r.count--
	r.out(is, p.sound)
}

// run hands on what is there up to the next gap.
func (r *reorder) run() {
	for r.count > 0 && r.held[r.next%window].is != 0 {
		r.step()
	}
}

// giveUp stops waiting for what packets have been held back for too long.
func (r *reorder) giveUp(now time.Time) {
	for r.count > 0 {
		first := r.next
		for r.held[first%window].is == 0 {
			first++
		}
		if now.Sub(r.held[first%window].at) < patience {
			return
		}
		for r.next != first {
			r.step()
		}
		r.run()
	}
}

// flush hands on all that is held back.
func (r *reorder) flush() {
	for r.count > 0 {
		r.step()
	}
}
