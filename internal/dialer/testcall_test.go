package dialer_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dialer"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/voice"
)

// carrier is a trunk that answers as it is told, and stays on the line.
type carrier struct {
	says  voice.Outcome
	code  int
	err   error
	leg   voice.Leg
	stays time.Duration
}

func (c *carrier) Place(
	ctx context.Context, clearance dnc.Clearance, leg voice.Leg,
) (voice.Outcome, error) {
	c.leg = leg
	clearance.Dial(time.Now(), func(e164.Number) {})
	<-time.After(time.Second)
	if c.err != nil {
		return "", c.err
	}
	leg.Hear(ctx, voice.Event{Kind: voice.Ringing, At: time.Now()})
	<-time.After(3 * time.Second)
	if leg.Final != nil {
		leg.Final(c.code, "phrase")
	}
	if c.says == voice.Answered {
		leg.Hear(ctx, voice.Event{Kind: voice.Picked, At: time.Now()})
		<-time.After(c.stays)
	}
	return c.says, nil
}

// trunkHouse is a house with the trunk carrier.
func trunkHouse(t *testing.T, c *carrier) *house {
	t.Helper()
	h := newHouse(t)
	h.named["carrier"] = c
	err := h.store.AddTrunk(t.Context(), voice.Trunk{
		Environment: sandbox, Name: "carrier", Kind: voice.SIP, Address: "127.0.0.1:5090",
		Transport: "udp", CallerID: e164.FromUint64(1_202_555_0100), MaxCalls: 2,
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestTestCall says what came of a call as soon as it is known.
func TestTestCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &carrier{stays: time.Minute}
		h := trunkHouse(t, c)
		request := request(1)
		request.Provider = "carrier"
		for _, tt := range []struct {
			says voice.Outcome
			code int
			err  error
			want campaign.Disposition
			took time.Duration
		}{
			{says: voice.Answered, code: 200, want: campaign.Answered, took: 4 * time.Second},
			{says: voice.Busy, code: 486, want: campaign.Busy, took: 4 * time.Second},
			{says: voice.Refused, code: 603, want: campaign.Refused, took: 4 * time.Second},
			{err: errors.New("voice/sip: lost"), want: campaign.Failed, took: time.Second},
		} {
			c.says, c.code, c.err = tt.says, tt.code, tt.err
			got, err := h.TestCall(t.Context(), request)
			if err != nil || got.Disposition != tt.want || got.Code != tt.code ||
				got.Took != tt.took {
				t.Errorf("TestCall = %+v, %v; want %s, %d", got, err, tt.want, tt.code)
			}
			if (got.Rang == time.Second) == (tt.err != nil) || got.Reason == "" {
				t.Errorf("rang after %s, %q", got.Rang, got.Reason)
			}
			if c.leg.Agent.Recording != voice.Chime {
				t.Errorf("agent %+v, want the chime", c.leg.Agent)
			}
			<-time.After(2 * time.Minute)
			h.want(t, got.CallID, voice.Ended, tt.want, "")
			kept := h.read(t, got.CallID)
			if kept.SIPCode != tt.code || (kept.SIPPhrase == "phrase") != (tt.code != 0) ||
				tt.err == nil && kept.RangAt.Sub(kept.StartedAt) != time.Second {
				t.Errorf("%s: kept %+v", tt.want, kept)
			}
		}
		h.add(t, request.Number)
		got, err := h.TestCall(t.Context(), request)
		if !errors.Is(err, dnc.ErrListed) || got.CallID == "" {
			t.Errorf("TestCall of a listed number = %+v, %v", got, err)
		}
		request.Agent = "nobody"
		if _, err := h.TestCall(t.Context(), request); !errors.Is(err, voice.ErrNoAgent) {
			t.Errorf("TestCall = %v, want ErrNoAgent", err)
		}
	})
}

