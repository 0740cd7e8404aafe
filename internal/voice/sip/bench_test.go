package sip

import (
	"context"
	"errors"
	"net"
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
)

// ringer is a far end whose phones ring for ever, and which notes when each
// CANCEL arrives.
type ringer struct {
	deaf
	mu       sync.Mutex
	canceled map[string]time.Time // by number
	rings    chan struct{}
	cancels  chan struct{}
}

func newRinger(b testing.TB) *ringer {
	r := &ringer{
		deaf:     *newDeaf(b),
		canceled: make(map[string]time.Time),
		rings:    make(chan struct{}, 10000), cancels: make(chan struct{}, 10000),
	}
	enlarge(r.UDPConn)
	go r.serve()
	return r
}

func (r *ringer) serve() {
	packet := make([]byte, 65536)
	for {
		n, from, err := r.ReadFromUDP(packet)
		if err != nil {
			return
		}
		at := time.Now()
		text := string(packet[:n])
		line, headers, _ := strings.Cut(text, "\r\n")
		headers, _, _ = strings.Cut(headers, "\r\n\r\n")
		method, rest, _ := strings.Cut(line, " ")
		headers = strings.Replace(headers, "\r\nTo: ", "\r\nTo: ;tag=1", 1)
		headers = strings.Replace(headers, ";tag=1<", "<", 1)
		switch method {
		case "INVITE":
			r.answer("180 Ringing", headers, from)
			r.rings <- struct{}{}
		case "CANCEL":
			number, _, _ := strings.Cut(strings.TrimPrefix(rest, "sip:"), "@")
			r.mu.Lock()
			r.canceled[number] = at
			r.mu.Unlock()
			r.cancels <- struct{}{}
			r.answer("200 OK", headers, from)
			r.answer("487 Request Terminated", strings.Replace(headers, "CSeq: 1 CANCEL",
				"CSeq: 1 INVITE", 1), from)
		}
	}
}

func (r *ringer) answer(status, headers string, to *net.UDPAddr) {
	var kept []string
	for h := range strings.SplitSeq(headers, "\r\n") {
		for _, name := range []string{"Via:", "From:", "To:", "Call-ID:", "CSeq:"} {
			if strings.HasPrefix(h, name) {
				kept = append(kept, h)
			}
		}
	}
	r.WriteToUDP([]byte("SIP/2.0 "+status+"\r\n"+strings.Join(kept, "\r\n")+"\r\n\r\n"), to)
}

// BenchmarkRecall lists numbers whose phones ring, all at once, and says how
// long it took until their CANCELs had arrived: from the listing on, which
// includes the list's own work.
func BenchmarkRecall(b *testing.B) {
	const calls = 200
	var took []time.Duration
	for b.Loop() {
		took = append(took, recallAll(b, calls)...)
	}
	slices.Sort(took)
	b.ReportMetric(ms(took[len(took)/2]), "p50-ms")
	b.ReportMetric(ms(took[len(took)*99/100]), "p99-ms")
	b.ReportMetric(ms(took[len(took)-1]), "max-ms")
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// recallAll places calls, lists each number a millisecond after the other, as
// people do not opt out all at once, and returns how long each CANCEL took.
func recallAll(b testing.TB, calls int) []time.Duration {
	far := newRinger(b)
	ctx, stop := context.WithCancel(context.Background())
	h := newHouse(b, carrier(&peer{addr: far.addr}))
	ran := make(chan struct{})
	go func() { defer close(ran); h.Run(ctx) }()
	defer func() { stop(); <-ran }()
	p := h.provider(b)
	var placed sync.WaitGroup
	for i := range calls {
		ctx, cancel := context.WithCancelCause(context.Background())
		n := e164.FromUint64(1_415_555_0000 + uint64(i))
		c, err := h.list.Clear(sandbox, n, time.Now(), func() { cancel(errRecalled) })
		if err != nil {
			b.Fatal(err)
		}
		placed.Go(func() {
			if _, err := p.Place(ctx, c, newHeard().leg()); !errors.Is(err, errRecalled) {
				b.Errorf("Place: %v", err)
			}
		})
	}
	for range calls {
		<-far.rings
	}
	listed := make(map[string]time.Time)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for i := range calls {
		<-tick.C
		n := e164.FromUint64(1_415_555_0000 + uint64(i))
		listed[n.String()] = time.Now()
		h.list.Apply([]dnc.Event{{
			Kind: dnc.Added, Environment: sandbox, Number: n, Revision: int64(i + 2),
		}})
	}
	placed.Wait()
	for range calls {
		select {
		case <-far.cancels:
		case <-time.After(5 * time.Second):
		}
	}
	far.mu.Lock()
	defer far.mu.Unlock()
	var took []time.Duration
	for n, at := range listed {
		canceled, ok := far.canceled[n]
		if !ok {
			b.Errorf("no CANCEL for %s", n)
			continue
		}
		took = append(took, canceled.Sub(at))
	}
	return took
}

// TestRecallAll sees to it that each of many calls is recalled.
func TestRecallAll(t *testing.T) {
	took := recallAll(t, 50)
	slices.Sort(took)
	t.Logf("from the listing to CANCEL: p50 %v, most %v", took[len(took)/2], took[len(took)-1])
}

// BenchmarkSetUps sets up 200 calls a second through SIPp for some seconds,
// each answered and hung up after a second.
func BenchmarkSetUps(b *testing.B) {
	const aSecond, seconds = 200, 5
	total := aSecond * seconds
	for b.Loop() {
		far := startSIPp(b, "answer", []string{"-m", strconv.Itoa(total)})
		failed := setUp(b, far, aSecond, total)
		if err := far.wait(); err != nil {
			b.Errorf("SIPp: %v", err)
		}
		b.ReportMetric(float64(failed), "failed")
		b.ReportMetric(float64(total), "calls")
	}
}

func setUp(b *testing.B, far *peer, aSecond, total int) int64 {
	ctx, stop := context.WithCancel(context.Background())
	h := newHouse(b, carrier(far))
	h.Ports.Low, h.Ports.High = 16384, 32766
	ran := make(chan struct{})
	go func() { defer close(ran); h.Run(ctx) }()
	defer func() { stop(); <-ran }()
	p := h.provider(b)
	var failed atomic.Int64
	var placed sync.WaitGroup
	began := time.Now()
	for i := range total {
		<-time.After(time.Until(began.Add(time.Duration(i) * time.Second / time.Duration(aSecond))))
		placed.Go(func() {
			if !oneSetUp(h, p, e164.FromUint64(1_415_000_0000+uint64(i))) {
				failed.Add(1)
			}
		})
	}
	b.ReportMetric(float64(total)/time.Since(began).Seconds(), "calls/s")
	placed.Wait()
	return failed.Load()
}

func oneSetUp(h *house, p voice.Provider, n e164.Number) bool {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	c, err := h.list.Clear(sandbox, n, time.Now(), nil)
	if err != nil {
		return false
	}
	defer h.list.Release(c)
	picked := false
	leg := voice.Leg{Environment: sandbox}
	leg.Hear = func(_ context.Context, ev voice.Event) (bool, error) {
		if ev.Kind == voice.Picked {
			picked = true
			time.AfterFunc(time.Second, func() { cancel(errRecalled) })
		}
		return false, nil
	}
	_, err = p.Place(ctx, c, leg)
	return picked && errors.Is(err, errRecalled)
}
