package dialer_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/voice"
)

// line is a provider that notes when and what it is asked for. Nobody answers,
// after so long.
type line struct {
	rings time.Duration
	err   error // returned instead, without ringing

	mu     sync.Mutex // guards following
	legs   []voice.Leg
	at     []time.Time
	now    map[e164.Number]int
	most   int  // calls at once
	double bool // whether a number was called twice at once
}

func (l *line) Place(
	ctx context.Context, c dnc.Clearance, leg voice.Leg,
) (voice.Outcome, error) {
	l.mu.Lock()
	l.legs, l.at = append(l.legs, leg), append(l.at, time.Now())
	l.mu.Unlock()
	if l.err != nil {
		return "", l.err
	}
	var n e164.Number
	if !c.Dial(time.Now(), func(to e164.Number) { n = to }) {
		return "", voice.ErrLapsed
	}
	l.count(n, 1)
	defer l.count(n, -1)
	select {
	case <-time.After(l.rings):
		return voice.NoAnswer, nil
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

func (l *line) count(n e164.Number, by int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.now == nil {
		l.now = make(map[e164.Number]int)
	}
	l.now[n] += by
	l.double = l.double || l.now[n] > 1
	all := 0
	for _, calls := range l.now {
		all += calls
	}
	l.most = max(l.most, all)
}

// calls returns how many calls were asked for.
func (l *line) calls() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.legs)
}

// asked returns the calls that were asked for, and when.
func (l *line) asked() ([]voice.Leg, []time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.legs), slices.Clone(l.at)
}

// anyTime is a window that is always open.
func anyTime() *campaign.Window {
	return &campaign.Window{Timezone: "UTC", Weekly: []campaign.Hours{{
		Days: []time.Weekday{0, 1, 2, 3, 4, 5, 6}, From: "00:00", To: "24:00",
	}}}
}

// over returns a change of a campaign: it is called over a provider, with an
// agent that is there.
func (h *house) over(
	t *testing.T, provider string, p voice.Provider, more func(*campaign.Campaign),
) func(*campaign.Campaign) {
	t.Helper()
	h.named[provider] = p
	err := h.store.AddAgent(t.Context(), voice.Agent{
		Environment: sandbox, Name: "sam", Kind: voice.Streamed, OptOutKey: "5",
	})
	if err != nil && !errors.Is(err, voice.ErrExists) {
		t.Fatal(err)
	}
	return func(c *campaign.Campaign) {
		c.Provider, c.Agent, c.Window = provider, "sam", anyTime()
		if more != nil {
			more(c)
		}
	}
}

// TestRetry attempts contacts again as the rules say, step by step.
func TestRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		l := new(line)
		c := h.campaign(t, h.over(t, "line", l, func(c *campaign.Campaign) {
			c.Retry = campaign.Retry{
				MaxAttempts: 2, Delays: []time.Duration{10 * time.Minute},
				On: []campaign.Disposition{campaign.NoAnswer},
			}
			c.Flow = []campaign.Step{{Delay: time.Minute}, {Delay: 20 * time.Minute}}
		}), 4)
		h.keep(t)
		begin := time.Now()
		h.start(t, c)
		h.finished(t, c)
		want := []time.Duration{
			time.Minute, 11 * time.Minute, 31 * time.Minute, 41 * time.Minute,
		}
		_, times := l.asked()
		for i, at := range times {
			if late := at.Sub(begin) - want[i]; late < 0 || late > time.Second {
				t.Errorf("attempt %d after %v, want %v", i, at.Sub(begin), want[i])
			}
		}
		got := h.each(t, c)[0]
		if l.calls() != 4 || got.AllAttempts != 4 || got.Disposition != campaign.NoAnswer {
			t.Errorf("%d calls, contact %+v; want 4", l.calls(), got)
		}
	})
}

// TestWindow calls nobody before the window opens, and lets who has no clock
// wait.
func TestWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // begins at midnight UTC
		h := newHouse(t)
		l := new(line)
		c := h.campaign(t, h.over(t, "line", l, func(c *campaign.Campaign) {
			c.Window.Timezone, c.Window.Weekly[0].From = campaign.ContactZone, "01:00"
		}))
		_, _, err := h.store.AddContacts(t.Context(), sandbox, c.ID, []campaign.Contact{
			{Number: contact(4), Timezone: "UTC"},
			{Number: e164.FromUint64(883_510_000_000_000)},
			{Number: contact(5), Timezone: "Etc/GMT-1"}, // already one o'clock there
		})
		if err != nil {
			t.Fatal(err)
		}
		h.keep(t)
		h.start(t, c)
		<-time.After(59 * time.Minute)
		if l.calls() != 1 {
			t.Errorf("%d calls before the window opens, want 1", l.calls())
		}
		<-time.After(2 * time.Minute)
		opens := time.Date(2000, 1, 1, 1, 0, 0, 0, time.UTC)
		_, at := l.asked()
		if len(at) != 2 || at[1].Before(opens) {
			t.Errorf("called at %v, want one call at %v", at, opens)
		}
		h.wantDone(t, c, "no_answer", "skipped window waiting", "no_answer")
	})
}

