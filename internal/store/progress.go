package store

import (
	"context"
	"strconv"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
)

// look is what contacts have in common that are counted together.
type look struct {
	campaign    int64 // its serial
	state       campaign.ContactState
	disposition campaign.Disposition
	skipReason  campaign.SkipReason
	optedOut    bool
}

func lookOf(serial int64, c campaign.Contact) look {
	return look{serial, c.State, c.Disposition, c.SkipReason, c.OptedOut}
}

// Progress counts the contacts of a campaign; none is read for that.
func (s *Store) Progress(
	ctx context.Context, env dnc.Environment, id string,
) (campaign.Progress, error) {
	n, c, err := readCampaign(s.reading(ctx), env, id)
	if err != nil {
		return campaign.Progress{}, err
	}
	p := campaign.Progress{
		State:       c.State,
		Disposition: make(map[campaign.Disposition]int),
		SkipReason:  make(map[campaign.SkipReason]int),
	}
	return p, s.eachLook(ctx, n.serial, func(l look, contacts int) {
		addTo(&p, l, contacts)
	})
}

// addTo adds contacts that look alike to what was counted before.
func addTo(p *campaign.Progress, l look, contacts int) {
	p.Total += contacts
	if l.optedOut {
		p.OptedOut += contacts
	}
	switch l.state {
	case campaign.Waiting:
		p.Waiting += contacts
	case campaign.Active:
		p.Active += contacts
	case campaign.Done:
		p.Done += contacts
		p.Disposition[l.disposition] += contacts
		if l.skipReason != "" {
			p.SkipReason[l.skipReason] += contacts
		}
	}
}

// eachLook gives the counts of a campaign's contacts that are kept.
func (s *Store) eachLook(
	ctx context.Context, serial int64, give func(l look, contacts int),
) error {
	l := look{campaign: serial}
	var contacts int
	return s.reading(ctx)(func(r row) error {
		err := r.Scan(&l.state, &l.disposition, &l.skipReason, &l.optedOut, &contacts)
		if err == nil {
			give(l, contacts)
		}
		return err
	}, `
		SELECT state, disposition, skip_reason, opted_out, contacts
		FROM contact_count
		WHERE campaign = $1 AND contacts > 0`, serial)
}

// writeLooks writes how many contacts more or fewer there are of each look.
func (x *tx) writeLooks() error {
	for l, contacts := range x.contacts {
		if contacts == 0 {
			continue
		}
		_, err := x.exec(`
			INSERT INTO contact_count (campaign, state, disposition, skip_reason, opted_out,
				contacts)
			VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (campaign, state, disposition, skip_reason, opted_out)
			DO UPDATE SET contacts = contact_count.contacts + $6`,
			l.campaign, string(l.state), string(l.disposition), string(l.skipReason),
			l.optedOut, contacts)
		if err != nil {
			return err
		}
	}
	return nil
}

// Contacts returns one page of the contacts of a campaign, in the order in
// which they were added.
func (s *Store) Contacts(
	ctx context.Context, env dnc.Environment, id string, q campaign.ContactQuery,
) (campaign.ContactPage, error) {
	n, err := findCampaign(s.reading(ctx), env, id)
	if err != nil {
		return campaign.ContactPage{}, err
	}
	c := contactConditions(n, q)
	var page campaign.ContactPage
	if page.Total, err = s.countContacts(ctx, n.serial, q, c); err != nil {
		return campaign.ContactPage{}, err
	}
	if q.After != "" {
		of, place, err := placeOf(q.After)
		if err != nil || of != id {
			return campaign.ContactPage{}, campaign.ErrNoContact
		}
		c.add(placeIn(q)+` > $`, place)
	}
	limit := max(q.Limit, 1)
	page.Contacts, _, err = s.contacts(ctx, id, `
		WHERE `+c.text()+`
		ORDER BY `+placeIn(q)+`
		LIMIT `+strconv.Itoa(limit+1), c.args...)
	if err != nil {
		return campaign.ContactPage{}, err
	}
	if len(page.Contacts) > limit {
		page.Contacts = page.Contacts[:limit]
		page.Next = page.Contacts[limit-1].ID
	}
	return page, nil
}

// placeIn returns the place by which the contacts that a query asks for are
// found. Those being called are few, and are found by their state instead: a
// sum is in no index.
func placeIn(q campaign.ContactQuery) string {
	if q.State == campaign.Active {
		return `(place + 0)`
	}
	return `place`
}

func contactConditions(n series, q campaign.ContactQuery) *conditions {
	c := new(conditions)
	c.add(`campaign = $`, n.serial)
	c.add(placeIn(q)+` <= $`, n.places)
	if q.State != "" {
		c.add(`state = $`, string(q.State))
	}
	if q.State == campaign.Waiting || q.State == campaign.Active {
		c.add(`state <> 'done'`)
	}
	if q.Disposition != "" {
		c.add(`disposition = $`, string(q.Disposition))
		c.add(`disposition <> ''`)
	}
	if q.SkipReason != "" {
		c.add(`skip_reason = $`, string(q.SkipReason))
	}
	if q.OptedOut != nil {
		c.add(map[bool]string{true: `opted_out`, false: `NOT opted_out`}[*q.OptedOut])
	}
	if q.Part != "" {
		c.add(`CAST(number AS TEXT) LIKE $ ESCAPE '\'`, containing(q.Part))
	}
	return c
}

// countContacts returns how many contacts a query asks for, on all pages.
// Unless it asks for part of a number, they have been counted already.
func (s *Store) countContacts(
	ctx context.Context, serial int64, q campaign.ContactQuery, c *conditions,
) (int, error) {
	var total int
	if q.Part != "" {
		err := s.row(ctx, `
			SELECT COUNT(*)
			FROM contact
			WHERE `+c.text(), c.args...).Scan(&total)
		return total, err
	}
	err := s.eachLook(ctx, serial, func(l look, contacts int) {
		if (q.State == "" || q.State == l.state) &&
			(q.Disposition == "" || q.Disposition == l.disposition) &&
			(q.SkipReason == "" || q.SkipReason == l.skipReason) &&
			(q.OptedOut == nil || *q.OptedOut == l.optedOut) {
			total += contacts
		}
	})
	return total, err
}
