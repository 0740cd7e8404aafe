package media

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
)

// Ports is a range of UDP ports, both ends included. The zero Ports are 16384
// to 32767.
type Ports struct{ Low, High uint16 }

// listen opens a socket on an even port of the range (RFC 3550, section 11).
// It begins anywhere in it, so that what is still on its way to a call that
// has just ended does not reach the next one.
func (p Ports) listen(ip netip.Addr) (*net.UDPConn, error) {
	if p == (Ports{}) {
		p = Ports{Low: 16384, High: 32767}
	}
	low := int(p.Low) + int(p.Low)&1
	count := (int(p.High)-low)/2 + 1
	if low == 0 || int(p.High) < low {
		return nil, fmt.Errorf("%w: %d to %d has no even port", ErrNoPort, p.Low, p.High)
	}
	var last error
	first := rand.IntN(count)
	for i := range count {
		port := uint16(low + 2*((first+i)%count))
		conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(ip, port)))
		if err == nil {
			return conn, nil
		}
		last = err
	}
	return nil, fmt.Errorf("%w: %d to %d: %w", ErrNoPort, p.Low, p.High, last)
}
