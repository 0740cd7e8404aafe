package sip

import (
	"context"
	"crypto/tls"
	"strings"
	"testing"

	"nocall/internal/voice"
)

// TestInboundTLS is called over TLS, by one who trusts our certificate, and says
// that it is to be reached there. The sound is encrypted, as the caller asks.
func TestInboundTLS(t *testing.T) {
	t.Parallel()
	der, key, roots := selfSigned(t)
	far := newHouse(t, carrier(&peer{addr: "127.0.0.1:5999"}))
	far.ListenTLS = "127.0.0.1:0"
	far.Server = &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
	}
	calls := newHeard()
	told := make(chan voice.Outcome, 1)
	far.Answer = func(context.Context, voice.Arrival) (voice.Leg, func(voice.Outcome), error) {
		return calls.leg(), func(o voice.Outcome) { told <- o }, nil
	}
	far.run(t)
	end, err := far.endpointFor(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	trunk := carrier(&peer{addr: end.tls.Addr().String()})
	trunk.Transport, trunk.SRTP = "tls", true
	h := newHouse(t, trunk)
	h.TLS = &tls.Config{RootCAs: roots}
	h.run(t)
	ctx, hangUp, c := h.clear(t)
	leg := newHeard().leg()
	hear := leg.Hear
	leg.Hear = func(ctx context.Context, ev voice.Event) (bool, error) {
		if ev.Kind == voice.Picked {
			h.wantContact(t, "sip:", end.tls.Addr().String()+";transport=tls")
			hangUp(errRecalled)
		}
		return hear(ctx, ev)
	}
	h.provider(t).Place(ctx, c, leg)
	if got := <-told; got != voice.Answered {
		t.Errorf("outcome %q, want answered", got)
	}
	calls.want(t, voice.Picked)
}

// wantContact wants the far end of the one call to be reached at an address, and
// its sound encrypted.
func (h *house) wantContact(t *testing.T, scheme, at string) {
	t.Helper()
	end, err := h.endpointFor(t.Context())
	if err != nil {
		t.Error(err)
		return
	}
	end.mu.Lock()
	defer end.mu.Unlock()
	for _, d := range end.dialogs {
		got := d.target.String()
		if !strings.HasPrefix(got, scheme) || !strings.HasSuffix(got, at) {
			t.Errorf("far end is at %q, want %s…%s", got, scheme, at)
		}
		if !d.session.Encrypted() {
			t.Error("the sound is not encrypted")
		}
		return
	}
	t.Error("no call")
}
