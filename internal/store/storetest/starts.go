package storetest

import (
	"testing"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/voice"
)

// testStarts asks when calls began that showed a number: those that providers
// placed, and no others.
func testStarts(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	for i, change := range []func(*voice.Call){
		0: func(*voice.Call) {}, // too long ago
		1: func(c *voice.Call) { c.CampaignID = "" },
		2: func(c *voice.Call) { c.CallerID = number(9001) },
		3: func(c *voice.Call) { c.Direction = voice.Inbound },
		4: func(c *voice.Call) { c.Provider = voice.External },
		5: func(c *voice.Call) { c.Environment = "sandbox" },
		6: func(c *voice.Call) { _ = c.Skip(campaign.Skipped, campaign.SkipDNC, at(6)) },
		7: func(c *voice.Call) { _ = c.Skip(campaign.Recalled, campaign.SkipDNC, at(7)) },
		8: func(c *voice.Call) { _ = c.End(campaign.Failed, at(8)) },
	} {
		c := call(i)
		change(&c)
		mustAddCall(t, s, c)
	}
	want := []voice.Start{{CallID: "c_01", At: at(1)}, {CallID: "c_07", At: at(7)}, {
		CallID: "c_08", At: at(8),
	}}
	check(t, "Starts", want)(s.Starts(ctx, "production", number(9000), at(1)))
	check[[]voice.Start](t, "Starts", nil)(s.Starts(ctx, "production", number(9002), at(1)))
	checkErr(t, dnc.ErrNoEnvironment, second(s.Starts(ctx, "nowhere", number(9000), at(1))))
}
