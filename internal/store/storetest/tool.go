package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"nocall/internal/access"
	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/voice"
)

// Sealer is what a store seals secrets with.
type Sealer interface {
	Seal(plain, about string) (string, error)
	Open(sealed, about string) (string, error)
}

type tools interface {
	voice.Outfit
	SealWith(sealer Sealer)
	AllTrunks(ctx context.Context) ([]voice.Trunk, error)
	NumbersCalled(ctx context.Context, n e164.Number) ([]voice.OwnNumber, error)
}

func trunk(env dnc.Environment, name string) voice.Trunk {
	return voice.Trunk{
		Environment: env, Name: name, Kind: voice.SIP, Address: "sip.example.com:5061",
		Transport: "tls", Username: "ada", Register: true, Proxy: "proxy.example.com:5060",
		Failover: []string{"b.example.com:5061", "c.example.com:5061"}, TechPrefix: "9011",
		CallerID: number(9000), SRTP: true, Unwanted: true, MaxCalls: 30, CreatedAt: at(1),
	}
}

func ownNumber(env dnc.Environment, i int) voice.OwnNumber {
	return voice.OwnNumber{
		Environment: env, Number: number(i), Provider: "trunk", Label: "Zoë's",
		Tags: []string{"east", "night"}, InboundAgent: "anna",
		Pace:      voice.Pace{Calls: 2, PerSecond: 1, PerMinute: 6, PerDay: 100},
		CreatedAt: at(i),
	}
}

func agent(env dnc.Environment, name string) voice.Agent {
	return voice.Agent{
		Environment: env, Name: name, Kind: voice.Recorded, Recording: "r_1",
		Confirmation: "r_2", OptOutKey: "9", Address: "sip:anna@example.com",
		URL: "wss://example.com/anna", RingFor: 30 * time.Second, CreatedAt: at(1),
	}
}

func recording(env dnc.Environment, i int) voice.Recording {
	return voice.Recording{
		Environment: env, ID: fmt.Sprint("r_", i), Name: "hello", Audio: []byte{0, 255, byte(i)},
		Duration: 375 * time.Microsecond, CreatedAt: at(i),
	}
}

// must is for what must work out.
func must(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s = %v", what, err)
	}
}

// checkErr checks that each of some errors is the wanted one.
func checkErr(t *testing.T, want error, errs ...error) {
	t.Helper()
	for i, err := range errs {
		if !errors.Is(err, want) {
			t.Errorf("%d: %v; want %v", i, err, want)
		}
	}
}

// check checks what one call gave.
func check[T any](t *testing.T, what string, want T) func(got T, err error) {
	return func(got T, err error) {
		t.Helper()
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s = %+v, %v; want %+v", what, got, err, want)
		}
	}
}

func testTrunks(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	b, a, other := trunk("production", "b"), trunk("production", "a"), trunk("sandbox", "a")
	a.Failover, a.CallerID, a.MaxCalls = nil, e164.Number{}, 0
	for _, one := range []voice.Trunk{b, a, other} {
		must(t, "AddTrunk", s.AddTrunk(ctx, one))
	}
	check(t, "Trunk", b)(s.Trunk(ctx, "production", "b"))
	check(t, "Trunks", []voice.Trunk{a, b})(s.Trunks(ctx, "production"))
	check(t, "AllTrunks", []voice.Trunk{a, b, other})(s.AllTrunks(ctx))
	checkErr(t, voice.ErrExists, s.AddTrunk(ctx, a))
	want := a
	want.Environment, want.Name = b.Environment, b.Name // these stay
	replace := func(t *voice.Trunk) error { *t = a; t.Environment = "sandbox"; return nil }
	check(t, "ChangeTrunk", want)(s.ChangeTrunk(ctx, "production", "b", replace))
	check(t, "Trunk", want)(s.Trunk(ctx, "production", "b"))
	no := errors.New("no")
	refuse := func(t *voice.Trunk) error { t.Kind = "no"; return no }
	checkErr(t, no, second(s.ChangeTrunk(ctx, "production", "b", refuse)))
	must(t, "RemoveTrunk", s.RemoveTrunk(ctx, "production", "a"))
	check(t, "AllTrunks", []voice.Trunk{want, other})(s.AllTrunks(ctx))
	for _, env := range []dnc.Environment{"production", "nowhere"} {
		checkErr(
			t, voice.ErrNoProvider, s.RemoveTrunk(ctx, env, "a"), second(s.Trunk(ctx, env, "a")),
			second(s.ChangeTrunk(ctx, env, "a", replace)))
	}
	checkErr(
		t, dnc.ErrNoEnvironment, s.AddTrunk(ctx, trunk("nowhere", "a")),
		second(s.Trunks(ctx, "nowhere")))
}