// TestPace holds campaigns against how quickly they may call, and against what
// they share: the environment, and a number that is in both.
func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		l := &line{rings: time.Minute}
		first := h.campaign(t, h.over(t, "line", l, func(c *campaign.Campaign) {
			c.Pace = campaign.Pace{Calls: 3, PerSecond: 2}
		}), 1, 2, 3, 4, 5)
		second := h.campaign(t, h.over(t, "line", l, func(c *campaign.Campaign) {
			c.CallerIDs = []e164.Number{contact(98), contact(99)}
			c.Pace.PerCallerID = 2
		}), 1, 2, 6, 7, 8)
		_, err := h.store.ChangeWorld(t.Context(), sandbox, "ada", func(s *dnc.Settings) error {
			s.MaxConcurrentCalls = 4
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		h.keep(t)
		begin := time.Now()
		h.start(t, first)
		<-time.After(5 * time.Second)
		h.start(t, second)
		<-time.After(2 * time.Second)
		_, at := l.asked()
		if len(at) != 4 || at[1].Sub(begin) < 450*time.Millisecond ||
			at[2].Sub(begin) < 950*time.Millisecond {
			t.Errorf("called at %v, from %v on; want 4 calls, two a second", at, begin)
		}
		h.finished(t, first)
		h.finished(t, second)
		legs, at := l.asked()
		l.mu.Lock()
		if len(at) != 10 || l.most != 4 || l.double {
			t.Errorf("%d calls, %d at once, one number twice at once %v; want 10, 4, false",
				len(at), l.most, l.double)
		}
		l.mu.Unlock()
		last := make(map[e164.Number]time.Time)
		for i, leg := range legs {
			before, again := last[leg.CallerID]
			if again && !leg.CallerID.IsZero() && at[i].Sub(before) < 29*time.Second {
				t.Errorf("%v shown again after %v", leg.CallerID, at[i].Sub(before))
			}
			last[leg.CallerID] = at[i]
		}
		if len(last) != 3 {
			t.Errorf("%d caller IDs shown, want none and two", len(last))
		}
	})
}

// TestOutOfOrder pauses a campaign whose provider says that it is out of order,
// or is not there, and makes the attempts again that rang nobody.
func TestOutOfOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		l := &line{err: fmt.Errorf("no route to the carrier: %w", voice.ErrTrunk)}
		c := h.campaign(t, h.over(t, "line", l, nil), 4, 5)
		h.keep(t)
		h.start(t, c)
		<-time.After(time.Minute)
		if h.state(t, c) != campaign.Paused || l.calls() > 2 {
			t.Errorf("campaign is %s after %d calls", h.state(t, c), l.calls())
		}
		if err := h.Trouble(sandbox, c.ID); !errors.Is(err, voice.ErrTrunk) {
			t.Errorf("Trouble = %v, want what the provider said", err)
		}
		if !strings.Contains(h.log.String(), "no route to the carrier") {
			t.Error("nobody was told")
		}
		for _, c := range h.each(t, c) {
			if c.State != campaign.Waiting || c.AllAttempts != 0 {
				t.Errorf("contact %+v, want it waiting without an attempt", c)
			}
		}
		delete(h.named, "line")
		if _, err := h.StartCampaign(t.Context(), sandbox, c.ID, ""); err == nil {
			t.Error("started without a provider")
		}
		h.named["line"] = new(line)
		h.start(t, c)
		h.finished(t, c)
		h.wantDone(t, c, "no_answer", "no_answer")
		if h.Trouble(sandbox, c.ID) != nil {
			t.Error("trouble stays")
		}
	})
}

