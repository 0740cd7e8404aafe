package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/voice"
)

type contacts interface {
	AddContacts(
		ctx context.Context, env dnc.Environment, id string, contacts []campaign.Contact,
	) (accepted int, duplicates []e164.Number, err error)
	Contacts(
		ctx context.Context, env dnc.Environment, id string, q campaign.ContactQuery,
	) (campaign.ContactPage, error)
	Contact(
		ctx context.Context, env dnc.Environment, id, contactID string,
	) (campaign.Contact, error)
	EachContact(
		ctx context.Context, env dnc.Environment, id string, fn func(campaign.Contact) error,
	) error
	DueContacts(
		ctx context.Context, env dnc.Environment, id string, at time.Time, limit int,
	) ([]campaign.Contact, error)
	NextDue(ctx context.Context, env dnc.Environment, id string) (time.Time, bool, error)
	ActiveContacts(
		ctx context.Context, env dnc.Environment, id string,
	) ([]campaign.Contact, error)
	BeginAttempt(
		ctx context.Context, env dnc.Environment, contact campaign.Contact, call voice.Call,
	) error
	EndAttempt(
		ctx context.Context, env dnc.Environment, contactID string,
		change func(*campaign.Contact) error,
	) (campaign.Contact, error)
}

// newContacts returns contacts with the numbers from first to before last.
func newContacts(first, last int) []campaign.Contact {
	var all []campaign.Contact
	for i := first; i < last; i++ {
		all = append(all, campaign.Contact{
			Number: number(i), Timezone: "America/Denver",
			Variables: map[string]string{"name": fmt.Sprint("Zoë ", i), "": "\x01\"<"},
		})
	}
	return all
}

// mustAddContacts adds contacts of which none is there, and returns all that
// the campaign has.
func mustAddContacts(
	t *testing.T, s Store, id string, contacts []campaign.Contact,
) []campaign.Contact {
	t.Helper()
	accepted, duplicates, err := s.AddContacts(t.Context(), "production", id, contacts)
	if err != nil || accepted != len(contacts) || len(duplicates) > 0 {
		t.Fatalf("AddContacts = %d, %v, %v; want all %d", accepted, duplicates, err, len(contacts))
	}
	return everyContact(t, s, id)
}