// testSealed holds that a password is kept sealed, or not at all.
func testSealed(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	want := trunk("production", "a")
	want.Password = "hush, größer"
	if err := s.AddTrunk(ctx, want); err == nil || !contains(err, "no key") {
		t.Errorf("AddTrunk without a sealer = %v; want an error", err)
	}
	must(t, "Close", s.Close())
	s = d.start(t)
	key := sealer(t, 1)
	s.SealWith(key)
	must(t, "AddTrunk", s.AddTrunk(ctx, want))
	check(t, "Trunk", want)(s.Trunk(ctx, "production", "a"))
	want.Password = "new"
	change := func(t *voice.Trunk) error { t.Password = "new"; return nil }
	check(t, "ChangeTrunk", want)(s.ChangeTrunk(ctx, "production", "a", change))
	must(t, "Close", s.Close())
	for _, other := range []Sealer{nil, sealer(t, 2)} {
		s = d.start(t)
		if other != nil {
			s.SealWith(other)
		}
		if got, err := s.Trunk(ctx, "production", "a"); err == nil {
			t.Errorf("Trunk with another sealer = %+v; want an error", got)
		}
		must(t, "Close", s.Close())
	}
	s = d.start(t)
	s.SealWith(key)
	check(t, "AllTrunks", []voice.Trunk{want})(s.AllTrunks(ctx))
}

func sealer(t *testing.T, key byte) Sealer {
	t.Helper()
	s, err := access.NewSealer(bytes.Repeat([]byte{key}, access.SealKeySize))
	must(t, "NewSealer", err)
	return s
}

func testNumbers(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	a, b := ownNumber("production", 1), ownNumber("production", 2)
	other := ownNumber("sandbox", 1)
	b.Tags, b.Pace = nil, voice.Pace{}
	for _, n := range []voice.OwnNumber{b, other, a} {
		must(t, "AddNumber", s.AddNumber(ctx, n))
	}
	check(t, "Number", a)(s.Number(ctx, "production", number(1)))
	check(t, "Numbers", []voice.OwnNumber{a, b})(s.Numbers(ctx, "production"))
	check(t, "NumbersCalled", []voice.OwnNumber{a, other})(s.NumbersCalled(ctx, number(1)))
	check[[]voice.OwnNumber](t, "NumbersCalled", nil)(s.NumbersCalled(ctx, number(3)))
	checkErr(t, voice.ErrExists, s.AddNumber(ctx, a))
	want := b
	want.Number = number(1)
	replace := func(n *voice.OwnNumber) error { *n = b; n.Environment = "sandbox"; return nil }
	check(t, "ChangeNumber", want)(s.ChangeNumber(ctx, "production", number(1), replace))
	check(t, "Number", want)(s.Number(ctx, "production", number(1)))
	no := errors.New("no")
	refuse := func(n *voice.OwnNumber) error { n.Label = "no"; return no }
	checkErr(t, no, second(s.ChangeNumber(ctx, "production", number(1), refuse)))
	must(t, "RemoveNumber", s.RemoveNumber(ctx, "production", number(1)))
	check(t, "NumbersCalled", []voice.OwnNumber{other})(s.NumbersCalled(ctx, number(1)))
	for _, env := range []dnc.Environment{"production", "nowhere"} {
		checkErr(
			t, voice.ErrNoNumber, s.RemoveNumber(ctx, env, number(1)),
			second(s.Number(ctx, env, number(1))),
			second(s.ChangeNumber(ctx, env, number(1), replace)))
	}
	checkErr(
		t, dnc.ErrNoEnvironment, s.AddNumber(ctx, ownNumber("nowhere", 1)),
		second(s.Numbers(ctx, "nowhere")))
}

