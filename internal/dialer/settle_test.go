package dialer_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dialer"
	"nocall/internal/dnc"
	"nocall/internal/voice"
)

// TestSettle starts on what a process left of a running and of a paused
// campaign when it was killed: attempts that had begun are not made again, and
// each contact comes to its end.
func TestSettle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		stages := []struct {
			last   int
			status voice.Status
			how    campaign.Disposition // of a call that has ended
			want   string
		}{
			{80, voice.Queued, "", "failed"},
			{81, voice.IsRinging, "", "failed"},
			{82, voice.InProgress, "", "answered"},
			{83, voice.Ended, campaign.Busy, "busy"},
		}
		want := make([]string, 0, len(stages)+1)
		lasts := make([]int, 0, len(stages)+1)
		for _, s := range stages {
			want, lasts = append(want, s.want), append(lasts, s.last)
		}
		want, lasts = append(want, "answered"), append(lasts, 4) // still waits
		running := h.campaign(t, nil, lasts...)
		paused := h.campaign(t, nil, lasts...)
		for _, c := range []campaign.Campaign{running, paused} {
			state := campaign.Running
			if c.ID == paused.ID {
				state = campaign.Paused
			}
			_, err := h.store.ChangeCampaign(t.Context(), sandbox, c.ID,
				func(c *campaign.Campaign) error { c.State = state; return nil })
			if err != nil {
				t.Fatal(err)
			}
			for i, contact := range h.each(t, c)[:len(stages)] {
				s := stages[i]
				contact.State, contact.CallID = campaign.Active, contact.ID
				call := voice.Call{
					ID: contact.ID, Environment: sandbox, Direction: voice.Outbound,
					Number: contact.Number, Provider: dialer.Simulator, CampaignID: c.ID,
					Status: s.status, Disposition: s.how, StartedAt: time.Now(),
				}
				if err := h.store.BeginAttempt(t.Context(), sandbox, contact, call); err != nil {
					t.Fatal(err)
				}
			}
		}
		h.keep(t)
		h.finished(t, running)
		h.wantDone(t, running, want...)
		want[len(want)-1] = " waiting"
		h.wantDone(t, paused, want...)
		if h.rings() != 1 {
			t.Errorf("%d rings, want 1: of the contact that had waited", h.rings())
		}
	})
}

// TestShutdownOfCampaign shuts down while phones ring and while a provider has
// not dialed yet: the next process goes on, and rings nobody twice.
func TestShutdownOfCampaign(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dsn := filepath.Join(t.TempDir(), "nocall.db")
		h := open(t, dsn)
		_, err := h.store.AddWorld(t.Context(), dnc.World{
			Name: sandbox, Settings: dnc.DefaultSettings(),
		}, "test")
		if err != nil {
			t.Fatal(err)
		}
		h.load(t)
		rung := h.campaign(t, nil, 80, 81)
		waiting := h.campaign(t, h.over(t, "slow", slow{time.Second}, nil), 4, 5)
		ended := make(chan error)
		ctx, stop := context.WithCancel(t.Context())
		go func() { ended <- h.Run(ctx) }()
		h.start(t, rung)
		<-time.After(5 * time.Second)
		h.start(t, waiting)
		<-time.After(500 * time.Millisecond)
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		h.wantDone(t, rung, "failed", "failed")
		h.wantDone(t, waiting, " waiting", " waiting")
		h.close(t)

		h = open(t, dsn)
		h.load(t)
		l := new(line)
		h.named["slow"] = l
		t.Cleanup(func() { h.close(t) })
		h.keep(t)
		h.finished(t, rung)
		h.finished(t, waiting)
		h.wantDone(t, rung, "failed", "failed")
		h.wantDone(t, waiting, "no_answer", "no_answer")
		if h.rings() != 0 || l.calls() != 2 {
			t.Errorf("%d rings and %d calls, want 0 and 2", h.rings(), l.calls())
		}
	})
}

// TestBrokenStoreOfCampaign shows that a campaign comes to its end though for a
// while nothing can be written.
func TestBrokenStoreOfCampaign(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		c := h.campaign(t, func(c *campaign.Campaign) { c.Pace.Calls = 2 }, 80, 81, 82, 83)
		h.keep(t)
		h.start(t, c)
		<-time.After(5 * time.Second)
		h.store.broken.Store(true)
		<-time.After(2 * time.Minute)
		h.store.broken.Store(false)
		h.finished(t, c)
		for _, c := range h.each(t, c) {
			if c.State != campaign.Done || c.AllAttempts != 1 {
				t.Errorf("contact %+v, want it done after one attempt", c)
			}
		}
		if h.rings() > 4 {
			t.Errorf("%d rings, want at most 4", h.rings())
		}
	})
}

// TestAnswer takes calls that come in on a trunk: from a listed number and from
// nobody, to a number of ours and to none, until either side ends them.
func TestAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.add(t, contact(4))
		h.over(t, "trunk", slow{}, nil)
		err := h.store.AddNumber(t.Context(), voice.OwnNumber{
			Environment: sandbox, Number: contact(99), Provider: "trunk", InboundAgent: "sam",
		})
		if err != nil {
			t.Fatal(err)
		}
		hungUp := 0
		arrival := voice.Arrival{
			Trunk: "trunk", Environment: sandbox, Caller: contact(4), Called: contact(99),
			HangUp: func() { hungUp++ },
		}
		leg, done, err := h.Answer(t.Context(), arrival)
		if err != nil || leg.Agent.Name != "sam" || leg.Agent.OptOutKey != "5" {
			t.Fatalf("Answer = %+v, %v; want it answered by sam", leg, err)
		}
		h.want(t, leg.CallID, voice.InProgress, "", "")
		for keys, want := range map[string]bool{"9": false, "5": true} {
			optedOut, err := leg.Hear(t.Context(), voice.Event{
				Kind: voice.Pressed, Keys: keys, At: time.Now(),
			})
			if err != nil || optedOut != want {
				t.Errorf("pressed %s: opted out %v, %v; want %v", keys, optedOut, err, want)
			}
		}
		done(voice.Answered)
		h.want(t, leg.CallID, voice.Ended, campaign.Answered, "")

		arrival.Called = contact(98)
		if _, _, err := h.Answer(t.Context(), arrival); !errors.Is(err, voice.ErrNoNumber) {
			t.Errorf("Answer for a number that is not ours = %v, want ErrNoNumber", err)
		}
		err = h.store.AddNumber(t.Context(), voice.OwnNumber{
			Environment: sandbox, Number: contact(98), Provider: "trunk",
		})
		if err != nil {
			t.Fatal(err)
		}
		arrival.Caller = contact(5)
		leg, done, err = h.Answer(t.Context(), arrival)
		if err != nil || leg.Agent.Name != "" || h.Active(sandbox) != 0 {
			t.Fatalf("Answer = %+v, %v; want it answered by nobody", leg, err)
		}
		if _, err := h.End(t.Context(), sandbox, leg.CallID, campaign.Answered); err != nil {
			t.Error(err)
		}
		if hungUp != 1 {
			t.Errorf("hung up %d times, want once", hungUp)
		}
		done(voice.Answered)
		h.stop(t)
		if _, _, err := h.Answer(t.Context(), arrival); !errors.Is(err, dialer.ErrClosed) {
			t.Errorf("Answer after the end = %v, want ErrClosed", err)
		}
	})
}
