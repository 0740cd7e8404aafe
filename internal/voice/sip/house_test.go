package sip

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/voice"
	"nocall/internal/voice/sip/media"
)

const sandbox = dnc.Environment("sandbox")

var contact = e164.FromUint64(1_415_555_0123)

// clearIndex is an index of an empty list.
type clearIndex struct{ dnc.Index }

func (clearIndex) Contains(dnc.Environment, e164.Number) (bool, int64, error) {
	return false, 1, nil
}

func (clearIndex) Apply(dnc.Event) {}

// house is trunks at work, and a list on which nothing stands.
type house struct {
	*Trunks
	list *dnc.List
	log  *logged
}

// logged keeps what is logged.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// newHouse runs trunks on a free port. Nothing that they log may name a number.
func newHouse(t testing.TB, trunks ...voice.Trunk) *house {
	t.Helper()
	h := &house{list: &dnc.List{Index: clearIndex{}}, log: new(logged)}
	h.Trunks = &Trunks{
		Listen: "127.0.0.1:0", Ports: media.Ports{Low: 25400, High: 25998},
		Log: slog.New(slog.NewTextHandler(h.log, nil)),
	}
	h.Set(trunks)
	return h
}

// run begins the work, which ends with the test.
func (h *house) run(t testing.TB) *house {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- h.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ran; err != nil {
			t.Error(err)
		}
		if strings.Contains(h.log.String(), "1415555") {
			t.Errorf("a number was logged:\n%s", h.log)
		}
	})
	if _, err := h.endpointFor(ctx); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) provider(t testing.TB) voice.Provider {
	t.Helper()
	p, ok := h.Provider(sandbox, "carrier")
	if !ok {
		t.Fatal("no such trunk")
	}
	return p
}

// carrier is a trunk at a SIPp.
func carrier(to *peer) voice.Trunk {
	return voice.Trunk{
		Environment: sandbox, Name: "carrier", Kind: voice.SIP, Address: to.addr,
		Transport: "udp", CallerID: e164.FromUint64(1_202_555_0100),
	}
}

var errRecalled = errors.New("recalled")

// heard keeps what happens on a call.
type heard struct {
	mu     sync.Mutex
	events []voice.Event
	tell   chan voice.EventKind
	optOut bool // whether a key opts out
}

func newHeard() *heard { return &heard{tell: make(chan voice.EventKind, 100)} }

func (h *heard) hear(_ context.Context, ev voice.Event) (bool, error) {
	h.mu.Lock()
	h.events = append(h.events, ev)
	h.mu.Unlock()
	h.tell <- ev.Kind
	return h.optOut && (ev.Kind == voice.Pressed || ev.Kind == voice.Said), nil
}

func (h *heard) kinds() []voice.EventKind {
	h.mu.Lock()
	defer h.mu.Unlock()
	var kinds []voice.EventKind
	for _, ev := range h.events {
		kinds = append(kinds, ev.Kind)
	}
	return kinds
}

func (h *heard) leg() voice.Leg {
	return voice.Leg{CallID: "c1", Environment: sandbox, Detection: true, Hear: h.hear}
}

// until waits for an event of a kind.
func (h *heard) until(t testing.TB, kind voice.EventKind) {
	t.Helper()
	late := time.After(10 * time.Second)
	for {
		select {
		case k := <-h.tell:
			if k == kind {
				return
			}
		case <-late:
			t.Fatalf("no event %s, only %v", kind, h.kinds())
		}
	}
}

func (h *heard) want(t testing.TB, kinds ...voice.EventKind) {
	t.Helper()
	if got := h.kinds(); !slices.Equal(got, kinds) {
		t.Errorf("events %v, want %v", got, kinds)
	}
}

// clear gives leave to call the contact, and the context of that call.
func (h *house) clear(t testing.TB) (context.Context, context.CancelCauseFunc, dnc.Clearance) {
	t.Helper()
	ctx, cancel := context.WithCancelCause(context.Background())
	t.Cleanup(func() { cancel(nil) })
	c, err := h.list.Clear(sandbox, contact, time.Now(), func() { cancel(errRecalled) })
	if err != nil {
		t.Fatal(err)
	}
	return ctx, cancel, c
}

// peer is a SIPp that plays a scenario.
type peer struct {
	addr string
	done chan error
	dir  string
}

