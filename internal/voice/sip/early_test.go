package sip

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"nocall/internal/voice"
	"nocall/internal/voice/sip/media"
)

// TestEarlySound has the agent's side say something before it is busy: the contact
// hears it in place of ringback, and is hung up.
func TestEarlySound(t *testing.T) {
	t.Parallel()
	heard := make(chan struct{})
	far := person(t, func(_ context.Context, _ *media.Session, frames <-chan []byte) {
		until(t, frames, speech)
		close(heard)
		for range frames {
		}
	})
	h := dialer(t, far, nil).run(t)
	agent := newDeaf(t)
	go func() {
		invite := agent.next(t, 5*time.Second)
		sound := saysEarly(t, invite)
		defer sound.Close()
		agent.replies(t, h, invite, "183 Session Progress", sound.sdp)
		<-heard
		agent.replies(t, h, invite, "486 Busy Here", "")
	}()
	ctx, _, c := h.clear(t)
	leg := newHeard().leg()
	leg.Agent = voice.Agent{Kind: voice.Bridged, Address: "sip:agent@" + agent.addr}
	if got, err := h.provider(t).Place(ctx, c, leg); got != voice.Answered ||
		!errors.Is(err, voice.ErrAgent) {
		t.Errorf("Place = %q, %v; want answered and ErrAgent", got, err)
	}
}

// speaking is a session that speaks, and its answer to the offer it was made for.
type speaking struct {
	*media.Session
	sdp string
}

// saysEarly speaks to whom an INVITE comes from.
func saysEarly(t *testing.T, invite string) speaking {
	t.Helper()
	_, offer, _ := strings.Cut(invite, "\r\n\r\n")
	loopback := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	s, err := media.Open(loopback, media.Ports{Low: 25400, High: 25998})
	if err != nil {
		t.Error(err)
		return speaking{}
	}
	answer, err := s.Answer([]byte(offer))
	if err != nil {
		t.Error(err)
	}
	for frame := range slices.Chunk(tone(speech, 2*time.Second), voice.FrameBytes) {
		s.Play(frame)
	}
	return speaking{s, string(answer)}
}

// replies answers an INVITE of h.
func (d *deaf) replies(t *testing.T, h *house, invite, status, sdp string) {
	t.Helper()
	to, err := net.ResolveUDPAddr("udp", h.Addr())
	if err != nil {
		t.Error(err)
		return
	}
	answer := "SIP/2.0 " + status + "\r\n"
	headers, _, _ := strings.Cut(invite, "\r\n\r\n")
	for line := range strings.SplitSeq(headers, "\r\n") {
		name, _, _ := strings.Cut(line, ":")
		switch name {
		case "To":
			answer += line + ";tag=1\r\n"
		case "Via", "From", "Call-ID", "CSeq":
			answer += line + "\r\n"
		}
	}
	if sdp != "" {
		answer += "Content-Type: application/sdp\r\n"
	}
	if _, err := d.WriteTo([]byte(answer+"\r\n"+sdp), to); err != nil {
		t.Error(err)
	}
}
