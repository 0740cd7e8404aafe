package client_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"nocall/client"
)

// TestCampaignRequests holds what each method asks for against the contract.
func TestCampaignRequests(t *testing.T) {
	const base = "/v1/environments/sandbox/campaigns"
	for want, ask := range map[string]func(ctx context.Context, c *client.Client) error{
		"POST " + base + ` {"name":"demo","provider":"simulator","caller_ids":["+14155550100"],` +
			`"window":{"weekly":[{"days":["mon"],"from":"09:00","to":"19:00"}]},` +
			`"retry":{"max_attempts":3,"delays":["30m","4h"]}} application/json idempotent`: func(
			ctx context.Context, c *client.Client,
		) error {
			_, err := c.AddCampaign(ctx, client.CampaignSettings{
				Name: "demo", Provider: "simulator", CallerIDs: []string{"+14155550100"},
				Window: &client.Window{
					Weekly: []client.Hours{{Days: []string{"mon"}, From: "09:00", To: "19:00"}},
				},
				Retry: &client.Retry{MaxAttempts: 3, Delays: []string{"30m", "4h"}},
			})
			return err
		},
		"PATCH " + base + `/c1 {"name":"Q3"} application/json`: func(
			ctx context.Context, c *client.Client,
		) error {
			_, err := c.SetCampaign(ctx, "c1", client.CampaignSettings{Name: "Q3"})
			return err
		},
		"POST " + base + "/c1/contacts?column=Tel phone_number\n1\n text/csv idempotent": func(
			ctx context.Context, c *client.Client,
		) error {
			_, err := c.AddContacts(ctx, "c1", strings.NewReader("phone_number\n1\n"),
				client.Columns{Number: "Tel"})
			return err
		},
		"POST " + base + "/c1/start idempotent": func(ctx context.Context, c *client.Client) error {
			_, err := c.StartCampaign(ctx, "c1")
			return err
		},
		"POST " + base + "/c1/pause idempotent": func(ctx context.Context, c *client.Client) error {
			_, err := c.PauseCampaign(ctx, "c1")
			return err
		},
		"POST " + base + "/c1/finish idempotent": func(
			ctx context.Context, c *client.Client,
		) error {
			_, err := c.FinishCampaign(ctx, "c1")
			return err
		},
		"GET " + base + "/c1/preview": func(ctx context.Context, c *client.Client) error {
			_, err := c.Preview(ctx, "c1")
			return err
		},
		"GET " + base + "/c1/contacts?opted_out=true&state=done": func(
			ctx context.Context, c *client.Client,
		) error {
			yes := true
			for _, err := range c.AllContacts(ctx, "c1", client.ContactQuery{
				State: "done", OptedOut: &yes,
			}) {
				return err
			}
			return nil
		},
		"DELETE " + base + "/c1": func(ctx context.Context, c *client.Client) error {
			return c.RemoveCampaign(ctx, "c1")
		},
	} {
		c, s := newClient(answer{status: 200, body: "{}"})
		if err := ask(t.Context(), c); err != nil {
			t.Errorf("%s: %v", want, err)
			continue
		}
		r := s.asked[0]
		got := []string{r.Method, r.URL.RequestURI()}
		if s.bodies[0] != "" {
			got = append(got, s.bodies[0], r.Header.Get("Content-Type"))
		}
		if r.Header.Get("Idempotency-Key") != "" {
			got = append(got, "idempotent")
		}
		if strings.Join(got, " ") != want {
			t.Errorf("asked\n%s; want\n%s", strings.Join(got, " "), want)
		}
	}
}

func TestCampaignIsRead(t *testing.T) {
	c, _ := newClient(answer{status: 200, body: `{"id":"c1","name":"demo","state":"running",
		"provider":"simulator","agent":null,"caller_ids":["+14155550100"],"window":null,
		"retry":{"max_attempts":3,"delays":["30m"],"on":["busy"]},"opt_out_detection":true,
		"trouble":null,"started_at":"2026-11-24T10:00:00Z","finished_at":null}`})
	got, err := c.Campaign(t.Context(), "c1")
	if err != nil || got.Name != "demo" || got.State != client.Running || got.Agent != "" ||
		got.Window != nil || got.Retry.MaxAttempts != 3 || !*got.OptOutDetection ||
		got.StartedAt == nil || got.FinishedAt != nil || got.Trouble != nil {
		t.Errorf("Campaign = %+v, %v", got, err)
	}
	c, _ = newClient(answer{status: 200, body: `{"state":"finished",
		"contacts":{"total":3,"waiting":0,"active":1,"done":2},
		"dispositions":{"answered":1,"skipped":1},"skipped":{"dnc":1},"opted_out":1}`})
	p, err := c.Progress(t.Context(), "c1")
	if err != nil || p.Contacts.Total != 3 || p.Contacts.Done != 2 || p.Contacts.Active != 1 ||
		p.Dispositions["answered"] != 1 || p.Skipped["dnc"] != 1 || p.OptedOut != 1 {
		t.Errorf("Progress = %+v, %v", p, err)
	}
}

// A campaign that cannot start is a problem that says what is missing.
func TestCampaignIsNotReady(t *testing.T) {
	a := problem(409, "not-ready", "campaign cannot start yet")
	a.body = strings.TrimSuffix(a.body, "}") +
		`,"errors":[{"location":"campaign.contacts","message":"missing"}]}`
	c, _ := newClient(a)
	_, err := c.StartCampaign(t.Context(), "c1")
	var p *client.Problem
	if !errors.As(err, &p) || !errors.Is(err, client.ErrConflict) || len(p.Errors) != 1 {
		t.Errorf("StartCampaign = %v, want a problem with one error", err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestContactsAreTooMany(t *testing.T) {
	c, s := newClient()
	_, err := c.AddContacts(t.Context(), "c1", endless{}, client.Columns{})
	if !errors.Is(err, client.ErrInvalid) || len(s.asked) > 0 {
		t.Errorf("AddContacts = %v, asked %d times; want ErrInvalid, 0", err, len(s.asked))
	}
}
