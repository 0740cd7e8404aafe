package sip

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo"
	wire "github.com/emiago/sipgo/sip"
)

// writeTime is how long a write to a TCP or TLS connection may take.
const writeTime = 2 * time.Second

// endpoint is the open socket, which all trunks share: what is sent leaves
// from the port on which we listen, as trunks that know us by our address want.
type endpoint struct {
	agent  *sipgo.UserAgent
	server *sipgo.Server
	udp    *net.UDPConn
	tcp    net.Listener
	tls    net.Listener // nil where nobody may call us over TLS
	known  func(netip.Addr) bool
	srv    lookUpSRV
	unmet  unmet

	ctx   context.Context // done when the socket closes
	stop  context.CancelFunc
	calls context.Context // done before that, so that calls can take leave
	leave context.CancelCauseFunc
	tasks sync.WaitGroup
	reads sync.WaitGroup // from the sockets

	mu      sync.Mutex
	closed  bool
	running int                // tasks
	idle    chan struct{}      // closed when the last of them ends; nil if nobody waits
	invites map[string]*invite // by branch
	dialogs map[string]*dialog // by our tag and Call-ID
	found   map[string]found   // where names are reached, by network and name
}

var quiet sync.Once

// settle sets what the library has for all of a process.
func settle() {
	wire.SetDefaultLogger(slog.New(slog.DiscardHandler)) // it logs messages, with numbers
	wire.UDPMTUSize = 1 << 16                            // an INVITE with SRTP may be longer
}

// open opens the socket at the address listen, for UDP and TCP.
//
// Who is not known, by address, is not let near the library's transactions.
func open(listen string, conf *tls.Config, known func(netip.Addr) bool) (*endpoint, error) {
	quiet.Do(settle)
	udp, tcp, err := sockets(listen)
	if err != nil {
		return nil, err
	}
	e := &endpoint{
		udp: udp, tcp: tcp, known: known, srv: net.DefaultResolver.LookupSRV,
		invites: make(map[string]*invite), dialogs: make(map[string]*dialog),
		found: make(map[string]found),
	}
	e.ctx, e.stop = context.WithCancel(context.Background())
	e.calls, e.leave = context.WithCancelCause(e.ctx)
	e.agent, err = sipgo.NewUA(
		sipgo.WithUserAgent("nocall"),
		sipgo.WithUserAgenTLSConfig(conf),
		sipgo.WithUserAgentTransportLayerOptions(
			wire.WithTransportLayerTransports(wire.TransportsConfig{
				TCP: &wire.TransportTCP{WriteTimeout: writeTime},
				TLS: &wire.TransportTLS{
					TransportTCP: &wire.TransportTCP{WriteTimeout: writeTime},
				},
			}),
			wire.WithTransportLayerReadFilter(e.filter),
		),
		sipgo.WithUserAgentTransactionLayerOptions(
			wire.WithTransactionLayerUnhandledResponseHandler(func(*wire.Response) {}),
		),
	)
	if err == nil {
		e.server, err = sipgo.NewServer(e.agent)
	}
	if err != nil {
		udp.Close()
		tcp.Close()
		return nil, err
	}
	// Answers to INVITE are heard here, in order, and not through the
	// library's transactions, which hear at most ten of them and in any order.
	e.agent.TransportLayer().OnMessage(e.hear)
	return e, nil
}

// sockets opens a UDP and a TCP socket with one port.
func sockets(listen string) (*net.UDPConn, net.Listener, error) {
	at, err := net.ResolveUDPAddr("udp", listen)
	if err != nil {
		return nil, nil, err
	}
	var tcp net.Listener
	for range 10 { // a free port for UDP may be taken for TCP
		udp, err := net.ListenUDP("udp", at)
		if err != nil {
			return nil, nil, err
		}
		enlarge(udp)
		both := udp.LocalAddr().(*net.UDPAddr)
		host, _, _ := net.SplitHostPort(listen)
		tcp, err = net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(both.Port)))
		if err == nil {
			return udp, tcp, nil
		}
		udp.Close()
		if at.Port != 0 {
			return nil, nil, err
		}
	}
	return nil, nil, errors.New("no port is free for both UDP and TCP")
}

// serve reads from the sockets until close. When it returns, requests can be
// sent: the library would open a socket of its own before.
func (e *endpoint) serve() {
	e.reads.Go(func() { e.server.ServeUDP(e.udp) })
	e.reads.Go(func() { e.server.ServeTCP(e.tcp) })
	if e.tls != nil {
		e.reads.Go(func() { e.server.ServeTLS(e.tls) })
	}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := e.agent.TransportLayer().GetConnection("udp", e.udp.LocalAddr().String())
		if err == nil {
			conn.TryClose()
			return
		}
		<-tick.C
	}
}

