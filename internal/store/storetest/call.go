package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/optout"
	"nocall/internal/voice"
)

// call returns a new call, the later the higher i.
func call(i int) voice.Call {
	return voice.Call{
		ID: fmt.Sprintf("c_%02d", i), Environment: "production",
		Direction: voice.Outbound, Number: number(i), CallerID: number(9000),
		Provider: "simulator", CampaignID: "k_1", Status: voice.Queued,
		OptOutDetection: true, Revision: 3, By: "key first", StartedAt: at(i),
	}
}

func turn(text string) voice.Turn {
	return voice.Turn{Speaker: optout.Contact, Text: text, Language: "en", At: at(50)}
}

func finding(i int) voice.Finding {
	return voice.Finding{
		Finding: optout.Finding{
			Verdict: optout.OptOut, Turn: i, Phrase: "do_not_call", Quote: "don't call",
			Start: 7, End: 17, Language: "en",
			Slots:  []optout.Slot{{Name: "action", Text: "call"}},
			Before: &optout.Span{Turn: i - 1, Start: 1, End: 5, Quote: "stop"},
		},
		Engine: "7", Channel: voice.Speech, At: at(60), Listed: true,
	}
}

func mustAddCall(t *testing.T, s Store, c voice.Call) {
	t.Helper()
	if err := s.AddCall(t.Context(), c); err != nil {
		t.Fatalf("AddCall(%s) = %v", c.ID, err)
	}
}

// sameCall reports whether two calls are the same, none and empty too.
func sameCall(a, b voice.Call) bool {
	return slices.EqualFunc(a.Findings, b.Findings, sameFinding) &&
		slices.Equal(a.Turns, b.Turns) && reflect.DeepEqual(bare(a), bare(b))
}

func sameFinding(a, b voice.Finding) bool { return reflect.DeepEqual(a, b) }

func bare(c voice.Call) voice.Call {
	c.Findings, c.Turns = nil, nil
	return c
}

func testCalls(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	want := call(1)
	mustAddCall(t, s, want)
	if got, err := s.Call(ctx, "production", "c_01"); !sameCall(got, want) || err != nil {
		t.Errorf("Call = %+v, %v; want %+v", got, err, want)
	}
	want.Ring(at(5))
	want.Answer(at(10))
	want.Replied(200, "OK")
	want.Press("1", at(12))
	want.Press("23", at(13))
	want.Findings = []voice.Finding{finding(1)}
	got, err := s.ChangeCall(ctx, "production", "c_01", func(c *voice.Call) error {
		c.Ring(at(5))
		c.Answer(at(10))
		c.Replied(200, "OK")
		c.Press("1", at(12))
		c.Press("23", at(13))
		c.Findings = append(c.Findings, finding(1))
		return nil
	})
	if !sameCall(got, want) || err != nil {
		t.Errorf("ChangeCall = %+v, %v; want %+v", got, err, want)
	}
	want.Findings = append(want.Findings, finding(2))
	_, err = s.ChangeCall(ctx, "production", "c_01", func(c *voice.Call) error {
		c.Findings = append(c.Findings, finding(2))
		return nil
	})
	if err != nil {
		t.Errorf("ChangeCall = %v", err)
	}
	if got, err := s.OpenCalls(ctx); len(got) != 1 || !sameCall(got[0], want) {
		t.Errorf("OpenCalls = %+v, %v; want %+v", got, err, want)
	}
	no := errors.New("no")
	_, err = s.ChangeCall(ctx, "production", "c_01", func(c *voice.Call) error {
		c.Ring(at(5))
		c.Findings = nil
		return no
	})
	if !errors.Is(err, no) {
		t.Errorf("ChangeCall = %v; want the error of change", err)
	}
	_, err = s.ChangeCall(ctx, "production", "c_01", func(c *voice.Call) error {
		return c.End(campaign.Answered, at(20))
	})
	if err != nil || want.End(campaign.Answered, at(20)) != nil {
		t.Errorf("ChangeCall(end) = %v", err)
	}
	if got, err := s.Call(ctx, "production", "c_01"); !sameCall(got, want) || err != nil {
		t.Errorf("Call = %+v, %v; want %+v", got, err, want)
	}
	if got, err := s.OpenCalls(ctx); len(got) != 0 || err != nil {
		t.Errorf("OpenCalls = %+v, %v; want none", got, err)
	}
}

