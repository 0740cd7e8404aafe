package sip

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"nocall/internal/voice"
)

// TestFlood takes in so many calls that nobody acknowledges, and no more; and
// more once they are.
func TestFlood(t *testing.T) {
	t.Parallel()
	h := newHouse(t, carrier(&peer{addr: "127.0.0.1:5999"}))
	h.Answer = func(context.Context, voice.Arrival) (voice.Leg, func(voice.Outcome), error) {
		return newHeard().leg(), nil, nil
	}
	h.run(t)
	end, err := h.endpointFor(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	others := netip.MustParseAddr("192.0.2.1")
	var met []func()
	for range 2*mostOfOne - 1 {
		leave, ok := end.unmet.wait(others)
		if !ok {
			others = others.Next()
			leave, _ = end.unmet.wait(others)
		}
		met = append(met, leave)
	}
	conn, err := net.Dial("udp", h.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	caller := &flood{conn: conn}
	caller.want(t, caller.invite(t, 1), "200")
	caller.want(t, caller.invite(t, 2), "503")
	for _, leave := range met {
		leave()
		leave() // counts once
	}
	caller.want(t, caller.invite(t, 3), "200")
}

// TestCrowd lets others be answered though one address takes all the places that
// it gets, and gives those back soon.
func TestCrowd(t *testing.T) {
	t.Parallel()
	h := newHouse(t, carrier(&peer{addr: "127.0.0.1:5999"}))
	ended := make(chan voice.Outcome, crowd+2)
	h.Answer = func(context.Context, voice.Arrival) (voice.Leg, func(voice.Outcome), error) {
		return newHeard().leg(), func(o voice.Outcome) { ended <- o }, nil
	}
	h.run(t)
	end, err := h.endpointFor(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("udp", h.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	began, caller := time.Now(), &flood{conn: conn}
	for n := range crowd + 2 {
		caller.want(t, caller.invite(t, n), "200")
	}
	for range 2 { // the first ones: then it is no crowd any more
		if got := <-ended; got != voice.Failed {
			t.Errorf("call ended as %q, want failed", got)
		}
	}
	if took := time.Since(began); took > 2*crowdLife {
		t.Errorf("took %s, want about %s", took, crowdLife)
	}
	one := netip.MustParseAddr("192.0.2.1")
	for range mostOfOne {
		if _, ok := end.unmet.wait(one); !ok {
			t.Fatal("no place")
		}
	}
	if _, ok := end.unmet.wait(one); ok {
		t.Error("one address takes more than its places")
	}
	if _, ok := end.unmet.wait(one.Next()); !ok {
		t.Error("another address gets no place")
	}
}

// flood is a caller who acknowledges nothing.
type flood struct{ conn net.Conn }

// invite calls, and returns the Call-ID.
func (f *flood) invite(t *testing.T, n int) string {
	t.Helper()
	id, at := fmt.Sprintf("flood-%d", n), f.conn.LocalAddr()
	_, err := fmt.Fprintf(f.conn, "INVITE sip:+12025550100@%s SIP/2.0\r\n"+
		"Via: SIP/2.0/UDP %s;branch=z9hG4bK%s;rport\r\n"+
		"From: <sip:+14155550123@%s>;tag=%s\r\nTo: <sip:+12025550100@%[1]s>\r\n"+
		"Call-ID: %[3]s\r\nCSeq: 1 INVITE\r\nContact: <sip:x@%[2]s>\r\nMax-Forwards: 70\r\n"+
		"Content-Length: 0\r\n\r\n", f.conn.RemoteAddr(), at, id, at, id)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// want reads answers until there is one to the call, and holds it against code.
func (f *flood) want(t *testing.T, call, code string) {
	t.Helper()
	f.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	buf := make([]byte, 1<<16)
	for {
		n, err := f.conn.Read(buf)
		if err != nil {
			t.Fatalf("call %s is not answered: %v", call, err)
		}
		answer := string(buf[:n])
		if !strings.Contains(answer, "Call-ID: "+call+"\r\n") ||
			strings.HasPrefix(answer, "SIP/2.0 100") {
			continue
		}
		if !strings.HasPrefix(answer, "SIP/2.0 "+code+" ") {
			t.Errorf("call %s: %.30q, want %s", call, answer, code)
		}
		return
	}
}
