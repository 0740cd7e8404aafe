package dialer

import (
	"context"
	"errors"
	"fmt"

	"nocall/internal/campaign"
	"nocall/internal/voice"
)

// problems returns why a campaign cannot be started, in the order of the
// fields of each who says so: what is set of it, what it names, and whether
// anybody is to be called.
func (d *Dialer) problems(
	ctx context.Context, c *campaign.Campaign,
) ([]campaign.Problem, error) {
	all := append(c.Problems(), d.carrierProblems(c)...)
	speakers, err := d.speakerProblems(ctx, c)
	if err != nil {
		return nil, err
	}
	shown, err := d.callerIDProblems(ctx, c)
	if err != nil {
		return nil, err
	}
	all = append(append(all, speakers...), shown...)
	p, err := d.Campaigns.Progress(ctx, c.Environment, c.ID)
	if err != nil {
		return nil, err
	}
	if p.Total == 0 {
		all = append(all, campaign.Problem{
			Field: "contacts", Detail: "missing: add the phone numbers to be called",
		})
	}
	return all, nil
}

// carrierProblems says what is wrong with the provider of a campaign. One that
// rings real phones wants a window and somebody who speaks.
func (d *Dialer) carrierProblems(c *campaign.Campaign) (all []campaign.Problem) {
	if c.Provider == "" {
		return nil // said already
	}
	_, ok := d.Providers.Provider(c.Environment, c.Provider)
	switch {
	case c.Provider == External:
		return []campaign.Problem{{
			Field: "provider", Detail: "a platform that dials by itself runs its own campaigns",
		}}
	case !ok:
		return []campaign.Problem{{
			Field: "provider", Detail: fmt.Sprintf("there is no provider %q", c.Provider),
		}}
	case c.Provider == Simulator:
		return nil
	}
	if c.Window == nil {
		all = append(all, campaign.Problem{
			Field: "window", Detail: "missing: a provider that rings real phones wants one",
		})
	}
	if c.Agent == "" && !everyStepSpeaks(c) {
		all = append(all, campaign.Problem{
			Field: "agent", Detail: "missing: say who speaks",
		})
	}
	return all
}

// callerIDProblems says which caller IDs the provider may not show.
func (d *Dialer) callerIDProblems(
	ctx context.Context, c *campaign.Campaign,
) (all []campaign.Problem, err error) {
	shows, err := d.shows(ctx, c.Environment, c.Provider)
	if err != nil {
		return nil, err
	}
	for i, n := range c.CallerIDs {
		if !shows(n) {
			all = append(all, campaign.Problem{
				Field: fmt.Sprintf("caller_ids[%d]", i),
				Detail: fmt.Sprintf("%s is none of our numbers on the trunk %q, nor its own: "+
					"add it to the numbers", n, c.Provider),
			})
		}
	}
	return all, nil
}

// everyStepSpeaks reports whether each step of the flow has an agent of its own.
func everyStepSpeaks(c *campaign.Campaign) bool {
	for _, step := range c.Flow {
		if step.Agent == "" {
			return false
		}
	}
	return len(c.Flow) > 0
}

// speakerProblems says which agents are not there, and what else is to be played.
func (d *Dialer) speakerProblems(
	ctx context.Context, c *campaign.Campaign,
) (all []campaign.Problem, err error) {
	look := func(field, name string) {
		_, failure := d.agent(ctx, c.Environment, name)
		switch {
		case errors.Is(failure, voice.ErrNoAgent):
			all = append(all, campaign.Problem{
				Field: field, Detail: fmt.Sprintf("there is no agent %q", name),
			})
		case failure != nil:
			err = failure
		}
	}
	look("agent", c.Agent)
	for i, step := range c.Flow {
		look(fmt.Sprintf("flow[%d].agent", i), step.Agent)
	}
	if err != nil || c.Consent == "" {
		return all, err
	}
	_, err = d.Agents.Recording(ctx, c.Environment, c.Consent)
	if errors.Is(err, voice.ErrNoRecording) {
		return append(all, campaign.Problem{
			Field: "consent", Detail: fmt.Sprintf("there is no recording %q", c.Consent),
		}), nil
	}
	return all, err
}