func testNoCall(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	mustAddCall(t, s, call(1))
	for _, env := range []dnc.Environment{"sandbox", "nowhere"} {
		nothing := func(*voice.Call) error { return nil }
		for _, err := range []error{
			second(s.Call(ctx, env, "c_01")),
			second(s.ChangeCall(ctx, env, "c_01", nothing)),
			second(s.AddTurn(ctx, env, "c_01", turn("hello"))),
		} {
			if !errors.Is(err, voice.ErrNoCall) {
				t.Errorf("in %s: %v; want ErrNoCall", env, err)
			}
		}
	}
	c := call(2)
	if c.Environment = "nowhere"; !errors.Is(s.AddCall(ctx, c), dnc.ErrNoEnvironment) {
		t.Error("AddCall(nowhere): want ErrNoEnvironment")
	}
}

func testTurns(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	mustAddCall(t, s, call(1))
	const turns = 70
	for i := range turns {
		c, err := s.AddTurn(ctx, "production", "c_01", turn(fmt.Sprint("word ", i)))
		if err != nil || c.TurnCount != i+1 || len(c.Turns) != min(i+1, 50) {
			t.Fatalf("AddTurn(%d) = %d turns of %d, %v", i, len(c.Turns), c.TurnCount, err)
		}
		want := turn(fmt.Sprint("word ", i))
		if want.Index = i; c.Turns[len(c.Turns)-1] != want {
			t.Fatalf("AddTurn = %+v; want %+v last", c.Turns[len(c.Turns)-1], want)
		}
	}
	c, err := s.Call(ctx, "production", "c_01")
	if err != nil || len(c.Turns) != turns || c.TurnCount != turns {
		t.Fatalf("Call has %d turns of %d, %v; want %d", len(c.Turns), c.TurnCount, err, turns)
	}
	for i, got := range c.Turns {
		if got.Index != i || got.Text != fmt.Sprint("word ", i) {
			t.Errorf("turn %d is %+v", i, got)
		}
	}
	last, err := s.LastTurns(ctx, "production", "c_01")
	if err != nil || last.TurnCount != turns || len(last.Turns) == 0 || len(last.Turns) > 50 ||
		last.Turns[len(last.Turns)-1] != c.Turns[turns-1] {
		t.Errorf("LastTurns = %d turns of %d, %v; want the last ones", len(last.Turns),
			last.TurnCount, err)
	}
	if _, err := s.LastTurns(ctx, "sandbox", "c_01"); !errors.Is(err, voice.ErrNoCall) {
		t.Errorf("LastTurns(sandbox) = %v; want ErrNoCall", err)
	}
}

