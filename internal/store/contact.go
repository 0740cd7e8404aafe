package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/voice"
)

// contactColumns are the columns of contact that [contactRow] reads.
const contactColumns = `campaign, place, number, timezone, variables, state, step, attempts,
	all_attempts, next_at, disposition, skip_reason, opted_out, call_id, added_at, updated_at`

// contactID returns the ID of a contact, from that of its campaign and its
// place there; [placeOf] reads it.
func contactID(campaignID string, place int64) string {
	return fmt.Sprintf("%s-%08d", campaignID, place)
}

// placeOf returns the campaign of a contact and its place there, or
// [campaign.ErrNoContact].
func placeOf(id string) (campaignID string, place int64, err error) {
	i := max(strings.LastIndexByte(id, '-'), 0)
	campaignID = id[:i]
	place, err = strconv.ParseInt(strings.TrimPrefix(id[i:], "-"), 10, 64)
	if err != nil || contactID(campaignID, place) != id {
		return "", 0, campaign.ErrNoContact
	}
	return campaignID, place, nil
}

// Contact returns a contact of a campaign, or [campaign.ErrNoContact].
func (s *Store) Contact(
	ctx context.Context, env dnc.Environment, id, contactID string,
) (campaign.Contact, error) {
	_, c, err := readContact(s.reading(ctx), env, contactID)
	if err == nil && c.CampaignID != id {
		return campaign.Contact{}, campaign.ErrNoContact
	}
	return c, err
}

// EachContact calls fn for each contact of a campaign, in the order in which
// they were added, and returns its first error. It holds on to nothing between
// calls, so that fn may take its time.
func (s *Store) EachContact(
	ctx context.Context, env dnc.Environment, id string, fn func(campaign.Contact) error,
) error {
	n, err := findCampaign(s.reading(ctx), env, id)
	if err != nil {
		return err
	}
	for after := int64(0); ; {
		contacts, last, err := s.contacts(ctx, id, `
			WHERE campaign = $1 AND place > $2 AND place <= $3
			ORDER BY place
			LIMIT $4`, n.serial, after, n.places, int64(eachPage))
		if err != nil {
			return err
		}
		for _, c := range contacts {
			if err := fn(c); err != nil {
				return err
			}
		}
		if len(contacts) < eachPage {
			return nil
		}
		after = last
	}
}

// DueContacts returns contacts of a campaign that wait for an attempt that may
// begin at the time, the earliest first, up to limit.
func (s *Store) DueContacts(
	ctx context.Context, env dnc.Environment, id string, at time.Time, limit int,
) ([]campaign.Contact, error) {
	n, err := findCampaign(s.reading(ctx), env, id)
	if err != nil {
		return nil, err
	}
	contacts, _, err := s.contacts(ctx, id, `
		WHERE campaign = $1 AND state = 'waiting' AND state <> 'done' AND next_at <= $2
			AND place <= $3
		ORDER BY next_at, place
		LIMIT $4`, n.serial, micros(at), n.places, int64(limit))
	return contacts, err
}

// NextDue returns when the next attempt at a contact that waits may begin, the
// zero time for at once, and whether there is one that waits.
func (s *Store) NextDue(
	ctx context.Context, env dnc.Environment, id string,
) (time.Time, bool, error) {
	n, err := findCampaign(s.reading(ctx), env, id)
	if err != nil {
		return time.Time{}, false, err
	}
	var next int64
	found := false
	err = s.reading(ctx)(func(r row) error {
		found = true
		return r.Scan(&next)
	}, `
		SELECT next_at
		FROM contact
		WHERE campaign = $1 AND state = 'waiting' AND state <> 'done' AND place <= $2
		ORDER BY next_at, place
		LIMIT 1`, n.serial, n.places)
	return timeOf(next), found, err
}

// ActiveContacts returns the contacts of a campaign that are being called.
func (s *Store) ActiveContacts(
	ctx context.Context, env dnc.Environment, id string,
) ([]campaign.Contact, error) {
	n, err := findCampaign(s.reading(ctx), env, id)
	if err != nil {
		return nil, err
	}
	contacts, _, err := s.contacts(ctx, id, `
		WHERE campaign = $1 AND state = 'active' AND state <> 'done'
		ORDER BY place + 0`, n.serial) // a sum is in no index, so they are found by state
	return contacts, err
}

// contacts returns the contacts of the campaign with the given ID that the
// rest of a query finds, and the place of the last one.
func (s *Store) contacts(
	ctx context.Context, campaignID, rest string, args ...any,
) (contacts []campaign.Contact, last int64, err error) {
	err = s.reading(ctx)(func(r row) error {
		n, c, err := contactRow(r, campaignID)
		contacts, last = append(contacts, c), n.places
		return err
	}, `
		SELECT `+contactColumns+`
		FROM contact
		`+rest, args...)
	return contacts, last, err
}