// close ends all calls, waits for everything that uses the sockets and closes
// them: what would be sent later the library would open a socket of its own for.
func (e *endpoint) close() {
	e.leave(errClosed)
	e.drain(leaveTime)
	e.mu.Lock()
	e.closed = true
	e.mu.Unlock()
	e.stop()
	e.tasks.Wait()
	e.udp.Close()
	e.tcp.Close()
	if e.tls != nil {
		e.tls.Close()
	}
	e.agent.Close()
	e.reads.Wait()
}

// task runs work beside, unless the socket has closed. Closing waits for it.
func (e *endpoint) task(work func()) {
	if e.begin() {
		go func() {
			defer e.done()
			work()
		}()
	}
}

// begin counts a task in, to be counted out with done, unless the socket has
// closed.
func (e *endpoint) begin() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return false
	}
	e.tasks.Add(1)
	e.running++
	return true
}

func (e *endpoint) done() {
	e.mu.Lock()
	e.running--
	if e.running == 0 && e.idle != nil {
		close(e.idle)
		e.idle = nil
	}
	e.mu.Unlock()
	e.tasks.Done()
}

// drain waits until no task runs, or for so long.
func (e *endpoint) drain(most time.Duration) {
	e.mu.Lock()
	if e.running == 0 {
		e.mu.Unlock()
		return
	}
	idle := make(chan struct{})
	e.idle = idle
	e.mu.Unlock()
	late := time.NewTimer(most)
	defer late.Stop()
	select {
	case <-idle:
	case <-late.C:
	}
}

// hop is where a request is sent first: a resolved address and how to get there.
type hop struct {
	network string // UDP, TCP or TLS
	name    string // host:port as it was set
	addr    netip.AddrPort
	conn    wire.Connection
	local   netip.AddrPort // what the far end is told of us
}

// reach resolves name and connects to it. The hop must be released.
func (e *endpoint) reach(ctx context.Context, network, name string) (*hop, error) {
	network = strings.ToUpper(network)
	addr, err := resolve(ctx, name, network)
	if err != nil {
		return nil, err
	}
	h := &hop{network: network, name: name, addr: addr}
	probe := wire.NewRequest(wire.OPTIONS, wire.Uri{Host: host(name), Port: int(addr.Port())})
	probe.AppendHeader(&wire.ViaHeader{Host: "nocall.invalid", Port: 1})
	probe.SetTransport(network)
	probe.SetDestination(h.destination())
	e.lease(probe)
	if h.conn, err = e.agent.TransportLayer().ClientRequestConnection(ctx, probe); err != nil {
		return nil, err
	}
	h.local = e.localFor(h)
	return h, nil
}

// destination is where the transport sends: by address, but by name where a
// certificate is to be held against the name.
func (h *hop) destination() string {
	if h.network == "TLS" {
		return net.JoinHostPort(host(h.name), strconv.Itoa(int(h.addr.Port())))
	}
	return h.addr.String()
}

func (h *hop) release() { h.conn.TryClose() }

// lease has a request over UDP leave from the socket on which we listen.
func (e *endpoint) lease(req *wire.Request) {
	if req.Transport() == "UDP" {
		at := e.udp.LocalAddr().(*net.UDPAddr)
		req.Laddr = wire.Addr{IP: at.IP, Port: at.Port}
	}
}

// localFor returns our address as the far end of h sees it, behind no NAT. Over
// TLS, where we do not listen for that, it is that of the connection, which the
// far end uses again.
func (e *endpoint) localFor(h *hop) netip.AddrPort {
	ours := e.udp.LocalAddr().(*net.UDPAddr).AddrPort()
	switch {
	case h.network == "TLS" && e.tls == nil:
		return h.conn.LocalAddr().(*net.TCPAddr).AddrPort()
	case h.network == "TLS":
		ours = e.tls.Addr().(*net.TCPAddr).AddrPort()
	}
	if at := ours.Addr().Unmap(); !at.IsUnspecified() {
		return netip.AddrPortFrom(at, ours.Port())
	}
	return netip.AddrPortFrom(towards(h.addr), ours.Port())
}

// towards returns our address on the way to another. Nothing is sent.
func towards(other netip.AddrPort) netip.Addr {
	conn, err := net.Dial("udp", other.String())
	if err != nil {
		return netip.IPv4Unspecified()
	}
	defer conn.Close()
	return conn.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap()
}

// mark returns a word that nobody can guess, for tags, branches and calls.
func mark() string { return rand.Text() }
