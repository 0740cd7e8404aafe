package store

import (
	"context"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/e164"
)

// contactPart is how many contacts are added in one transaction, so that an
// opt-out does not wait for a whole file.
const contactPart = 1000

// AddContacts adds contacts to a campaign, all of them or none. They wait;
// their ID, State and AddedAt are given by the store, NextAt is kept, and of
// an attempt they have had nothing. A number that the campaign has already, or
// that comes again, is not added and returned. It returns
// [campaign.ErrNoCampaign] where there is none.
//
// They come in by parts, between which others get their turn, at places that
// nobody sees before the last part is durable. Two files for one campaign come
// in one after the other.
func (s *Store) AddContacts(
	ctx context.Context, env dnc.Environment, id string, contacts []campaign.Contact,
) (accepted int, duplicates []e164.Number, err error) {
	release, err := s.adding.take(ctx, id)
	if err != nil {
		return 0, nil, err
	}
	defer release()
	if err := s.dropUnseen(ctx, env, id); err != nil {
		return 0, nil, err
	}
	accepted, duplicates, err = s.addContacts(ctx, env, id, contacts)
	if err != nil {
		// Nobody sees what remains; the next one to add makes sure of it.
		_ = s.dropUnseen(context.WithoutCancel(ctx), env, id)
		return 0, nil, err
	}
	return accepted, duplicates, nil
}

// addContacts adds contacts part by part and makes them seen.
func (s *Store) addContacts(
	ctx context.Context, env dnc.Environment, id string, contacts []campaign.Contact,
) (accepted int, duplicates []e164.Number, err error) {
	contacts, duplicates = onlyOnce(contacts)
	next := int64(0) // the place of the first of the next part; 0 before any
	for first := true; first || len(contacts) > 0; first = false {
		part := contacts[:min(contactPart, len(contacts))]
		contacts = contacts[len(part):]
		p := parcel{env: env, id: id, next: next, added: accepted, last: len(contacts) == 0}
		came, err := write(ctx, s, func(x *tx) (arrived, error) { return x.addParcel(p, part) })
		if err != nil {
			return 0, nil, err
		}
		next, accepted = came.next, accepted+came.added
		duplicates = append(duplicates, came.duplicates...)
	}
	return accepted, duplicates, nil
}

// onlyOnce returns contacts without those whose number came before, and their
// numbers.
func onlyOnce(contacts []campaign.Contact) (once []campaign.Contact, again []e164.Number) {
	seen := make(map[e164.Number]bool, len(contacts))
	once = make([]campaign.Contact, 0, len(contacts))
	for _, c := range contacts {
		if seen[c.Number] {
			again = append(again, c.Number)
			continue
		}
		seen[c.Number] = true
		once = append(once, c)
	}
	return once, again
}

// parcel says where a part of new contacts goes.
type parcel struct {
	env   dnc.Environment
	id    string // of the campaign
	next  int64  // the first place; 0 for the campaign's next
	added int    // by the parts before
	last  bool   // whether all can be seen now
}

// arrived is what came of a part of new contacts.
type arrived struct {
	next       int64
	added      int
	duplicates []e164.Number
}

func (x *tx) addParcel(p parcel, part []campaign.Contact) (arrived, error) {
	n, err := findCampaign(x.query, p.env, p.id)
	if err != nil {
		return arrived{}, err
	}
	came := arrived{next: p.next}
	if came.next == 0 {
		came.next = n.places + 1
	}
	err = inChunks(part, func(few []campaign.Contact) error {
		return x.insertContacts(n.serial, few, &came)
	})
	if err != nil || !p.last {
		return came, err
	}
	x.contacts[look{campaign: n.serial, state: campaign.Waiting}] += int64(p.added + came.added)
	_, err = x.exec(`
		UPDATE campaign
		SET places = $2
		WHERE serial = $1`, n.serial, came.next-1)
	return came, err
}

// insertContacts inserts contacts at the next places, but for those whose
// numbers are there.
func (x *tx) insertContacts(serial int64, contacts []campaign.Contact, came *arrived) error {
	const columns = 8
	args := make([]any, 0, columns*len(contacts))
	for i, c := range contacts {
		variables, err := jsonTexts(c.Variables)
		if err != nil {
			return err
		}
		args = append(args, serial, came.next+int64(i), digits(c.Number), c.Timezone,
			variables[0], micros(c.NextAt), micros(x.now), micros(x.now))
	}
	added, err := x.exec(`
		INSERT INTO contact (campaign, place, number, timezone, variables, next_at, added_at,
			updated_at)
		VALUES `+tuples(len(contacts), columns)+`
		ON CONFLICT (campaign, number) DO NOTHING`, args...)
	if err != nil {
		return err
	}
	if int(added) < len(contacts) {
		if err := x.findDuplicates(serial, contacts, came); err != nil {
			return err
		}
	}
	came.next += int64(len(contacts))
	came.added += int(added)
	return nil
}

// findDuplicates notes the numbers of contacts that were not inserted.
func (x *tx) findDuplicates(serial int64, contacts []campaign.Contact, came *arrived) error {
	there := make(map[int64]bool)
	err := x.query(func(r row) error {
		var place int64
		err := r.Scan(&place)
		there[place] = true
		return err
	}, `
		SELECT place
		FROM contact
		WHERE campaign = $1 AND place >= $2 AND place < $3`,
		serial, came.next, came.next+int64(len(contacts)))
	for i, c := range contacts {
		if !there[came.next+int64(i)] {
			came.duplicates = append(came.duplicates, c.Number)
		}
	}
	return err
}

// dropUnseen removes what is left of contacts that were not added to the end.
// Nobody may be adding any.
func (s *Store) dropUnseen(ctx context.Context, env dnc.Environment, id string) error {
	for {
		more, err := write(ctx, s, func(x *tx) (bool, error) { return x.dropUnseen(env, id) })
		if err != nil || !more {
			return err
		}
	}
}

// dropUnseen removes a part, and reports whether there may be more.
func (x *tx) dropUnseen(env dnc.Environment, id string) (more bool, err error) {
	n, err := findCampaign(x.query, env, id)
	if err != nil {
		return false, err
	}
	left, err := x.exists(`
		SELECT 1
		FROM contact
		WHERE campaign = $1 AND place > $2
		LIMIT 1`, n.serial, n.places)
	if err != nil || !left {
		return false, err
	}
	_, err = x.exec(`
		DELETE FROM contact
		WHERE campaign = $1 AND place IN (
			SELECT place
			FROM contact
			WHERE campaign = $1 AND place > $2
			ORDER BY place
			LIMIT $3)`, n.serial, n.places, int64(clearPart))
	return true, err
}
