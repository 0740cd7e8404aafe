package dialer_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/optout"
	"nocall/internal/voice"
)

// talker is a provider whose contacts answer and say one thing.
type talker struct{ words string }

func (p talker) Place(
	ctx context.Context, c dnc.Clearance, leg voice.Leg,
) (voice.Outcome, error) {
	if !c.Dial(time.Now(), func(e164.Number) {}) {
		return "", voice.ErrLapsed
	}
	return voice.Answered, p.talk(ctx, leg)
}

func (p talker) talk(ctx context.Context, leg voice.Leg) error {
	if _, err := leg.Hear(ctx, voice.Event{Kind: voice.Picked, At: time.Now()}); err != nil {
		return err
	}
	_, err := leg.Hear(ctx, voice.Event{
		Kind: voice.Said, At: time.Now(), Speaker: optout.Contact, Text: p.words,
	})
	return err
}

// TestHeardWhole shows that what is understood only when a call is over counts
// as if it had been heard at once: for single calls, for those that come in and
// for campaigns, which are done with the contact. The same goes for what may
// have been an opt-out.
func TestHeardWhole(t *testing.T) {
	for words, want := range map[string]optout.Verdict{
		belated: optout.OptOut, perhaps: optout.Review,
	} {
		t.Run(string(want), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t)
				h.named["talker"] = talker{words}
				err := h.store.AddAgent(t.Context(), voice.Agent{
					Environment: sandbox, Name: "sam", Kind: voice.Streamed,
				})
				if err != nil {
					t.Fatal(err)
				}
				r := request(4)
				r.Provider = "talker"
				single := h.place(t, r)
				c := h.campaign(t, func(c *campaign.Campaign) {
					c.Provider, c.Agent, c.Window = "talker", "sam", anyTime()
					c.Retry = campaign.Retry{MaxAttempts: 3}
				}, 5)
				h.keep(t)
				h.start(t, c)
				h.finished(t, c)
				h.wantDone(t, c, "answered opted out")
				calls := []voice.Call{h.read(t, single.ID), h.answer(t, talker{words})}
				for _, call := range append(calls, h.calls(t)...) {
					if len(call.Findings) != 1 || call.Findings[0].Verdict != want ||
						!h.listed(t, call.Number) {
						t.Errorf("call %+v; want it %s", call, want)
					}
				}
			})
		})
	}
}

// answer is a call that comes in on a trunk, on which a contact says one thing.
func (h *house) answer(t *testing.T, p talker) voice.Call {
	t.Helper()
	own := voice.OwnNumber{
		Environment: sandbox, Number: e164.FromUint64(1_415_555_0199), Provider: "trunk",
	}
	if err := h.store.AddNumber(t.Context(), own); err != nil {
		t.Fatal(err)
	}
	leg, done, err := h.Answer(t.Context(), voice.Arrival{
		Environment: sandbox, Trunk: "trunk", Caller: contact(6), Called: own.Number,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.talk(t.Context(), leg); err != nil {
		t.Error(err)
	}
	done(voice.Answered)
	return h.read(t, leg.CallID)
}
