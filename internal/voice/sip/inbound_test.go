package sip

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"nocall/internal/voice"
)

// TestInbound takes in a call from a number that is listed: nobody asks.
func TestInbound(t *testing.T) {
	t.Parallel()
	h := newHouse(t, carrier(&peer{addr: "127.0.0.1:5999"}))
	calls := newHeard()
	told := make(chan voice.Outcome, 1)
	h.Answer = func(_ context.Context, a voice.Arrival) (voice.Leg, func(voice.Outcome), error) {
		if a.Trunk != "carrier" || a.Environment != sandbox || a.Caller != contact ||
			a.Called.String() != "+12025550100" {
			t.Errorf("arrival %+v", a)
		}
		return calls.leg(), func(o voice.Outcome) { told <- o }, nil
	}
	h.run(t)
	sippWith(t, "inbound", []string{"-m", "1", h.Addr()},
		"CALLED", "+12025550100", "CALLER", "+14155550123")
	select {
	case got := <-told:
		if got != voice.Answered {
			t.Errorf("outcome %q, want answered", got)
		}
	case <-time.After(20 * time.Second):
		t.Error("the call did not end")
	}
	calls.want(t, voice.Picked)
}

// TestTurnedAway turns away who is no trunk of ours, and who calls a number that
// is not ours.
func TestTurnedAway(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ code, trunk string }{
		{"404", "127.0.0.1:5999"},
		{"403", "192.0.2.1:5060"},
	} {
		t.Run(tt.code, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, carrier(&peer{addr: tt.trunk}))
			h.Answer = func(
				context.Context, voice.Arrival,
			) (voice.Leg, func(voice.Outcome), error) {
				return voice.Leg{}, nil, voice.ErrNoNumber
			}
			h.run(t)
			sippWith(t, "turned", []string{"-m", "1", h.Addr()},
				"CALLED", "+12025550100", "CALLER", "+14155550123", "CODE", tt.code)
		})
	}
}

// TestTransports places a call over TCP and over TLS, and is hung up on.
func TestTransports(t *testing.T) {
	t.Parallel()
	for _, transport := range []string{"tcp", "tls"} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			far := sippWith(t, "hangup", []string{"-m", "1", "-t", "t1"})
			trunk := carrier(far)
			trunk.Transport = transport
			h := newHouse(t, trunk)
			if transport == "tls" {
				trunk.Address, h.TLS = wrapped(t, far.addr)
				h.Set([]voice.Trunk{trunk})
			}
			h.run(t)
			ctx, _, c := h.clear(t)
			calls := newHeard()
			got, err := h.provider(t).Place(ctx, c, calls.leg())
			if got != voice.Answered || err != nil {
				t.Errorf("Place = %q, %v; want answered", got, err)
			}
			calls.want(t, voice.Ringing, voice.Picked)
		})
	}
}

// TestStranger does not speak to a far end whose certificate is not trusted.
func TestStranger(t *testing.T) {
	t.Parallel()
	trunk := carrier(&peer{})
	trunk.Transport = "tls"
	trunk.Address, _ = wrapped(t, "127.0.0.1:9")
	h := newHouse(t, trunk).run(t)
	ctx, _, c := h.clear(t)
	if _, err := h.provider(t).Place(ctx, c, newHeard().leg()); !errors.Is(err, voice.ErrTrunk) {
		t.Errorf("Place: %v; want ErrTrunk", err)
	}
	if c.Dialed() {
		t.Error("the number was dialed")
	}
}

// selfSigned makes a certificate for this machine, and who trusts it.
func selfSigned(t *testing.T) (der []byte, key *ecdsa.PrivateKey, roots *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err = x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots = x509.NewCertPool()
	roots.AddCert(certificate)
	return der, key, roots
}

// wrapped puts TLS in front of an address that speaks TCP, and returns where,
// and who trusts it.
func wrapped(t *testing.T, to string) (string, *tls.Config) {
	t.Helper()
	der, key, roots := selfSigned(t)
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go join(conn, to)
		}
	}()
	return l.Addr().String(), &tls.Config{RootCAs: roots}
}

