package sip

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"nocall/internal/e164"
	"nocall/internal/voice"
)

// deaf is a socket that hears and says nothing.
type deaf struct {
	*net.UDPConn
	addr string
}

func newDeaf(t testing.TB) *deaf {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &deaf{conn, conn.LocalAddr().String()}
}

// next returns the next packet, or "" if none comes for so long.
func (d *deaf) next(t testing.TB, within time.Duration) string {
	t.Helper()
	packet := make([]byte, 65536)
	d.SetReadDeadline(time.Now().Add(within))
	n, err := d.Read(packet)
	if err != nil {
		return ""
	}
	return string(packet[:n])
}

// TestSilence lists a number whose INVITE has had no answer yet. It may have
// been lost, so that it would be the next one that rings the phone: nothing
// more is sent.
func TestSilence(t *testing.T) {
	t.Parallel()
	far := newDeaf(t)
	h := newHouse(t, carrier(&peer{addr: far.addr})).run(t)
	ctx, cancel, c := h.clear(t)
	placed := make(chan error, 1)
	go func() {
		_, err := h.provider(t).Place(ctx, c, newHeard().leg())
		placed <- err
	}()
	for range 2 { // once, and again after half a second
		if got := far.next(t, 5*time.Second); !strings.HasPrefix(got, "INVITE sip:+14155550123@") {
			t.Fatalf("got %q, want INVITE", got)
		}
	}
	cancel(errRecalled)
	if err := <-placed; !errors.Is(err, errRecalled) {
		t.Errorf("Place: %v; want errRecalled", err)
	}
	if got := far.next(t, 1500*time.Millisecond); got != "" {
		t.Errorf("after the recall: %q", got)
	}
}

// TestLapse gives up to send a call that has had no answer when its clearance
// has lapsed, and does not place another one over a trunk that is silent.
func TestLapse(t *testing.T) {
	t.Parallel()
	far := newDeaf(t)
	h := newHouse(t, carrier(&peer{addr: far.addr})).run(t)
	tr, _ := h.trunk(sandbox, "carrier")
	tr.silent.Store(true)
	ctx, _, c := h.clear(t)
	if _, err := h.provider(t).Place(ctx, c, newHeard().leg()); !errors.Is(err, voice.ErrTrunk) {
		t.Errorf("Place: %v; want ErrTrunk", err)
	}
	if c.Dialed() {
		t.Error("the number was dialed")
	}
	for got := "x"; got != ""; got = far.next(t, 10*time.Millisecond) {
		if strings.HasPrefix(got, "INVITE") {
			t.Errorf("got %q", got)
		}
	}
	h.list.Release(c)
	tr.silent.Store(false)
	if _, err := h.provider(t).Place(ctx, c, newHeard().leg()); !errors.Is(err, voice.ErrLapsed) {
		t.Errorf("Place with a clearance that was released: %v; want ErrLapsed", err)
	}
}

// TestFailover goes on to the next destination where the first has no room, is
// silent or is not there, and never once a phone has rung.
func TestFailover(t *testing.T) {
	t.Parallel()
	t.Run("no room", func(t *testing.T) {
		t.Parallel()
		first := sipp(t, "refuse", "STATUS", "503 Service Unavailable", "REASON", "")
		failsOver(t, first.addr)
	})
	t.Run("silent", func(t *testing.T) {
		t.Parallel()
		failsOver(t, newDeaf(t).addr)
	})
	t.Run("not there", func(t *testing.T) {
		t.Parallel()
		failsOver(t, "nobody.invalid:5060")
	})
	t.Run("has rung", func(t *testing.T) {
		t.Parallel()
		second := newDeaf(t)
		trunk := carrier(sipp(t, "full"))
		trunk.Failover = []string{second.addr}
		h := newHouse(t, trunk).run(t)
		ctx, _, c := h.clear(t)
		got, err := h.provider(t).Place(ctx, c, newHeard().leg())
		if got != voice.Failed || err != nil {
			t.Errorf("Place = %q, %v; want failed", got, err)
		}
		if got := second.next(t, 10*time.Millisecond); got != "" {
			t.Errorf("the second destination got %q", got)
		}
	})
}

// failsOver places a call that is answered at the second destination.
func failsOver(t *testing.T, first string) {
	t.Helper()
	trunk := carrier(&peer{addr: first})
	trunk.Failover = []string{sipp(t, "hangup").addr}
	h := newHouse(t, trunk).run(t)
	ctx, _, c := h.clear(t)
	calls := newHeard()
	if got, err := h.provider(t).Place(ctx, c, calls.leg()); got != voice.Answered || err != nil {
		t.Errorf("Place = %q, %v; want answered", got, err)
	}
	calls.want(t, voice.Ringing, voice.Picked)
}

