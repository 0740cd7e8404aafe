package sip

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"nocall/internal/e164"
	"nocall/internal/voice"
)

// startCarrier starts the carrier that the manual offers for trying trunks.
func startCarrier(t *testing.T) *peer {
	t.Helper()
	if _, err := exec.LookPath("sipp"); err != nil {
		t.Skip("SIPp is missing: apt-get install sip-tester (or scripts/tools)")
	}
	port, sound := signalPorts.next(t), soundPorts.next(t)
	cmd := exec.Command("../../../scripts/carrier",
		"-p", strconv.Itoa(port), "-mp", strconv.Itoa(sound))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
	})
	p := &peer{addr: "127.0.0.1:" + strconv.Itoa(port)}
	p.listens(t, port)
	return p
}

// TestCarrier calls the phones of the carrier. They behave as the simulator's.
func TestCarrier(t *testing.T) {
	trunk := carrier(startCarrier(t))
	trunk.Unwanted = true
	h := newHouse(t, trunk).run(t)
	if got, err := h.Test(t.Context(), sandbox, "carrier"); err != nil || !got.OK {
		t.Errorf("Test = %+v, %v", got, err)
	}
	for _, tt := range []struct {
		digits  uint64
		want    voice.Outcome
		recall  voice.EventKind // what we wait for before we hang up
		presses bool
	}{
		{digits: 1, recall: voice.Picked},
		{digits: 55, want: voice.Answered, presses: true},
		{digits: 69, want: voice.Answered, presses: true},
		{digits: 70, want: voice.Busy},
		{digits: 85, recall: voice.Ringing},
		{digits: 94, want: voice.Refused},
		{digits: 95, want: voice.Unwanted},
		{digits: 96, want: voice.Failed},
	} {
		t.Run(strconv.FormatUint(tt.digits, 10), func(t *testing.T) {
			t.Parallel()
			if tt.presses && os.Getuid() != 0 {
				t.Skip("SIPp sends keys as root only")
			}
			ctx, hangUp := context.WithCancelCause(t.Context())
			defer hangUp(nil)
			number := e164.FromUint64(1_415_555_0100 + tt.digits)
			c, err := h.list.Clear(sandbox, number, time.Now(), func() { hangUp(errRecalled) })
			if err != nil {
				t.Fatal(err)
			}
			calls := newHeard()
			calls.optOut = true
			trunk := h.provider(t)
			over := make(chan struct{})
			var got voice.Outcome
			go func() {
				defer close(over)
				got, err = trunk.Place(ctx, c, calls.leg())
			}()
			if tt.recall != "" {
				calls.until(t, tt.recall)
				hangUp(errRecalled)
			}
			<-over
			if got != tt.want || tt.recall != "" && !errors.Is(err, errRecalled) {
				t.Errorf("Place = %q, %v; want %q", got, err, tt.want)
			}
			if tt.presses {
				calls.want(t, voice.Ringing, voice.Picked, voice.Pressed)
			}
		})
	}
}
