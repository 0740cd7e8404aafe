package dialer

import (
	"context"
	"fmt"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/e164"
)

// Preview is what would happen if a campaign were started now.
type Preview struct {
	Total       int // contacts, whether they wait or not
	Listed      int // those on the do-not-call list now
	Registered  int // those that are not, and that a registry does not clear now
	NoZone      int // those for whom no window opens, as their zone is not known
	FirstCallAt time.Time
	Problems    []campaign.Problem // for which it cannot be started
}

// previewBatch is how many numbers are checked at once.
const previewBatch = 1000

// Preview goes through the contacts of a campaign and says what would happen if
// it were started now. FirstCallAt is zero where nobody would be called.
func (d *Dialer) Preview(
	ctx context.Context, env dnc.Environment, id string,
) (Preview, error) {
	c, err := d.Campaigns.Campaign(ctx, env, id)
	if err != nil {
		return Preview{}, err
	}
	problems, err := d.problems(ctx, &c)
	if err != nil {
		return Preview{}, err
	}
	g := glance{dialer: d, campaign: &c, at: now(), preview: Preview{Problems: problems}}
	if err := d.Campaigns.EachContact(ctx, env, id, g.take); err != nil {
		return Preview{}, err
	}
	if err := g.check(); err != nil {
		return Preview{}, err
	}
	return g.preview, nil
}

// glance looks at contacts for a preview.
type glance struct {
	dialer   *Dialer
	campaign *campaign.Campaign
	at       time.Time
	preview  Preview
	contacts []campaign.Contact // not checked yet
	opens    map[string]time.Time
}

func (g *glance) take(c campaign.Contact) error {
	g.contacts = append(g.contacts, c)
	if len(g.contacts) < previewBatch {
		return nil
	}
	return g.check()
}

// check looks at the contacts that were taken in.
func (g *glance) check() error {
	numbers := make([]e164.Number, len(g.contacts))
	for i, c := range g.contacts {
		numbers[i] = c.Number
	}
	verdicts := make([]dnc.Verdict, len(numbers))
	err := g.dialer.List.VerdictMany(g.campaign.Environment, numbers, g.at, verdicts)
	if err != nil {
		return err
	}
	for i, c := range g.contacts {
		g.count(c, verdicts[i])
	}
	g.contacts = g.contacts[:0]
	return nil
}

func (g *glance) count(c campaign.Contact, v dnc.Verdict) {
	g.preview.Total++
	w := g.campaign.Window
	if w != nil && len(w.Zones(c)) == 0 {
		g.preview.NoZone++
	}
	switch v {
	case dnc.Clear:
	case dnc.Listed:
		g.preview.Listed++
		return
	default:
		g.preview.Registered++
		return
	}
	if c.State != campaign.Waiting {
		return
	}
	opens := g.opensFor(c)
	first := g.preview.FirstCallAt
	if !opens.IsZero() && (first.IsZero() || opens.Before(first)) {
		g.preview.FirstCallAt = opens
	}
}

// opensFor returns when a contact may be called, the zero time for never. Those
// that may be called from the same time on, in the same zones, are alike.
func (g *glance) opensFor(c campaign.Contact) time.Time {
	from := g.at
	if c.NextAt.After(from) {
		from = c.NextAt
	}
	alike := fmt.Sprint(from.UnixMicro(), c.Step == 0 && c.AllAttempts == 0)
	if len(g.campaign.Flow) > 0 && g.campaign.Flow[0].Delay > 0 {
		alike += fmt.Sprint(" ", c.AddedAt.UnixMicro())
	}
	if g.campaign.Window != nil {
		for _, zone := range g.campaign.Window.Zones(c) {
			alike += " " + zone.String()
		}
	}
	opens, known := g.opens[alike]
	if !known {
		if at, ok := g.campaign.NextAt(c, from); ok {
			opens = at
		}
		if g.opens == nil {
			g.opens = make(map[string]time.Time)
		}
		g.opens[alike] = opens
	}
	return opens
}