// sipp starts a SIPp that plays a scenario of testdata once, with words in it
// replaced. It fails the test if the scenario is not played to its end.
func sipp(t testing.TB, scenario string, replace ...string) *peer {
	t.Helper()
	return sippWith(t, scenario, []string{"-m", "1"}, replace...)
}

func sippWith(t testing.TB, scenario string, args []string, replace ...string) *peer {
	t.Helper()
	p := startSIPp(t, scenario, args, replace...)
	t.Cleanup(func() {
		if err := p.wait(); err != nil && !t.Failed() {
			t.Errorf("SIPp, %s: %v\n%s\n%s", scenario, err, p.errors(), p.messages())
		}
	})
	return p
}

func startSIPp(t testing.TB, scenario string, args []string, replace ...string) *peer {
	t.Helper()
	sipp, err := exec.LookPath("sipp")
	if err != nil {
		t.Skip("SIPp is missing: apt-get install sip-tester (or scripts/tools)")
	}
	text, err := os.ReadFile(filepath.Join("testdata", scenario+".xml"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, scenario+".xml")
	played := strings.NewReplacer(replace...).Replace(string(text))
	if err := os.WriteFile(file, []byte(played), 0o600); err != nil {
		t.Fatal(err)
	}
	port, sound := signalPorts.next(t), soundPorts.next(t)
	args = append([]string{
		"-sf", file, "-i", "127.0.0.1", "-p", strconv.Itoa(port), "-mp", strconv.Itoa(sound),
		"-nostdin", "-timeout", "25", "-timeout_error", "-trace_err", "-trace_msg",
		"-buff_size", "4194304",
	}, args...)
	p := &peer{
		addr: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)),
		done: make(chan error, 1), dir: dir,
	}
	cmd := exec.Command(sipp, args...)
	cmd.Dir = dir
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	go func() { p.done <- cmd.Wait() }()
	p.listens(t, port)
	return p
}

// listens waits until SIPp has its port. To try the port might take it away.
func (p *peer) listens(t testing.TB, port int) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	want := fmt.Sprintf("0100007F:%04X ", port)
	for range 2000 {
		udp, err := os.ReadFile("/proc/net/udp")
		if err != nil {
			t.Skip("tests with SIPp want Linux's /proc/net/udp")
		}
		tcp, _ := os.ReadFile("/proc/net/tcp")
		if bytes.Contains(append(udp, tcp...), []byte(want)) {
			return
		}
		select {
		case err := <-p.done: // one that calls us may be at its end
			p.done <- err
			return
		case <-tick.C:
		}
	}
	t.Fatal("SIPp does not listen")
}

// wait waits until the scenario has been played.
func (p *peer) wait() error {
	select {
	case err := <-p.done:
		p.done <- err
		return err
	case <-time.After(30 * time.Second):
		return errors.New("still at it")
	}
}

// errors returns what SIPp had to say of a failure.
func (p *peer) errors() string { return p.trace("*_errors.log") }

// messages returns what went to and fro.
func (p *peer) messages() string { return p.trace("*_messages.log") }

func (p *peer) trace(pattern string) string {
	names, _ := filepath.Glob(filepath.Join(p.dir, pattern))
	var all strings.Builder
	for _, name := range names {
		text, _ := os.ReadFile(name)
		all.Write(text)
	}
	return all.String()
}

// ports are given to one SIPp after another, from below those that the system
// gives out itself.
type ports struct {
	low, count, step int
	given            atomic.Int64
}

var (
	signalPorts = &ports{low: 25060, count: 140, step: 1}
	soundPorts  = &ports{low: 25200, count: 50, step: 4}
)

// next returns a port that is free, also for TCP, and no other test's until this
// one has ended, in whatever process: SIPp opens it only later. Whose it is says
// a socket of that port on another address of this machine.
func (p *ports) next(t testing.TB) int {
	t.Helper()
	p.given.CompareAndSwap(0, rand.Int64N(int64(p.count)))
	for range p.count {
		port := p.low + int(p.given.Add(1))%p.count*p.step
		ours, err := net.ListenPacket("udp4", net.JoinHostPort("127.0.0.2", strconv.Itoa(port)))
		if err != nil {
			continue
		}
		t.Cleanup(func() { ours.Close() })
		udp, tcp, err := sockets(net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			udp.Close()
			tcp.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}
