package storetest

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"

	"nocall/internal/campaign"
	"nocall/internal/e164"
	"nocall/internal/voice"
)

func testDue(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	c := mustAddCampaign(t, s, bareCampaign(1))
	checkDue(t, s, 1000, 10)
	if _, waits, err := s.NextDue(ctx, "production", c.ID); waits || err != nil {
		t.Errorf("NextDue = %v, %v; want none", waits, err)
	}
	new := newContacts(0, 6)
	for i, seconds := range []int{50, 10, 30, 10, 70, -1} {
		if seconds > 0 {
			new[i].NextAt = at(seconds)
		}
	}
	all := mustAddContacts(t, s, c.ID, new)
	checkDue(t, s, 0, 10, 5)
	checkDue(t, s, 9, 10, 5)
	checkDue(t, s, 10, 10, 5, 1, 3)
	checkDue(t, s, 50, 10, 5, 1, 3, 2, 0)
	checkDue(t, s, 50, 3, 5, 1, 3)
	checkDue(t, s, 1000, 10, 5, 1, 3, 2, 0, 4)
	next, waits, err := s.NextDue(ctx, "production", c.ID)
	if !next.IsZero() || !waits || err != nil {
		t.Errorf("NextDue = %v, %v, %v; want at once", next, waits, err)
	}
	begin(t, s, all[5], 5)
	begin(t, s, all[1], 1)
	end(t, s, all[1], campaign.Answered)
	begin(t, s, all[3], 3)
	retry(t, s, all[3])
	checkDue(t, s, 1000, 10, 2, 0, 4, 3)
	next, waits, err = s.NextDue(ctx, "production", c.ID)
	if !next.Equal(at(30)) || !waits || err != nil {
		t.Errorf("NextDue = %v, %v, %v; want %v", next, waits, err, at(30))
	}
}

// checkDue checks which contacts are due so many seconds later.
func checkDue(t *testing.T, s Store, seconds, limit int, want ...int) {
	t.Helper()
	due, err := s.DueContacts(t.Context(), "production", "k_1", at(seconds), limit)
	if err != nil || len(due) != len(want) {
		t.Errorf("DueContacts(%d) = %+v, %v; want %v", seconds, due, err, want)
		return
	}
	for i, c := range due {
		if c.Number != number(want[i]) || c.State != campaign.Waiting {
			t.Errorf("DueContacts(%d) has %+v in place %d; want %v", seconds, c, i, want)
		}
	}
}

func testAttempt(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	c := mustAddCampaign(t, s, bareCampaign(1))
	all := mustAddContacts(t, s, c.ID, newContacts(0, 3))
	want := begin(t, s, all[0], 1)
	active, err := s.ActiveContacts(ctx, "production", c.ID)
	if err != nil || !reflect.DeepEqual(active, []campaign.Contact{want}) {
		t.Errorf("ActiveContacts = %+v, %v; want %+v", active, err, want)
	}
	if made, err := s.Call(ctx, "production", want.CallID); !sameCall(made, callOf(want, 1)) {
		t.Errorf("Call = %+v, %v; want that of the attempt", made, err)
	}
	err = s.BeginAttempt(ctx, "production", want, call(2))
	if !errors.Is(err, campaign.ErrTaken) {
		t.Errorf("BeginAttempt(again) = %v; want ErrTaken", err)
	}
	if err := s.BeginAttempt(ctx, "production", all[1], call(1)); err == nil {
		t.Error("BeginAttempt with a call that is there = nil")
	}
	no := errors.New("no")
	_, err = s.EndAttempt(ctx, "production", want.ID, func(c *campaign.Contact) error {
		c.State = campaign.Done
		return no
	})
	if !errors.Is(err, no) {
		t.Errorf("EndAttempt = %v; want the error of change", err)
	}
	want.State, want.Disposition, want.UpdatedAt = campaign.Done, campaign.Answered, at(300)
	if got := end(t, s, want, campaign.Answered); !reflect.DeepEqual(got, want) {
		t.Errorf("EndAttempt = %+v; want %+v", got, want)
	}
	got := everyContact(t, s, c.ID)
	if !reflect.DeepEqual(got, []campaign.Contact{want, all[1], all[2]}) {
		t.Errorf("contacts are %+v; want the first of them done", got)
	}
	testAttemptLate(t, s, all[2])
}

// testAttemptLate holds that who knows a contact of before another attempt
// does not begin one.
func testAttemptLate(t *testing.T, s Store, c campaign.Contact) {
	begin(t, s, c, 3)
	retry(t, s, c)
	err := s.BeginAttempt(t.Context(), "production", c, call(4))
	if !errors.Is(err, campaign.ErrTaken) {
		t.Errorf("BeginAttempt(late) = %v; want ErrTaken", err)
	}
}