func testAgents(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	b, a, other := agent("production", "b"), agent("production", "a"), agent("sandbox", "a")
	a.Kind, a.Recording, a.OptOutKey = voice.Streamed, "", ""
	for _, one := range []voice.Agent{b, a, other} {
		must(t, "AddAgent", s.AddAgent(ctx, one))
	}
	check(t, "Agent", b)(s.Agent(ctx, "production", "b"))
	check(t, "Agents", []voice.Agent{a, b})(s.Agents(ctx, "production"))
	checkErr(t, voice.ErrExists, s.AddAgent(ctx, a))
	want := a
	want.Name = "b"
	replace := func(one *voice.Agent) error { *one = a; one.Environment = "sandbox"; return nil }
	check(t, "ChangeAgent", want)(s.ChangeAgent(ctx, "production", "b", replace))
	check(t, "Agent", want)(s.Agent(ctx, "production", "b"))
	no := errors.New("no")
	refuse := func(one *voice.Agent) error { one.URL = "no"; return no }
	checkErr(t, no, second(s.ChangeAgent(ctx, "production", "b", refuse)))
	must(t, "RemoveAgent", s.RemoveAgent(ctx, "production", "a"))
	check(t, "Agents", []voice.Agent{want})(s.Agents(ctx, "production"))
	for _, env := range []dnc.Environment{"production", "nowhere"} {
		checkErr(
			t, voice.ErrNoAgent, s.RemoveAgent(ctx, env, "a"), second(s.Agent(ctx, env, "a")),
			second(s.ChangeAgent(ctx, env, "a", replace)))
	}
	checkErr(
		t, dnc.ErrNoEnvironment, s.AddAgent(ctx, agent("nowhere", "a")),
		second(s.Agents(ctx, "nowhere")))
}

func testRecordings(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	a, b, other := recording("production", 1), recording("production", 2), recording("sandbox", 1)
	b.Audio = bytes.Repeat([]byte{0xff, 0}, 100_000)
	for _, one := range []voice.Recording{a, b, other} {
		must(t, "AddRecording", s.AddRecording(ctx, one))
		check(t, "Recording", one)(s.Recording(ctx, one.Environment, one.ID))
	}
	checkErr(t, voice.ErrExists, s.AddRecording(ctx, a))
	a.Audio, b.Audio = nil, nil
	check(t, "Recordings", []voice.Recording{b, a})(s.Recordings(ctx, "production"))
	must(t, "RemoveRecording", s.RemoveRecording(ctx, "production", "r_1"))
	check(t, "Recordings", []voice.Recording{b})(s.Recordings(ctx, "production"))
	for _, env := range []dnc.Environment{"production", "nowhere"} {
		checkErr(
			t, voice.ErrNoRecording, s.RemoveRecording(ctx, env, "r_1"),
			second(s.Recording(ctx, env, "r_1")))
	}
	checkErr(
		t, dnc.ErrNoEnvironment, s.AddRecording(ctx, recording("nowhere", 1)),
		second(s.Recordings(ctx, "nowhere")))
}

