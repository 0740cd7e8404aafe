package dialer_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dialer"
	"nocall/internal/dnc"
	"nocall/internal/voice"
)

// TestLeftOpen starts on the calls that a process left open when it was killed:
// they are ended and not dialed again.
func TestLeftOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		calls := []struct {
			id        string
			direction voice.Direction
			provider  string
			status    voice.Status
			want      voice.Status
			how       campaign.Disposition
		}{
			{"a", voice.Outbound, "simulator", voice.Queued, voice.Ended, campaign.Failed},
			{"b", voice.Outbound, "simulator", voice.IsRinging, voice.Ended, campaign.Failed},
			{"c", voice.Outbound, "simulator", voice.InProgress, voice.Ended, campaign.Answered},
			{"d", voice.Outbound, "external", voice.Queued, voice.Ended, campaign.Failed},
			{"e", voice.Outbound, "external", voice.IsRinging, voice.IsRinging, ""}, // by others
			{"f", voice.Inbound, "external", voice.InProgress, voice.InProgress, ""},
			{"g", voice.Inbound, "trunk", voice.InProgress, voice.Ended, campaign.Answered},
		}
		for _, c := range calls {
			err := h.store.AddCall(t.Context(), voice.Call{
				ID: c.id, Environment: sandbox, Direction: c.direction, Number: contact(4),
				Provider: c.provider, Status: c.status, StartedAt: time.Now().Add(-time.Minute),
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		now := h.place(t, request(80)) // placed before the first look at what is open
		h.keep(t)
		<-time.After(time.Second)
		for _, c := range calls {
			h.want(t, c.id, c.want, c.how, "")
		}
		h.want(t, now.ID, voice.IsRinging, "", "")
		<-time.After(time.Minute)
		h.want(t, now.ID, voice.Ended, campaign.NoAnswer, "")
		if h.rings() != 1 {
			t.Errorf("%d phones rang, want the one that was asked for", h.rings())
		}
	})
}

// TestEndNotKept shows that a call whose end could not be written, however
// often that was tried, is ended later.
func TestEndNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.keep(t)
		call := h.place(t, request(80))
		<-time.After(10 * time.Second)
		h.store.broken.Store(true)
		<-time.After(time.Minute)
		h.store.broken.Store(false)
		h.want(t, call.ID, voice.IsRinging, "", "")
		if !strings.Contains(h.log.String(), "end of call not kept") {
			t.Error("nobody was told")
		}
		<-time.After(time.Hour)
		h.want(t, call.ID, voice.Ended, campaign.Failed, "")
	})
}

// TestShutdown shows that the dialer hangs up and waits for its calls, and
// places none afterwards.
func TestShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		ringing, talking := h.place(t, request(80)), h.place(t, request(4))
		<-time.After(10 * time.Second)
		begin := time.Now()
		h.stop(t)
		if took := time.Since(begin); took != 0 || h.Active(sandbox) != 0 {
			t.Errorf("%d calls left after %v, want none at once", h.Active(sandbox), took)
		}
		h.want(t, ringing.ID, voice.Ended, campaign.Failed, "")
		h.want(t, talking.ID, voice.Ended, campaign.Answered, "")

		if _, err := h.Place(t.Context(), request(5)); !errors.Is(err, dialer.ErrClosed) {
			t.Errorf("Place = %v, want ErrClosed", err)
		}
		_, _, err := h.PlaceExternal(t.Context(), request(5))
		if !errors.Is(err, dialer.ErrClosed) {
			t.Errorf("PlaceExternal = %v, want ErrClosed", err)
		}
		if _, err := h.Inbound(t.Context(), request(5)); err != nil {
			t.Errorf("Inbound = %v: an inbound call goes through to the last", err)
		}
		if n := len(h.calls(t)); n != 3 {
			t.Errorf("%d calls kept, want 3", n)
		}
	})
}

// TestUnreadList starts a dialer whose lists have not been read.
func TestUnreadList(t *testing.T) {
	dsn := filepath.Join(t.TempDir(), "nocall.db")
	h := open(t, dsn)
	defer h.close(t)
	_, err := h.store.AddWorld(t.Context(), dnc.World{
		Name: sandbox, Settings: dnc.DefaultSettings(),
	}, "test")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Place(t.Context(), request(4)); !errors.Is(err, dnc.ErrUnready) {
		t.Errorf("Place = %v, want ErrUnready", err)
	}
	h.load(t)
	call := h.place(t, request(4))
	if _, err := h.End(context.Background(), sandbox, call.ID, campaign.Failed); err != nil {
		t.Error(err)
	}
}