// TestDressed looks at what an INVITE says: our number, what the carrier wants
// before the contact's, and the way over a proxy.
func TestDressed(t *testing.T) {
	t.Parallel()
	proxy := newDeaf(t)
	trunk := carrier(&peer{addr: "carrier.invalid:5070"})
	trunk.Proxy, trunk.TechPrefix, trunk.Username = proxy.addr, "7001", "acme"
	h := newHouse(t, trunk).run(t)
	ctx, cancel, c := h.clear(t)
	leg := newHeard().leg()
	leg.CallerID = e164.FromUint64(1_202_555_0177)
	go func() { h.provider(t).Place(ctx, c, leg) }()
	got := proxy.next(t, 5*time.Second)
	cancel(errRecalled)
	for _, want := range []string{
		"INVITE sip:700114155550123@carrier.invalid:5070 SIP/2.0\r\n",
		"Route: <sip:" + proxy.addr + ";lr>\r\n",
		"From: <sip:+12025550177@carrier.invalid>;tag=",
		"P-Asserted-Identity: <sip:+12025550177@carrier.invalid>\r\n",
		"Contact: <sip:acme@" + h.Addr() + ">\r\n",
		"Via: SIP/2.0/UDP " + h.Addr() + ";branch=z9hG4bK",
		"Session-Expires: 1800\r\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("INVITE has no %q:\n%s", want, got)
		}
	}
}

// TestFull places no more calls than a trunk may carry.
func TestFull(t *testing.T) {
	t.Parallel()
	trunk := carrier(sipp(t, "ring"))
	trunk.MaxCalls = 1
	h := newHouse(t, trunk).run(t)
	ctx, cancel, c := h.clear(t)
	calls := newHeard()
	placed := make(chan error, 1)
	go func() {
		_, err := h.provider(t).Place(ctx, c, calls.leg())
		placed <- err
	}()
	calls.until(t, voice.Ringing)
	_, _, second := h.clear(t)
	_, err := h.provider(t).Place(t.Context(), second, newHeard().leg())
	if !errors.Is(err, ErrFull) {
		t.Errorf("Place = %v; want ErrFull", err)
	}
	if second.Dialed() {
		t.Error("the number was dialed")
	}
	cancel(errRecalled)
	<-placed
}

// TestRegister registers with a password, and again before the registration
// runs out; SIPp holds the password against its own.
func TestRegister(t *testing.T) {
	t.Parallel()
	far := sipp(t, "register")
	trunk := carrier(far)
	password(&trunk)
	trunk.Register = true
	h := newHouse(t, trunk).run(t)
	if err := far.wait(); err != nil {
		t.Fatalf("SIPp: %v\n%s", err, far.errors())
	}
	tr, _ := h.trunk(sandbox, "carrier")
	if got := tr.registered.get(); got != registered {
		t.Errorf("registration is %q", got)
	}
}

// TestNotRegistered says why a trunk is not registered.
func TestNotRegistered(t *testing.T) {
	t.Parallel()
	far := sipp(t, "register")
	trunk := carrier(far)
	trunk.Username, trunk.Password, trunk.Register = "acme", "wrong", true
	h := newHouse(t, trunk).run(t)
	if err := far.wait(); err != nil {
		t.Fatalf("SIPp: %v\n%s", err, far.errors())
	}
	tr, _ := h.trunk(sandbox, "carrier")
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for range 1000 {
		if tr.registered.get() == "registrar answers 403 Forbidden" {
			return
		}
		<-tick.C
	}
	t.Errorf("registration is %q", tr.registered.get())
}

// TestTest asks a trunk that is there, one that is not, and one that is none.
func TestTest(t *testing.T) {
	t.Parallel()
	h := newHouse(t, carrier(sipp(t, "options"))).run(t)
	got, err := h.Test(t.Context(), sandbox, "carrier")
	if err != nil || !got.OK || got.Code != 200 || got.Registration != "off" || got.Took <= 0 {
		t.Errorf("Test = %+v, %v; want 200", got, err)
	}
	far := newDeaf(t)
	h.Set([]voice.Trunk{carrier(&peer{addr: far.addr})})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if got, err := h.Test(ctx, sandbox, "carrier"); err != nil || got.OK || got.Reason == "" {
		t.Errorf("Test = %+v, %v; want a reason", got, err)
	}
	if _, err := h.Test(t.Context(), sandbox, "other"); !errors.Is(err, voice.ErrNoProvider) {
		t.Errorf("Test of no trunk: %v", err)
	}
}

