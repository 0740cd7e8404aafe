package sip

import (
	"context"
	"fmt"
	"net"
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
	end.unmet.Add(maxUnmet - 1)
	conn, err := net.Dial("udp", h.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	caller := &flood{conn: conn}
	caller.want(t, caller.invite(t, 1), "200")
	caller.want(t, caller.invite(t, 2), "503")
	end.unmet.Add(1 - maxUnmet)
	caller.want(t, caller.invite(t, 3), "200")
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
