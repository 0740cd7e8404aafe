package sip

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	wire "github.com/emiago/sipgo/sip"
)

// lookUpSRV looks up SRV records, as [net.Resolver.LookupSRV].
type lookUpSRV func(ctx context.Context, service, proto, name string) (string, []*net.SRV, error)

// foundFor is how long it is remembered where a name is reached.
const foundFor = time.Minute

// found is where a name was found to be reached.
type found struct {
	targets []string // host:port
	until   time.Time
}

// targets returns where a name is reached, in the order in which it is tried (RFC
// 3263): what has a port, or is an address, there; another name where its SRV
// records say, and itself where it has none. We are told over what, so that NAPTR
// is not asked.
func (e *endpoint) targets(ctx context.Context, network, name string) []string {
	if _, err := netip.ParseAddr(host(name)); err == nil || host(name) != name {
		return []string{name}
	}
	key := network + " " + name
	e.mu.Lock()
	known := e.found[key]
	e.mu.Unlock()
	if time.Now().Before(known.until) {
		return slices.Clone(known.targets)
	}
	service, proto := "sip", strings.ToLower(network)
	if network == "TLS" {
		service, proto = "sips", "tcp"
	}
	_, records, err := e.srv(ctx, service, proto, name)
	var targets []string
	for _, r := range records {
		at := strings.TrimSuffix(r.Target, ".")
		if at != "" && (network != "TLS" || below(at, name)) {
			targets = append(targets, net.JoinHostPort(at, strconv.Itoa(int(r.Port))))
		}
	}
	if len(targets) == 0 {
		return []string{name}
	}
	if err == nil {
		e.mu.Lock()
		e.found[key] = found{targets, time.Now().Add(foundFor)}
		e.mu.Unlock()
	}
	return slices.Clone(targets)
}

// below reports whether a host belongs to a name. The certificate is held against
// the host, so that over TLS a record must not lead elsewhere (RFC 5922).
func below(host, name string) bool {
	return strings.EqualFold(host, name) ||
		strings.HasSuffix(strings.ToLower(host), "."+strings.ToLower(name))
}

// reachAny connects to the first host behind a name that can be reached. The hop
// must be released.
func (e *endpoint) reachAny(ctx context.Context, network, name string) (h *hop, err error) {
	for _, at := range e.targets(ctx, network, name) {
		if h, err = e.reach(ctx, network, at); err == nil {
			return h, nil
		}
	}
	return nil, err
}

// resolve returns the address of host:port, with the port of the network where
// none is given. IPv4 goes first.
func resolve(ctx context.Context, name, network string) (netip.AddrPort, error) {
	port := wire.DefaultPort(network)
	if _, p, err := net.SplitHostPort(name); err == nil {
		if port, err = strconv.Atoi(p); err != nil || port < 1 || port > 65535 {
			return netip.AddrPort{}, fmt.Errorf("no such port in %q", name)
		}
	}
	addrs, err := lookUp(ctx, host(name))
	if err != nil {
		return netip.AddrPort{}, err
	}
	return netip.AddrPortFrom(addrs[0], uint16(port)), nil
}

// lookUp returns the addresses of a host, IPv4 first.
func lookUp(ctx context.Context, name string) ([]netip.Addr, error) {
	if at, err := netip.ParseAddr(name); err == nil {
		return []netip.Addr{at.Unmap()}, nil
	}
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", name)
	if err != nil {
		return nil, err
	}
	var four, six []netip.Addr
	for _, at := range found {
		if at = at.Unmap(); at.Is4() {
			four = append(four, at)
		} else {
			six = append(six, at)
		}
	}
	if len(four)+len(six) == 0 {
		return nil, fmt.Errorf("no address for %q", name)
	}
	return append(four, six...), nil
}

// host returns the host of host:port, or of a host alone.
func host(name string) string {
	if h, _, err := net.SplitHostPort(name); err == nil {
		return h
	}
	return strings.Trim(name, "[]")
}