// TestKnock keeps the way to a registrar open with what means nothing in SIP.
func TestKnock(t *testing.T) {
	t.Parallel()
	far := newDeaf(t)
	h := newHouse(t, carrier(&peer{addr: far.addr})).run(t)
	end, err := h.endpointFor(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	end.knock(netip.AddrPort{})
	end.knock(netip.MustParseAddrPort(far.addr))
	if got := far.next(t, 5*time.Second); got != "\r\n\r\n" {
		t.Errorf("got %q, want an empty line twice", got)
	}
}

// TestRecords calls over a trunk whose name has SRV records: the first host is
// silent, the second takes the call. The name alone stands in the INVITE.
func TestRecords(t *testing.T) {
	t.Parallel()
	first := newDeaf(t)
	second := sipp(t, "hangup")
	trunk := carrier(&peer{addr: "carrier.example"})
	h := newHouse(t, trunk)
	var asked atomic.Int64
	h.srv = func(_ context.Context, service, proto, name string) (string, []*net.SRV, error) {
		asked.Add(1)
		if service != "sip" || proto != "udp" || name != "carrier.example" {
			t.Errorf("asked for _%s._%s.%s", service, proto, name)
		}
		var records []*net.SRV
		for _, addr := range []string{first.addr, second.addr} {
			port := netip.MustParseAddrPort(addr).Port()
			records = append(records, &net.SRV{Target: "localhost.", Port: port})
		}
		return "", records, nil
	}
	h.run(t)
	ctx, _, c := h.clear(t)
	calls := newHeard()
	if got, err := h.provider(t).Place(ctx, c, calls.leg()); got != voice.Answered || err != nil {
		t.Errorf("Place = %q, %v; want answered", got, err)
	}
	calls.want(t, voice.Ringing, voice.Picked)
	if got := first.next(t, time.Second); !strings.HasPrefix(got,
		"INVITE sip:+14155550123@carrier.example SIP/2.0\r\n") {
		t.Errorf("the first host got %q", got)
	}
	before := asked.Load()
	end, err := h.endpointFor(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := end.targets(t.Context(), "UDP", "carrier.example"); len(got) != 2 ||
		asked.Load() != before {
		t.Errorf("targets %q, looked up %d times more", got, asked.Load()-before)
	}
}

// TestTargets goes where records say only by name, and over TLS not to others.
func TestTargets(t *testing.T) {
	t.Parallel()
	records := []*net.SRV{
		{Target: "edge.carrier.example.", Port: 5071},
		{Target: "thief.example.", Port: 5061},
		{Target: ".", Port: 0},
	}
	for _, tt := range []struct{ network, name, want string }{
		{"UDP", "carrier.example", "edge.carrier.example:5071 thief.example:5061"},
		{"TLS", "carrier.example", "edge.carrier.example:5071"},
		{"TLS", "other.example", "other.example"},
		{"UDP", "carrier.example:5060", "carrier.example:5060"},
		{"UDP", "192.0.2.1", "192.0.2.1"},
		{"UDP", "[2001:db8::1]", "[2001:db8::1]"},
	} {
		e := &endpoint{found: make(map[string]found)}
		e.srv = func(_ context.Context, _, _, _ string) (string, []*net.SRV, error) {
			return "", records, nil
		}
		if got := strings.Join(e.targets(t.Context(), tt.network, tt.name), " "); got != tt.want {
			t.Errorf("targets of %s over %s: %s, want %s", tt.name, tt.network, got, tt.want)
		}
	}
}

// TestLostConnection notices that the connection on which we have registered is no
// more, so that we register again: calls come in on it.
func TestLostConnection(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	conns := make(chan net.Conn, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		packet := make([]byte, 65536)
		n, _ := conn.Read(packet)
		_, headers, _ := strings.Cut(string(packet[:n]), "\r\n")
		conn.Write([]byte("SIP/2.0 200 OK\r\n" + headers))
		conns <- conn
	}()
	trunk := carrier(&peer{addr: l.Addr().String()})
	trunk.Transport, trunk.Username = "tcp", "acme"
	h := newHouse(t, trunk).run(t)
	end, err := h.endpointFor(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tr, _ := h.trunk(sandbox, "carrier")
	b := &binding{end: end, trunk: tr, callID: mark(), tag: mark(), stay: usualStay}
	if _, err := b.renew(t.Context()); err != nil || b.lost() {
		t.Fatalf("registered: %v, lost %v", err, b.lost())
	}
	(<-conns).Close()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for range 5000 {
		if b.lost() {
			return
		}
		<-tick.C
	}
	t.Error("nobody noticed")
}
