package media

import "net/netip"

// source decides whose packets are the far side's. It holds on to the first
// address from which a good packet comes, for the one in the session
// description is often not the one behind which the far side really is. Once
// held on to, no stranger can take its place: it changes only
//
//   - to the address in the session description, or when that changes,
//   - to where the same stream goes on, which nobody can guess, or
//   - to whoever encrypts with the far side's key.
type source struct {
	announced netip.AddrPort // in the session description
	held      netip.AddrPort // not valid while there is none
	ssrc      uint32
	sequence  uint16
}

// announce takes over the address of a session description, and gives the one
// where the far side is.
func (s *source) announce(far netip.AddrPort) netip.AddrPort {
	if far != s.announced || !s.held.IsValid() {
		s.announced, s.held = far, netip.AddrPort{}
		return far
	}
	return s.held
}

// accept reports whether a good packet from an address is the far side's, and
// whether it is there now rather than where it was before.
func (s *source) accept(
	from netip.AddrPort, ssrc uint32, sequence uint16, proved bool,
) (ok, moved bool) {
	if from != s.held {
		ahead := int16(sequence - s.sequence)
		goesOn := ssrc == s.ssrc && ahead > 0 && ahead < 50
		if s.held.IsValid() && from != s.announced && !goesOn && !proved {
			return false, false
		}
		s.held, moved = from, true
	}
	s.ssrc, s.sequence = ssrc, sequence
	return true, moved
}
