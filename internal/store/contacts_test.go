package store

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/voice"
)

func FuzzPlaceOf(f *testing.F) {
	for _, id := range []string{
		"", "-", "k", "k-", "k-00000001", "k-1", "k-+0000001", "-00000001", "k--0000001",
		"a-b-00000002", "k-123456789", "k-99999999999999999999",
	} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		of, place, err := placeOf(id)
		if err == nil && contactID(of, place) != id {
			t.Errorf("placeOf(%q) = %q, %d, which is %q", id, of, place, contactID(of, place))
		}
		if of, place, err := placeOf(contactID(id, 7)); of != id || place != 7 || err != nil {
			t.Errorf("placeOf(contactID(%q, 7)) = %q, %d, %v", id, of, place, err)
		}
	})
}

// newStore opens a store in a folder with an environment and a campaign in it.
func newStore(t *testing.T, file string) *Store {
	t.Helper()
	s, err := Open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if _, err := s.AddWorld(t.Context(), dnc.World{Name: "sandbox"}, "ada"); err != nil &&
		!errors.Is(err, dnc.ErrEnvironmentExists) {
		t.Fatal(err)
	}
	return s
}

func someContacts(n int) []campaign.Contact {
	contacts := make([]campaign.Contact, n)
	for i := range contacts {
		contacts[i].Number = e164.FromUint64(uint64(14155550000 + i))
	}
	return contacts
}

// TestUnseen kills the program, as it were, between two parts of contacts.
func TestUnseen(t *testing.T) {
	ctx, file := t.Context(), filepath.Join(t.TempDir(), "nocall.db")
	s := newStore(t, file)
	if err := s.AddCampaign(ctx, campaign.Campaign{ID: "k", Environment: "sandbox"}); err != nil {
		t.Fatal(err)
	}
	if n, _, err := s.AddContacts(ctx, "sandbox", "k", someContacts(2)); n != 2 || err != nil {
		t.Fatalf("AddContacts = %d, %v", n, err)
	}
	p := parcel{env: "sandbox", id: "k"}
	came, err := write(ctx, s, func(x *tx) (arrived, error) {
		return x.addParcel(p, someContacts(2100))
	})
	if err != nil || came.added != 2098 || len(came.duplicates) != 2 {
		t.Fatalf("addParcel = %d, %d, %v", came.added, len(came.duplicates), err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = newStore(t, file)
	checkTwo(t, s)
	n, duplicates, err := s.AddContacts(ctx, "sandbox", "k", someContacts(2050))
	if n != 2048 || len(duplicates) != 2 || err != nil {
		t.Errorf("AddContacts = %d, %d, %v; want 2048, 2", n, len(duplicates), err)
	}
	if err := s.dropUnseen(ctx, "sandbox", "k"); err != nil {
		t.Error(err)
	}
	if got := count(t, s, "contact"); got != 2050 {
		t.Errorf("%d rows; want 2050", got)
	}
}

// checkTwo holds that a campaign has two contacts, however it is asked.
func checkTwo(t *testing.T, s *Store) {
	t.Helper()
	ctx, each := t.Context(), 0
	p, err := s.Progress(ctx, "sandbox", "k")
	if p.Total != 2 || p.Waiting != 2 || err != nil {
		t.Errorf("Progress = %+v, %v; want two", p, err)
	}
	for _, q := range []campaign.ContactQuery{{Limit: 9}, {Limit: 9, Part: "1415555"}} {
		page, err := s.Contacts(ctx, "sandbox", "k", q)
		if page.Total != 2 || len(page.Contacts) != 2 || err != nil {
			t.Errorf("Contacts(%+v) = %+v, %v; want two", q, page, err)
		}
	}
	err = s.EachContact(ctx, "sandbox", "k", func(campaign.Contact) error { each++; return nil })
	due, dueErr := s.DueContacts(ctx, "sandbox", "k", time.Unix(0, 0), 9)
	if each != 2 || len(due) != 2 || err != nil || dueErr != nil {
		t.Errorf("EachContact gave %d, %v; DueContacts %d, %v", each, err, len(due), dueErr)
	}
	third := contactID("k", 5)
	if _, err := s.Contact(ctx, "sandbox", "k", third); !errors.Is(err, campaign.ErrNoContact) {
		t.Errorf("Contact(%s) = %v; want ErrNoContact", third, err)
	}
	err = s.BeginAttempt(ctx, "sandbox", campaign.Contact{ID: third}, voice.Call{})
	if !errors.Is(err, campaign.ErrNoContact) {
		t.Errorf("BeginAttempt(%s) = %v; want ErrNoContact", third, err)
	}
}

// TestAllCleared holds that no row of an environment that was removed is left.
func TestAllCleared(t *testing.T) {
	ctx := t.Context()
	s := newStore(t, filepath.Join(t.TempDir(), "nocall.db"))
	at := time.Unix(1, 0)
	for _, err := range []error{
		s.AddCampaign(ctx, campaign.Campaign{ID: "k", Environment: "sandbox"}),
		s.AddTrunk(ctx, voice.Trunk{Environment: "sandbox", Name: "a"}),
		s.AddAgent(ctx, voice.Agent{Environment: "sandbox", Name: "a"}),
		s.AddRecording(ctx, voice.Recording{Environment: "sandbox", ID: "a"}),
		s.AddNumber(ctx, voice.OwnNumber{
			Environment: "sandbox", Number: e164.FromUint64(14155550000),
		}),
		s.AddCall(ctx, voice.Call{ID: "c", Environment: "sandbox", StartedAt: at}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if n, _, err := s.AddContacts(ctx, "sandbox", "k", someContacts(50)); n != 50 {
		t.Fatalf("AddContacts = %d, %v", n, err)
	}
	if err := s.RemoveWorld(ctx, "sandbox", "ada"); err != nil {
		t.Fatal(err)
	}
	for more := true; more; {
		var err error
		if more, err = write(ctx, s, (*tx).clearAway); err != nil {
			t.Fatal(err)
		}
	}
	for _, table := range []string{
		"campaign", "removed_campaign", "contact", "contact_count", "trunk", "own_number",
		"agent", "recording", "call", "call_count", "removed_environment", "dnc_entry",
	} {
		if n := count(t, s, table); n != 0 {
			t.Errorf("%d rows of %s; want none", n, table)
		}
	}
}

func count(t *testing.T, s *Store, table string) (rows int) {
	t.Helper()
	if err := s.row(t.Context(), `SELECT COUNT(*) FROM `+table).Scan(&rows); err != nil {
		t.Fatal(err)
	}
	return rows
}