// testInUse holds that what is used is not removed.
func testInUse(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	c := bareCampaign(1)
	c.Provider, c.Agent, c.Flow = "trunk", "anna", []campaign.Step{{Agent: "bob"}}
	c.CallerIDs = []e164.Number{number(1)}
	mustAddCampaign(t, s, c)
	must(t, "AddTrunk", s.AddTrunk(ctx, trunk("production", "trunk")))
	must(t, "AddAgent", s.AddAgent(ctx, agent("production", "anna")))
	must(t, "AddAgent", s.AddAgent(ctx, agent("production", "bob")))
	must(t, "AddNumber", s.AddNumber(ctx, ownNumber("production", 1)))
	for i := range 2 {
		must(t, "AddRecording", s.AddRecording(ctx, recording("production", i+1)))
	}
	checkErr(
		t, voice.ErrInUse, s.RemoveTrunk(ctx, "production", "trunk"),
		s.RemoveAgent(ctx, "production", "anna"), s.RemoveAgent(ctx, "production", "bob"),
		s.RemoveNumber(ctx, "production", number(1)),
		s.RemoveRecording(ctx, "production", "r_1"), s.RemoveRecording(ctx, "production", "r_2"))
	setState(t, s, c.ID, campaign.Finished)
	checkErr(
		t, voice.ErrInUse, s.RemoveTrunk(ctx, "production", "trunk"), // of the number
		s.RemoveAgent(ctx, "production", "anna")) // of the number
	must(t, "RemoveNumber", s.RemoveNumber(ctx, "production", number(1)))
	must(t, "RemoveTrunk", s.RemoveTrunk(ctx, "production", "trunk"))
	must(t, "RemoveAgent", s.RemoveAgent(ctx, "production", "anna"))
	must(t, "RemoveAgent", s.RemoveAgent(ctx, "production", "bob"))
	must(t, "RemoveRecording", s.RemoveRecording(ctx, "production", "r_1"))
	must(t, "RemoveRecording", s.RemoveRecording(ctx, "production", "r_2"))
}

// testToolsRemoved holds that an environment goes with its campaigns and all
// that calls are made with, and leaves others alone.
func testToolsRemoved(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	for _, env := range []dnc.Environment{"production", "sandbox"} {
		c := bareCampaign(len(env))
		c.Environment, c.State = env, campaign.Running
		mustAddCampaign(t, s, c)
		must(t, "AddContacts", third(s.AddContacts(ctx, env, c.ID, newContacts(0, 3))))
		must(t, "AddTrunk", s.AddTrunk(ctx, trunk(env, "trunk")))
		must(t, "AddAgent", s.AddAgent(ctx, agent(env, "anna")))
		must(t, "AddNumber", s.AddNumber(ctx, ownNumber(env, 1)))
		must(t, "AddRecording", s.AddRecording(ctx, recording(env, 1)))
	}
	must(t, "RemoveWorld", s.RemoveWorld(ctx, "production", "ada"))
	check(t, "AllTrunks", []voice.Trunk{trunk("sandbox", "trunk")})(s.AllTrunks(ctx))
	check(t, "NumbersCalled", []voice.OwnNumber{ownNumber("sandbox", 1)})(
		s.NumbersCalled(ctx, number(1)))
	if got, err := s.RunningCampaigns(ctx); len(got) != 1 || got[0].Environment != "sandbox" {
		t.Errorf("RunningCampaigns = %+v, %v; want that of the sandbox", got, err)
	}
	checkErr(
		t, campaign.ErrNoCampaign, third(s.AddContacts(ctx, "production", "k_10", nil)),
		second(s.Campaign(ctx, "production", "k_10")))
	if _, err := s.AddWorld(ctx, dnc.World{Name: "production"}, "ada"); err != nil {
		t.Fatal(err)
	}
	check[[]campaign.Campaign](t, "Campaigns", nil)(s.Campaigns(ctx, "production"))
	check[[]voice.Trunk](t, "Trunks", nil)(s.Trunks(ctx, "production"))
	check[[]voice.OwnNumber](t, "Numbers", nil)(s.Numbers(ctx, "production"))
	check[[]voice.Agent](t, "Agents", nil)(s.Agents(ctx, "production"))
	check[[]voice.Recording](t, "Recordings", nil)(s.Recordings(ctx, "production"))
	again := bareCampaign(10) // its ID is free, and it has no contacts
	mustAddCampaign(t, s, again)
	mustAddContacts(t, s, again.ID, newContacts(0, 3))
}

func third[T, U any](_ T, _ U, err error) error { return err }
