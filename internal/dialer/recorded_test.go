package dialer_test

import (
	"testing"
	"testing/synctest"
	"time"

	"nocall/internal/campaign"
)

// TestSingleCallRecorded has single calls recorded as the campaign is that they
// name, and no others.
func TestSingleCallRecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		l := new(line)
		c := h.campaign(t, h.over(t, "line", l, func(c *campaign.Campaign) {
			c.Record, c.Consent = true, "r_1"
		}))
		plain := h.campaign(t, h.over(t, "line", l, nil))
		for i, id := range []string{c.ID, plain.ID, "", "of-another-system"} {
			r := request(i)
			r.Provider, r.CampaignID = "line", id
			h.place(t, r)
			<-time.After(time.Second)
			legs, _ := l.asked()
			leg := legs[len(legs)-1]
			if want := id == c.ID; leg.Record != want || (leg.Consent == "r_1") != want {
				t.Errorf("campaign %q: recorded %v after %q, want %v", id, leg.Record,
					leg.Consent, want)
			}
		}
	})
}