// TestLegs shows what a provider is told: who speaks, whether to listen, and
// which key opts out.
func TestLegs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		l := new(line)
		plain := h.campaign(t, h.over(t, "line", l, nil), 1)
		keyed := h.campaign(t, h.over(t, "line", l, func(c *campaign.Campaign) {
			c.OptOutKey, c.OptOutDetection = "7", false
		}), 2)
		h.keep(t)
		h.start(t, plain)
		h.finished(t, plain)
		h.start(t, keyed)
		h.finished(t, keyed)
		r := request(3)
		r.Provider = "line"
		h.place(t, r)
		r.Number, r.Agent = contact(4), "sam"
		h.place(t, r)
		r.Agent = "eve"
		if _, err := h.Place(t.Context(), r); !errors.Is(err, voice.ErrNoAgent) {
			t.Errorf("Place with an unknown agent = %v, want ErrNoAgent", err)
		}
		<-time.After(time.Minute)
		legs, _ := l.asked()
		for i, want := range []struct {
			agent, key string
			detection  bool
		}{{"sam", "5", true}, {"sam", "7", false}, {"", "9", true}, {"sam", "5", true}} {
			leg := legs[i]
			if leg.Agent.Name != want.agent || leg.Agent.OptOutKey != want.key ||
				leg.Detection != want.detection || leg.Environment != sandbox {
				t.Errorf("leg %d is %+v, want %+v", i, leg, want)
			}
		}
	})
}

// TestOptOutKey shows that the campaign's key opts out, and no other.
func TestOptOutKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		nine := h.campaign(t, func(c *campaign.Campaign) { c.OptOutKey = "9" }, 60)
		seven := h.campaign(t, func(c *campaign.Campaign) { c.OptOutKey = "7" }, 61)
		h.keep(t)
		h.start(t, nine)
		h.start(t, seven)
		h.finished(t, nine)
		h.finished(t, seven)
		h.wantDone(t, nine, "answered opted out")
		h.wantDone(t, seven, "answered") // pressed 9
	})
}

// TestListedMeanwhile skips a contact that is listed while it waits, and
// recalls one whose phone rings.
func TestListedMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		c := h.campaign(t, func(c *campaign.Campaign) { c.Pace.Calls = 1 }, 80, 81)
		h.keep(t)
		h.start(t, c)
		<-time.After(5 * time.Second)
		h.add(t, contact(81))
		h.add(t, contact(80))
		h.finished(t, c)
		h.wantDone(t, c, "recalled dnc", "skipped dnc")
		if h.rings() != 1 {
			t.Errorf("%d rings, want 1", h.rings())
		}
	})
}

// TestUnready shows that a campaign waits while the list is not sure.
func TestUnready(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.index.SetCurrent(false)
		c := h.campaign(t, nil, 4)
		h.keep(t)
		h.start(t, c)
		<-time.After(10 * time.Minute)
		h.wantDone(t, c, " waiting")
		h.index.SetCurrent(true)
		h.finished(t, c)
		h.wantDone(t, c, "answered")
	})
}

// TestFewerAttempts skips contacts at which there have been more attempts than
// a campaign now makes.
func TestFewerAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		c := h.campaign(t, func(c *campaign.Campaign) {
			c.Retry = campaign.Retry{MaxAttempts: 3, Delays: []time.Duration{10 * time.Minute}}
		}, 70)
		h.keep(t)
		h.start(t, c)
		<-time.After(time.Minute)
		_, err := h.store.ChangeCampaign(t.Context(), sandbox, c.ID,
			func(c *campaign.Campaign) error { c.Retry.MaxAttempts = 1; return nil })
		if err != nil {
			t.Fatal(err)
		}
		h.finished(t, c)
		h.wantDone(t, c, "skipped limit")
	})
}

// TestLease lets a campaign be until the node that calls it gives it up.
func TestLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		c := h.campaign(t, nil, 4)
		name := "campaign " + string(sandbox) + " " + c.ID
		held, err := h.store.TakeLease(t.Context(), name, "other", time.Now(),
			time.Now().Add(10*time.Minute))
		if err != nil || !held {
			t.Fatal(held, err)
		}
		h.keep(t)
		h.start(t, c)
		<-time.After(9 * time.Minute)
		h.wantDone(t, c, " waiting")
		h.finished(t, c)
		h.wantDone(t, c, "answered")
		held, err = h.store.TakeLease(t.Context(), name, "other", time.Now(), time.Now())
		if err != nil || !held {
			t.Errorf("the lease of a finished campaign is kept: %v", err)
		}
	})
}

// TestNewContacts calls contacts that come while a campaign runs.
func TestNewContacts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		c := h.campaign(t, nil, 80)
		h.keep(t)
		h.start(t, c)
		<-time.After(time.Second)
		h.contacts(t, c, 70)
		h.Wake(sandbox, c.ID)
		<-time.After(10 * time.Second)
		h.wantDone(t, c, " active", "busy")
		h.finished(t, c)
	})
}