func everyContact(t *testing.T, s Store, id string) (all []campaign.Contact) {
	t.Helper()
	err := s.EachContact(t.Context(), "production", id, func(c campaign.Contact) error {
		all = append(all, c)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func progress(t *testing.T, s Store, id string) campaign.Progress {
	t.Helper()
	p, err := s.Progress(t.Context(), "production", id)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// begin begins an attempt at a contact, with the call of that number.
func begin(t *testing.T, s Store, c campaign.Contact, n int) campaign.Contact {
	t.Helper()
	calling := attempt(c, n)
	err := s.BeginAttempt(t.Context(), "production", calling, callOf(calling, n))
	if err != nil {
		t.Fatalf("BeginAttempt(%s) = %v", c.ID, err)
	}
	return calling
}

// attempt returns a contact as it is while its call goes on.
func attempt(c campaign.Contact, n int) campaign.Contact {
	c.State, c.CallID, c.UpdatedAt = campaign.Active, call(n).ID, at(200)
	c.Attempts++
	c.AllAttempts++
	return c
}

func callOf(c campaign.Contact, n int) voice.Call {
	made := call(n)
	made.CampaignID, made.Number = c.CampaignID, c.Number
	return made
}

// end ends the attempt at a contact, and with it the contact.
func end(t *testing.T, s Store, c campaign.Contact, d campaign.Disposition) campaign.Contact {
	t.Helper()
	done, err := s.EndAttempt(t.Context(), "production", c.ID, func(c *campaign.Contact) error {
		c.State, c.Disposition, c.UpdatedAt = campaign.Done, d, at(300)
		return nil
	})
	if err != nil {
		t.Fatalf("EndAttempt(%s) = %v", c.ID, err)
	}
	return done
}

func testContacts(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	c := mustAddCampaign(t, s, bareCampaign(1))
	later := newContacts(3, 6)
	later[0].NextAt, later[1].Variables, later[2].Timezone = at(9), nil, ""
	given := slices.Concat(newContacts(1, 3), later)
	all := mustAddContacts(t, s, c.ID, given)
	if len(all) != 5 {
		t.Fatalf("EachContact gave %d; want 5", len(all))
	}
	for i, got := range all {
		want := given[i]
		want.ID, want.CampaignID, want.State = got.ID, c.ID, campaign.Waiting
		want.AddedAt, want.UpdatedAt = got.AddedAt, got.AddedAt
		if !reflect.DeepEqual(got, want) || got.AddedAt.IsZero() {
			t.Errorf("contact %d is %+v; want %+v", i, got, want)
		}
		if i > 0 && got.ID <= all[i-1].ID {
			t.Errorf("%s comes after %s", got.ID, all[i-1].ID)
		}
		again, err := s.Contact(ctx, "production", c.ID, got.ID)
		if err != nil || !reflect.DeepEqual(again, got) {
			t.Errorf("Contact = %+v, %v; want %+v", again, err, got)
		}
	}
	numbers := slices.Concat(newContacts(4, 8), newContacts(7, 9))
	accepted, duplicates, err := s.AddContacts(ctx, "production", c.ID, numbers)
	slices.SortFunc(duplicates, func(a, b e164.Number) int { return int(a.Uint64() - b.Uint64()) })
	if err != nil || accepted != 3 ||
		!slices.Equal(duplicates, []e164.Number{number(4), number(5), number(7)}) {
		t.Errorf("AddContacts = %d, %v, %v; want 3 and 4, 5, 7", accepted, duplicates, err)
	}
	p, n := progress(t, s, c.ID), len(everyContact(t, s, c.ID))
	if p.Total != 8 || p.Waiting != 8 || n != 8 {
		t.Errorf("Progress = %+v of %d; want 8 waiting", p, n)
	}
	stop := errors.New("stop")
	err = s.EachContact(ctx, "production", c.ID, func(campaign.Contact) error { return stop })
	if !errors.Is(err, stop) {
		t.Errorf("EachContact = %v; want the error of fn", err)
	}
}

func testContactsOdd(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	c := mustAddCampaign(t, s, bareCampaign(1))
	other := mustAddCampaign(t, s, bareCampaign(2))
	if n, _, err := s.AddContacts(ctx, "production", c.ID, nil); n != 0 || err != nil {
		t.Errorf("AddContacts(none) = %d, %v", n, err)
	}
	all := mustAddContacts(t, s, c.ID, newContacts(1, 2))
	mustAddContacts(t, s, other.ID, newContacts(1, 2)) // a number may be in several
	nothing := func(*campaign.Contact) error { return nil }
	for _, id := range []string{
		"", "-", "k_1", c.ID + "-", c.ID + "-00000002", c.ID + "-0", "k_9-1",
	} {
		for _, err := range []error{
			second(s.Contact(ctx, "production", c.ID, id)),
			second(s.EndAttempt(ctx, "production", id, nothing)),
			s.BeginAttempt(ctx, "production", campaign.Contact{ID: id}, call(1)),
		} {
			if !errors.Is(err, campaign.ErrNoContact) {
				t.Errorf("contact %q: %v; want ErrNoContact", id, err)
			}
		}
	}
	for _, err := range []error{
		second(s.Contact(ctx, "sandbox", c.ID, all[0].ID)),
		second(s.Contact(ctx, "production", other.ID, all[0].ID)),
		second(s.EndAttempt(ctx, "sandbox", all[0].ID, nothing)),
	} {
		if !errors.Is(err, campaign.ErrNoContact) {
			t.Errorf("contact of another: %v; want ErrNoContact", err)
		}
	}
	bad := newContacts(10, 14)
	bad[3].Number = e164.Number{}
	if n, _, err := s.AddContacts(ctx, "production", c.ID, bad); err == nil || n != 0 {
		t.Errorf("AddContacts(no number) = %d, %v; want an error", n, err)
	}
	if p := progress(t, s, c.ID); p.Total != 1 {
		t.Errorf("Progress = %+v; want the one contact of before", p)
	}
}

func testContactPages(t *testing.T, d *database) {
	s := d.startWith(t)
	c := mustAddCampaign(t, s, bareCampaign(1))
	all := mustAddContacts(t, s, c.ID, newContacts(0, 20))
	yes, no := true, false
	for i, contact := range all {
		switch i % 4 {
		case 1:
			begin(t, s, contact, i)
		case 2:
			begin(t, s, contact, i)
			end(t, s, contact, campaign.Answered)
		case 3:
			skip(t, s, contact, i)
		}
	}
	is := func(rests ...int) (want []int) {
		for i := range all {
			if slices.Contains(rests, i%4) {
				want = append(want, i)
			}
		}
		return want
	}
	for _, test := range []struct {
		query campaign.ContactQuery
		want  []int
	}{
		{campaign.ContactQuery{}, is(0, 1, 2, 3)},
		{campaign.ContactQuery{State: campaign.Waiting}, is(0)},
		{campaign.ContactQuery{State: campaign.Active}, is(1)},
		{campaign.ContactQuery{State: campaign.Done}, is(2, 3)},
		{campaign.ContactQuery{Disposition: campaign.Answered}, is(2)},
		{campaign.ContactQuery{Disposition: campaign.Busy}, nil},
		{campaign.ContactQuery{SkipReason: campaign.SkipDNC}, is(3)},
		{campaign.ContactQuery{OptedOut: &yes}, is(3)},
		{campaign.ContactQuery{OptedOut: &no}, is(0, 1, 2)},
		{campaign.ContactQuery{OptedOut: &no, State: campaign.Done}, is(2)},
		{campaign.ContactQuery{Part: "555001"}, []int{10, 11, 12, 13, 14, 15, 16, 17, 18, 19}},
		{campaign.ContactQuery{Part: "5550017", State: campaign.Active}, []int{17}},
		{campaign.ContactQuery{Part: "_"}, nil},
	} {
		for _, limit := range []int{1, 3, 20, 50} {
			test.query.Limit = limit
			checkContacts(t, s, test.query, test.want)
		}
	}
	for _, after := range []string{"k_2-00000001", "x"} {
		q := campaign.ContactQuery{After: after, Limit: 5}
		_, err := s.Contacts(t.Context(), "production", c.ID, q)
		if !errors.Is(err, campaign.ErrNoContact) {
			t.Errorf("Contacts(after %s) = %v; want ErrNoContact", after, err)
		}
	}
}

// skip writes down that a contact, which opted out, was skipped.
func skip(t *testing.T, s Store, c campaign.Contact, n int) {
	t.Helper()
	c = attempt(c, n)
	c.State, c.Disposition, c.SkipReason = campaign.Done, campaign.Skipped, campaign.SkipDNC
	c.OptedOut = true
	made := callOf(c, n)
	_ = made.Skip(campaign.Skipped, campaign.SkipDNC, at(n))
	if err := s.BeginAttempt(t.Context(), "production", c, made); err != nil {
		t.Fatal(err)
	}
}

// checkContacts turns all pages of contacts.
func checkContacts(t *testing.T, s Store, q campaign.ContactQuery, want []int) {
	t.Helper()
	var got []int
	for {
		page, err := s.Contacts(t.Context(), "production", "k_1", q)
		if err != nil || len(page.Contacts) > q.Limit || page.Total != len(want) {
			t.Fatalf("Contacts(%+v) = %+v, %v; want %v", q, page, err, want)
		}
		for _, c := range page.Contacts {
			got = append(got, int(c.Number.Uint64()-number(0).Uint64()))
		}
		if q.After = page.Next; q.After == "" {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("Contacts(%+v) gave %v; want %v", q, got, want)
	}
}

// testProgress holds the counts that are kept against the contacts.
func testProgress(t *testing.T, d *database) {
	s := d.startWith(t)
	c := mustAddCampaign(t, s, bareCampaign(1))
	mustAddCampaign(t, s, bareCampaign(2))
	mustAddContacts(t, s, "k_2", newContacts(0, 3)) // not counted
	for i, contact := range mustAddContacts(t, s, c.ID, newContacts(0, 30)) {
		switch i % 5 {
		case 0:
			begin(t, s, contact, i)
		case 1:
			skip(t, s, contact, i)
		case 2:
			begin(t, s, contact, i)
			retry(t, s, contact)
		case 3:
			begin(t, s, contact, i)
			end(t, s, contact, campaign.Dispositions()[i%5])
		}
	}
	want := campaign.Progress{
		State: campaign.Draft, Total: 30, Waiting: 12, Active: 6, Done: 12, OptedOut: 6,
		Disposition: map[campaign.Disposition]int{
			campaign.Skipped: 6, campaign.Refused: 6,
		},
		SkipReason: map[campaign.SkipReason]int{campaign.SkipDNC: 6},
	}
	if got := progress(t, s, c.ID); !reflect.DeepEqual(got, want) {
		t.Errorf("Progress = %+v; want %+v", got, want)
	}
	counted := campaign.Progress{
		State:       campaign.Draft,
		Disposition: maps.Clone(want.Disposition), SkipReason: maps.Clone(want.SkipReason),
	}
	for _, contact := range everyContact(t, s, c.ID) {
		counted.Total++
		counted.Waiting += one(contact.State == campaign.Waiting)
		counted.Active += one(contact.State == campaign.Active)
		counted.Done += one(contact.State == campaign.Done)
		counted.OptedOut += one(contact.OptedOut)
	}
	if !reflect.DeepEqual(counted, want) {
		t.Errorf("counted one by one: %+v; want %+v", counted, want)
	}
}

func one(holds bool) int {
	if holds {
		return 1
	}
	return 0
}

// retry ends an attempt at a contact that waits for another one then.
func retry(t *testing.T, s Store, c campaign.Contact) {
	t.Helper()
	_, err := s.EndAttempt(t.Context(), "production", c.ID, func(c *campaign.Contact) error {
		c.State, c.Disposition, c.NextAt = campaign.Waiting, campaign.Busy, at(1000)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