// TestCallerID shows over a trunk only what is ours on it, once we have numbers.
func TestCallerID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := trunkHouse(t, &carrier{says: voice.Busy})
		trunks, ours := e164.FromUint64(1_202_555_0100), e164.FromUint64(1_202_555_0101)
		elsewhere, strange := e164.FromUint64(1_202_555_0102), e164.FromUint64(1_202_555_0103)
		call := func(provider string, shown e164.Number) error {
			r := request(1)
			r.Provider, r.CallerID = provider, shown
			_, err := h.Place(t.Context(), r)
			<-time.After(time.Minute)
			return err
		}
		if err := call("carrier", strange); err != nil {
			t.Errorf("without numbers of ours: %v", err)
		}
		for n, provider := range map[e164.Number]string{ours: "carrier", elsewhere: "simulator"} {
			err := h.store.AddNumber(t.Context(), voice.OwnNumber{
				Environment: sandbox, Number: n, Provider: provider,
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, tt := range []struct {
			provider string
			shown    e164.Number
			want     error
		}{
			{"carrier", e164.Number{}, nil},
			{"carrier", ours, nil},
			{"carrier", trunks, nil},
			{"carrier", elsewhere, voice.ErrCallerID},
			{"carrier", strange, voice.ErrCallerID},
			{dialer.Simulator, strange, nil},
		} {
			if err := call(tt.provider, tt.shown); !errors.Is(err, tt.want) {
				t.Errorf("%s shows %v: %v, want %v", tt.provider, tt.shown, err, tt.want)
			}
		}
		h.wantCallerIDProblem(t, strange, ours)
	})
}

// wantCallerIDProblem starts a campaign that shows a number that it may not, and
// one that it may.
func (h *house) wantCallerIDProblem(t *testing.T, strange, ours e164.Number) {
	t.Helper()
	c := campaign.Campaign{
		ID: "c1", Environment: sandbox, Name: "demo", State: campaign.Draft, Provider: "carrier",
		CallerIDs: []e164.Number{ours, strange},
	}
	if err := h.store.AddCampaign(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	_, err := h.StartCampaign(t.Context(), sandbox, "c1", "ada")
	notReady, ok := errors.AsType[dialer.NotReady](err)
	if !ok {
		t.Fatalf("StartCampaign = %v, want NotReady", err)
	}
	var fields []string
	for _, p := range notReady.Problems {
		if p.Field == "caller_ids[0]" || p.Field == "caller_ids[1]" {
			fields = append(fields, p.Field)
		}
	}
	if len(fields) != 1 || fields[0] != "caller_ids[1]" {
		t.Errorf("problems of %v, want of the second alone: %v", fields, notReady.Problems)
	}
}

// TestBothWays counts inbound calls against the limit of their trunk, and refuses
// none.
func TestBothWays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &carrier{says: voice.Answered, stays: time.Minute}
		h := trunkHouse(t, c) // two calls at once
		err := h.store.AddNumber(t.Context(), voice.OwnNumber{
			Environment: sandbox, Number: e164.FromUint64(1_202_555_0101), Provider: "carrier",
		})
		if err != nil {
			t.Fatal(err)
		}
		var ends []func(voice.Outcome)
		for range 3 {
			_, done, err := h.Answer(t.Context(), voice.Arrival{
				Trunk: "carrier", Environment: sandbox, Called: e164.FromUint64(1_202_555_0101),
			})
			if err != nil {
				t.Fatalf("Answer = %v", err)
			}
			ends = append(ends, done)
		}
		r := request(1)
		r.Provider = "carrier"
		for i, want := range []error{dialer.ErrTooManyCalls, dialer.ErrTooManyCalls, nil} {
			if _, err := h.Place(t.Context(), r); !errors.Is(err, want) {
				t.Errorf("with %d inbound calls: %v, want %v", len(ends)-i, err, want)
			}
			ends[i](voice.Answered)
		}
		<-time.After(2 * time.Minute)
		if n := h.Active(sandbox); n != 0 {
			t.Errorf("%d calls left", n)
		}
	})
}