// BeginAttempt has a contact that waits become as given and adds the call of
// the attempt, both or neither. It returns [campaign.ErrTaken] for a contact
// that is not waiting any more, or at which there were more attempts meanwhile,
// and [campaign.ErrNoContact] where there is none. What a contact is made of
// when it is added stays as it is.
//
// After any other error the attempt may have begun: read the contact again.
func (s *Store) BeginAttempt(
	ctx context.Context, env dnc.Environment, contact campaign.Contact, call voice.Call,
) error {
	return s.change(ctx, func(x *tx) error {
		n, before, err := readContact(x.query, env, contact.ID)
		if err != nil {
			return err
		}
		if before.State != campaign.Waiting || before.AllAttempts > contact.AllAttempts {
			return campaign.ErrTaken
		}
		if _, err := x.writeContact(n, before, contact); err != nil {
			return err
		}
		call.Environment = env
		return x.addCall(call)
	})
}

// EndAttempt reads a contact, changes it and writes it back as one, and
// returns it. It returns [campaign.ErrNoContact] where there is none, and an
// error of change. What a contact is made of when it is added stays as it is;
// UpdatedAt is the time of the change unless that gives another. Change must
// not use the store, and may be called again with what stands then.
func (s *Store) EndAttempt(
	ctx context.Context, env dnc.Environment, contactID string,
	change func(*campaign.Contact) error,
) (campaign.Contact, error) {
	return write(ctx, s, func(x *tx) (campaign.Contact, error) {
		n, before, err := readContact(x.query, env, contactID)
		if err != nil {
			return campaign.Contact{}, err
		}
		after := before
		after.Variables = maps.Clone(before.Variables)
		if err := change(&after); err != nil {
			return campaign.Contact{}, err
		}
		return x.writeContact(n, before, after)
	})
}

// writeContact writes how far a contact has come, and returns it as it stands
// then.
func (x *tx) writeContact(n series, before, after campaign.Contact) (campaign.Contact, error) {
	after.ID, after.CampaignID, after.Number = before.ID, before.CampaignID, before.Number
	after.Timezone, after.Variables = before.Timezone, before.Variables
	after.AddedAt = before.AddedAt
	if after.UpdatedAt.IsZero() || after.UpdatedAt.Equal(before.UpdatedAt) {
		after.UpdatedAt = timeOf(micros(x.now))
	}
	if was, is := lookOf(n.serial, before), lookOf(n.serial, after); was != is {
		x.contacts[was]--
		x.contacts[is]++
	}
	_, err := x.exec(`
		UPDATE contact
		SET state = $3, step = $4, attempts = $5, all_attempts = $6, next_at = $7,
			disposition = $8, skip_reason = $9, opted_out = $10, call_id = $11, updated_at = $12
		WHERE campaign = $1 AND place = $2`,
		n.serial, n.places, string(after.State), int64(after.Step), int64(after.Attempts),
		int64(after.AllAttempts), micros(after.NextAt), string(after.Disposition),
		string(after.SkipReason), after.OptedOut, after.CallID, micros(after.UpdatedAt))
	return after, err
}

// readContact reads a contact, its place with the serial of its campaign, or
// returns [campaign.ErrNoContact].
func readContact(
	query querier, env dnc.Environment, contactID string,
) (n series, c campaign.Contact, err error) {
	id, place, err := placeOf(contactID)
	if err != nil {
		return n, c, err
	}
	err = campaign.ErrNoContact
	failure := query(func(r row) error {
		n, c, err = contactRow(r, id)
		return err
	}, contactText, string(env), id, place)
	return n, c, cmp.Or(failure, err)
}

// contactText asks for one contact.
var contactText = `
	SELECT ` + qualified("contact", contactColumns) + `
	FROM campaign
	JOIN environment ON environment.id = campaign.environment_id
	JOIN contact ON contact.campaign = campaign.serial
	WHERE environment.name = $1 AND campaign.id = $2 AND contact.place = $3
		AND contact.place <= campaign.places`

// contactRow reads the columns of contact in the order of contactColumns. The
// series it returns has the place of the contact.
func contactRow(r row, campaignID string) (n series, c campaign.Contact, err error) {
	c.CampaignID = campaignID
	var number, nextAt, addedAt, updatedAt int64
	var variables string
	err = r.Scan(
		&n.serial, &n.places, &number, &c.Timezone, &variables, &c.State, &c.Step, &c.Attempts,
		&c.AllAttempts, &nextAt, &c.Disposition, &c.SkipReason, &c.OptedOut, &c.CallID,
		&addedAt, &updatedAt)
	if err != nil {
		return n, c, err
	}
	c.ID, c.Number = contactID(campaignID, n.places), number164(number)
	c.NextAt, c.AddedAt, c.UpdatedAt = timeOf(nextAt), timeOf(addedAt), timeOf(updatedAt)
	return n, c, fromJSON(variables, &c.Variables)
}