func join(conn net.Conn, to string) {
	defer conn.Close()
	far, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer far.Close()
	go func() {
		io.Copy(far, conn)
		far.Close()
	}()
	io.Copy(conn, far)
}

// TestDies notices that the far end of a call is no more: SIPp goes away once
// it has answered.
func TestDies(t *testing.T) {
	t.Parallel()
	h := newHouse(t, carrier(sipp(t, "dies"))).run(t)
	ctx, _, c := h.clear(t)
	got, err := h.provider(t).Place(ctx, c, newHeard().leg())
	if got != voice.Answered || err != nil {
		t.Errorf("Place = %q, %v; want answered", got, err)
	}
}

// TestNonsense hears what no far end should say, from one that is a trunk of
// ours and in answer to a call, and goes on.
func TestNonsense(t *testing.T) {
	t.Parallel()
	far := newDeaf(t)
	h := newHouse(t, carrier(&peer{addr: far.addr}))
	h.Ring = 500 * time.Millisecond
	h.run(t)
	to, err := net.ResolveUDPAddr("udp", h.Addr())
	if err != nil {
		t.Fatal(err)
	}
	ctx, _, c := h.clear(t)
	placed := make(chan struct{})
	go func() {
		defer close(placed)
		h.provider(t).Place(ctx, c, newHeard().leg())
	}()
	invite := far.next(t, 5*time.Second)
	for _, text := range nonsense(invite) {
		if _, err := far.WriteTo([]byte(text), to); err != nil {
			t.Fatal(err)
		}
	}
	<-placed
	for far.next(t, 10*time.Millisecond) != "" {
	}
	far.WriteTo([]byte("OPTIONS sip:us SIP/2.0\r\nVia: SIP/2.0/UDP "+far.addr+
		";branch=z9hG4bK1;rport\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\n"+
		"Call-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n"), to)
	for {
		got := far.next(t, 5*time.Second)
		if strings.HasPrefix(got, "SIP/2.0 200") && strings.Contains(got, "CSeq: 1 OPTIONS") {
			return
		}
		if got == "" {
			t.Fatal("no answer to OPTIONS")
		}
	}
}

// nonsense is what a broken far end may send in answer to an INVITE.
func nonsense(invite string) []string {
	_, headers, _ := strings.Cut(invite, "\r\n")
	headers, _, _ = strings.Cut(headers, "\r\n\r\n")
	var texts []string
	for _, line := range []string{
		"SIP/2.0 180", "SIP/2.0 199 \x00\x01", "SIP/2.0 -1 x", "SIP/2.0 99999 x", "SIP/9.9 180 x",
		"SIP/2.0 100 Trying", "BYE sip:x SIP/2.0", "ACK sip:x SIP/2.0", "CANCEL sip:x SIP/2.0",
		"UPDATE sip:x SIP/2.0", "INFO sip:x SIP/2.0", "INVITE sip:x SIP/2.0", "INVITE x SIP/2.0",
		"NOTIFY sip:x SIP/2.0", "REFER sip:x SIP/2.0", "\x00\x00", "GET / HTTP/1.1",
	} {
		texts = append(texts, line+"\r\n"+headers+"\r\n\r\n", line+"\r\n\r\n", line)
		for name := range strings.SplitSeq("Via From To Call-ID CSeq Contact", " ") {
			var kept []string
			for h := range strings.SplitSeq(headers, "\r\n") {
				if !strings.HasPrefix(h, name+":") {
					kept = append(kept, h)
				}
			}
			texts = append(texts, line+"\r\n"+strings.Join(kept, "\r\n")+"\r\n\r\n",
				line+"\r\n"+strings.Join(kept, "\r\n")+"\r\n"+name+": \xff;;=<>\r\n\r\n")
		}
	}
	return append(texts, strings.Repeat("A", 60000), "\r\n\r\n",
		"SIP/2.0 200 OK\r\nContent-Length: -5\r\n\r\n")
}