// testAttemptsAtOnce holds that of those who begin an attempt at one contact,
// one does.
func testAttemptsAtOnce(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	c := mustAddCampaign(t, s, bareCampaign(1))
	all := mustAddContacts(t, s, c.ID, newContacts(0, 5))
	for round, contact := range all {
		var won atomic.Int32
		var callers sync.WaitGroup
		for i := range 20 {
			callers.Go(func() {
				n := round*20 + i
				calling := attempt(contact, n)
				err := s.BeginAttempt(ctx, "production", calling, callOf(calling, n))
				if err == nil {
					won.Add(1)
				} else if !errors.Is(err, campaign.ErrTaken) {
					t.Errorf("BeginAttempt = %v; want ErrTaken", err)
				}
			})
		}
		callers.Wait()
		if won.Load() != 1 {
			t.Errorf("%d attempts at %s; want one", won.Load(), contact.ID)
		}
	}
	page, err := s.Calls(ctx, "production", voice.CallQuery{CampaignID: c.ID, Limit: 50})
	if err != nil || page.Total != 5 {
		t.Fatalf("Calls = %d, %v; want 5", page.Total, err)
	}
	placed := make(map[string]e164.Number)
	for _, made := range page.Calls {
		placed[made.ID] = made.Number
	}
	for _, contact := range everyContact(t, s, c.ID) {
		if placed[contact.CallID] != contact.Number {
			t.Errorf("%+v has no call of its own", contact)
		}
	}
}

// testAttemptDurable holds that an attempt that began is there when the
// database is opened again, with its call.
func testAttemptDurable(t *testing.T, d *database) {
	s := d.startWith(t)
	c := mustAddCampaign(t, s, bareCampaign(1))
	all := mustAddContacts(t, s, c.ID, newContacts(0, 3))
	want := begin(t, s, all[1], 1)
	before := progress(t, s, c.ID)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = d.start(t)
	active, err := s.ActiveContacts(t.Context(), "production", c.ID)
	if err != nil || !reflect.DeepEqual(active, []campaign.Contact{want}) {
		t.Errorf("ActiveContacts = %+v, %v; want %+v", active, err, want)
	}
	open, err := s.OpenCalls(t.Context())
	if err != nil || len(open) != 1 || open[0].ID != want.CallID {
		t.Errorf("OpenCalls = %+v, %v; want %s", open, err, want.CallID)
	}
	if after := progress(t, s, c.ID); !reflect.DeepEqual(after, before) || after.Active != 1 {
		t.Errorf("Progress = %+v; want %+v", after, before)
	}
	err = s.BeginAttempt(t.Context(), "production", want, call(2))
	if !errors.Is(err, campaign.ErrTaken) {
		t.Errorf("BeginAttempt = %v; want ErrTaken", err)
	}
}

// testContactsWhole holds that nobody sees a part of the contacts that are
// being added, and that others get their turn meanwhile.
func testContactsWhole(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	c := mustAddCampaign(t, s, bareCampaign(1))
	const many = 2100
	given := newContacts(0, many)
	done := make(chan struct{})
	var adders sync.WaitGroup
	for range 2 { // one of them finds them there
		adders.Go(func() {
			accepted, duplicates, err := s.AddContacts(ctx, "production", c.ID, given)
			if err != nil || accepted+len(duplicates) != many || accepted%many != 0 {
				t.Errorf("AddContacts = %d, %d, %v", accepted, len(duplicates), err)
			}
		})
	}
	go func() {
		adders.Wait()
		close(done)
	}()
	for i := 0; ; i++ {
		mustAdd(t, s, entry(i))
		p := progress(t, s, c.ID)
		if p.Total != 0 && p.Total != many {
			t.Fatalf("Progress has %d; want none or %d", p.Total, many)
		}
		q := campaign.ContactQuery{After: c.ID + "-00001090", Limit: 20}
		page, err := s.Contacts(ctx, "production", c.ID, q)
		if n := len(page.Contacts); err != nil || n != 0 && n != q.Limit {
			t.Fatalf("Contacts gave %d, %v; want none or %d", n, err, q.Limit)
		}
		select {
		case <-done:
			if n := len(everyContact(t, s, c.ID)); n != many {
				t.Errorf("%d contacts; want %d", n, many)
			}
			return
		default:
		}
	}
}

// testContactsCut holds that contacts whose adding is cut off are not there,
// and can be added again.
func testContactsCut(t *testing.T, d *database) {
	s := d.startWith(t)
	c := mustAddCampaign(t, s, bareCampaign(1))
	const many = 2100
	given := newContacts(0, many)
	ctx, cancel := context.WithCancel(t.Context())
	added := make(chan error)
	go func() {
		_, _, err := s.AddContacts(ctx, "production", c.ID, given)
		added <- err
	}()
	mustAdd(t, s, entry(1))
	cancel()
	if err := <-added; err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("AddContacts = %v; want the error of the context", err)
	}
	if p := progress(t, s, c.ID); p.Total != 0 && p.Total != many {
		t.Errorf("Progress has %d; want none or %d", p.Total, many)
	}
	go func() {
		_, _, err := s.AddContacts(t.Context(), "production", c.ID, given)
		added <- err
	}()
	mustAdd(t, s, entry(2))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	<-added
	s = d.start(t)
	p := progress(t, s, c.ID)
	if p.Total != 0 && p.Total != many {
		t.Errorf("Progress has %d; want none or %d", p.Total, many)
	}
	accepted, duplicates, err := s.AddContacts(t.Context(), "production", c.ID, given)
	if err != nil || accepted+p.Total != many || len(duplicates) != p.Total {
		t.Errorf("AddContacts = %d, %d, %v; want the rest of %d",
			accepted, len(duplicates), err, many)
	}
	if got := len(everyContact(t, s, c.ID)); got != many {
		t.Errorf("%d contacts; want %d", got, many)
	}
}