// testTurnsAtOnce holds that of what is said and changed at once, nothing is
// lost.
func testTurnsAtOnce(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	mustAddCall(t, s, call(1))
	var speakers sync.WaitGroup
	for range 8 {
		speakers.Go(func() {
			for range 5 {
				if _, err := s.AddTurn(ctx, "production", "c_01", turn("more")); err != nil {
					t.Error(err)
				}
				_, err := s.ChangeCall(ctx, "production", "c_01", func(c *voice.Call) error {
					c.Findings = append(c.Findings, finding(len(c.Findings)))
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	speakers.Wait()
	c, err := s.Call(ctx, "production", "c_01")
	if err != nil || len(c.Turns) != 40 || len(c.Findings) != 40 {
		t.Fatalf("Call has %d turns, %d findings, %v; want 40, 40",
			len(c.Turns), len(c.Findings), err)
	}
	for i, f := range c.Findings {
		if f.Turn != i {
			t.Errorf("finding %d saw %d before it", i, f.Turn)
		}
	}
}

// history makes calls 0 to 19 of all kinds.
func history(t *testing.T, s Store) {
	t.Helper()
	for i := range 20 {
		c := call(i)
		c.StartedAt = at(i / 2) // two at a time
		switch i % 4 {
		case 1:
			c.Direction, c.Number, c.CampaignID = voice.Inbound, e164.Number{}, ""
		case 2:
			_ = c.Skip(campaign.Skipped, campaign.SkipDNC, at(i))
		case 3:
			c.Findings = []voice.Finding{finding(0)}
			_ = c.End(campaign.Answered, at(i))
		}
		mustAddCall(t, s, c)
	}
	for i, text := range []string{"Bitte NICHT  mehr anrufen, Größe_1", "100% sure\nof IT", ""} {
		if text == "" {
			continue
		}
		id := call(i).ID
		if _, err := s.AddTurn(t.Context(), "production", id, turn(text)); err != nil {
			t.Fatal(err)
		}
	}
}

func testCallHistory(t *testing.T, d *database) {
	s := d.startWith(t)
	history(t, s)
	yes, no := true, false
	all := func(keep func(i int) bool) (ids []string) {
		for i := 19; i >= 0; i-- {
			if keep(i) {
				ids = append(ids, call(i).ID)
			}
		}
		return ids
	}
	is := func(rest int) func(int) bool { return func(i int) bool { return i%4 == rest } }
	for _, test := range []struct {
		query voice.CallQuery
		want  []string
	}{
		{voice.CallQuery{}, all(func(int) bool { return true })},
		{voice.CallQuery{Direction: voice.Inbound}, all(is(1))},
		{voice.CallQuery{Disposition: campaign.Skipped}, all(is(2))},
		{voice.CallQuery{SkipReason: campaign.SkipDNC}, all(is(2))},
		{voice.CallQuery{SkipReason: campaign.SkipLimit}, nil},
		{voice.CallQuery{OptOut: &yes}, all(is(3))},
		{voice.CallQuery{OptOut: &no}, all(func(i int) bool { return i%4 != 3 })},
		{voice.CallQuery{OptOut: &yes, Direction: voice.Inbound}, nil},
		{voice.CallQuery{CampaignID: "k_1"}, all(func(i int) bool { return i%4 != 1 })},
		{voice.CallQuery{Number: number(6)}, []string{"c_06"}},
		{voice.CallQuery{Part: "550016"}, []string{"c_16"}},
		{voice.CallQuery{Part: "1415555001"}, all(func(i int) bool { return i > 9 && i%4 != 1 })},
		{voice.CallQuery{Part: "%"}, nil},
		{voice.CallQuery{Since: at(8)}, all(func(i int) bool { return i >= 16 })},
		{voice.CallQuery{Until: at(2)}, all(func(i int) bool { return i < 4 })},
		{voice.CallQuery{Words: "nicht mehr"}, []string{"c_00"}},
		{voice.CallQuery{Words: "GRÖSSE"}, nil}, // another word than größe
		{voice.CallQuery{Words: "GRÖßE_1"}, []string{"c_00"}},
		{voice.CallQuery{Words: "e_1"}, []string{"c_00"}},
		{voice.CallQuery{Words: "0% Sure of"}, []string{"c_01"}},
		{voice.CallQuery{Words: "%"}, []string{"c_01"}},
		{voice.CallQuery{Words: `\`}, nil},
		{voice.CallQuery{Words: "_"}, []string{"c_00"}},
	} {
		for _, limit := range []int{1, 2, 3, 20, 50} {
			test.query.Limit = limit
			checkHistory(t, s, test.query, test.want)
		}
	}
}

// checkHistory turns all pages of a history.
func checkHistory(t *testing.T, s Store, q voice.CallQuery, want []string) {
	t.Helper()
	var got []string
	for {
		page, err := s.Calls(t.Context(), "production", q)
		if err != nil || len(page.Calls) > q.Limit || page.Total != len(want) {
			t.Fatalf("Calls(%+v) = %+v, %v; want %v", q, page, err, want)
		}
		for _, c := range page.Calls {
			got = append(got, c.ID)
			if _, heard := c.OptedOut(); heard != (c.Disposition == campaign.Answered) {
				t.Errorf("Calls gave %+v; want its findings", c)
			}
		}
		if q.After = page.Next; q.After == "" {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("Calls(%+v) gave %s; want %s", q, strings.Join(got, " "), strings.Join(want, " "))
	}
}

func testCallCounts(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	history(t, s)
	_, err := s.ChangeCall(ctx, "production", "c_00", func(c *voice.Call) error {
		c.Findings = append(c.Findings, finding(0))
		return c.Skip(campaign.Recalled, campaign.SkipDNC, at(99))
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		since time.Time
		want  voice.Counts
	}{
		{time.Time{}, voice.Counts{
			Calls: 20, OptOuts: 6,
			Direction: map[voice.Direction]int{voice.Outbound: 15, voice.Inbound: 5},
			Disposition: map[campaign.Disposition]int{
				campaign.Skipped: 5, campaign.Answered: 5, campaign.Recalled: 1,
			},
			SkipReason: map[campaign.SkipReason]int{campaign.SkipDNC: 6},
		}},
		{at(8), voice.Counts{
			Calls: 4, OptOuts: 1,
			Direction:   map[voice.Direction]int{voice.Outbound: 3, voice.Inbound: 1},
			Disposition: map[campaign.Disposition]int{campaign.Skipped: 1, campaign.Answered: 1},
			SkipReason:  map[campaign.SkipReason]int{campaign.SkipDNC: 1},
		}},
		{at(-1), voice.Counts{
			Calls: 20, OptOuts: 6,
			Direction: map[voice.Direction]int{voice.Outbound: 15, voice.Inbound: 5},
			Disposition: map[campaign.Disposition]int{
				campaign.Skipped: 5, campaign.Answered: 5, campaign.Recalled: 1,
			},
			SkipReason: map[campaign.SkipReason]int{campaign.SkipDNC: 6},
		}},
	} {
		got, err := s.CallCounts(ctx, "production", test.since)
		if err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("CallCounts(%v) = %+v, %v; want %+v", test.since, got, err, test.want)
		}
	}
}
