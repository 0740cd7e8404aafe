package sip

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"strings"

	wire "github.com/emiago/sipgo/sip"
)

// lookUp finds out anew where the trunks call from.
func (t *Trunks) lookUp(ctx context.Context) {
	t.mu.Lock()
	end := t.end
	trunks := make([]*trunk, 0, len(t.trunks))
	for _, tr := range t.trunks {
		trunks = append(trunks, tr)
	}
	t.mu.Unlock()
	if end == nil {
		return
	}
	end.task(func() {
		for _, tr := range trunks {
			tr.locate(ctx, end)
		}
	})
}

// locate finds out where the trunk calls from: everything it is reached at. A
// name that cannot be looked up now is where it was.
func (t *trunk) locate(ctx context.Context, end *endpoint) {
	names := append([]string{t.Address}, t.Failover...)
	if t.Proxy != "" {
		names = append(names, t.Proxy)
	}
	var hosts []string
	for _, name := range names {
		hosts = append(hosts, end.targets(ctx, t.network(), name)...)
	}
	var found []netip.AddrPort
	for _, name := range hosts {
		at, err := resolve(ctx, name, t.network())
		if err != nil {
			continue
		}
		addrs, err := lookUp(ctx, host(name))
		if err != nil {
			continue
		}
		for _, a := range addrs {
			found = append(found, netip.AddrPortFrom(a, at.Port()))
		}
	}
	if len(found) > 0 {
		t.addresses.Store(&found)
	}
}

// at says how well the trunk matches the address that something comes from: 0
// for not at all, 1 for the host, 2 for host and port.
func (t *trunk) at(from netip.AddrPort) int {
	match := 0
	addresses := t.addresses.Load()
	if addresses == nil {
		return 0
	}
	for _, a := range *addresses {
		switch {
		case a == from:
			return 2
		case a.Addr() == from.Addr():
			match = 1
		}
	}
	return match
}

// trunksAt returns the trunks that are at an address, those that are at its
// port too first. A carrier calls from any port.
func (t *Trunks) trunksAt(source string) []*trunk {
	from := addressOf(source)
	t.mu.Lock()
	defer t.mu.Unlock()
	var found []*trunk
	for _, tr := range t.trunks {
		if tr.at(from) > 0 {
			found = append(found, tr)
		}
	}
	slices.SortFunc(found, func(a, b *trunk) int {
		return cmp.Or(b.at(from)-a.at(from), strings.Compare(a.Name, b.Name),
			strings.Compare(string(a.Environment), string(b.Environment)))
	})
	return found
}

// known reports whether a trunk is at an address.
func (t *Trunks) known(from netip.Addr) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, tr := range t.trunks {
		if tr.at(netip.AddrPortFrom(from.Unmap(), 0)) > 0 {
			return true
		}
	}
	return false
}

// filter keeps strangers away from the library, which remembers for ever
// everyone it has heard of by UDP. A stranger's packet goes on only if it
// belongs to a call or a request of ours; otherwise it is answered here, or not
// at all.
func (e *endpoint) filter(at wire.TransportReadProps, data []byte) ([]byte, error) {
	from, err := netip.ParseAddrPort(at.RemoteAddr.String())
	if err != nil || at.Transport != "UDP" || e.known(from.Addr()) || len(data) < 12 {
		return data, nil
	}
	m, err := wire.ParseMessage(data)
	if err != nil {
		return nil, nil
	}
	switch m := m.(type) {
	case *wire.Response:
		return data, nil
	case *wire.Request:
		if e.dialog(m) != nil {
			return data, nil
		}
		e.turnAway(m, from)
	}
	return nil, nil
}

// turnAway answers a stranger without remembering it.
func (e *endpoint) turnAway(req *wire.Request, from netip.AddrPort) {
	req.SetTransport("UDP")
	req.SetSource(from.String())
	var res *wire.Response
	switch req.Method {
	case wire.ACK:
		return
	case wire.OPTIONS:
		res = capable(req)
	default:
		res = wire.NewResponseFromRequest(req, wire.StatusForbidden, "Forbidden", nil)
	}
	e.udp.WriteToUDPAddrPort([]byte(res.String()), from)
}
