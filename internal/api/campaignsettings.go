package api

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dialer"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/voice"
)

// usualKey is the key that opts out unless a campaign or an agent says
// otherwise.
const usualKey = voice.DefaultKey

// CampaignSettings are what may be set of a campaign besides its name and
// provider.
type CampaignSettings struct {
	Description     *string           `json:"description,omitempty" nullable:"false" doc:"At most 1000 characters"`
	Agent           optional[string]  `json:"agent,omitempty" doc:"Name of who speaks"`
	CallerIDs       *[]string         `json:"caller_ids,omitempty" maxItems:"1000" nullable:"false" doc:"Numbers to be shown, in turns" example:"[\"+14155550100\"]"`
	CallerTag       optional[string]  `json:"caller_tag,omitempty" doc:"Our numbers with this tag are shown too"`
	Window          optional[*Window] `json:"window,omitempty" doc:"Null for at any time, which the simulator alone may do"`
	Flow            *[]Step           `json:"flow,omitempty" maxItems:"50" nullable:"false" doc:"Phone steps, in order; none is one without delay"`
	Retry           *Retry            `json:"retry,omitempty"`
	Exit            *Exit             `json:"exit,omitempty"`
	Pace            *Pace             `json:"pace,omitempty"`
	OptOutDetection *bool             `json:"opt_out_detection,omitempty" nullable:"false"`
	OptOutKey       optional[string]  `json:"opt_out_key,omitempty" doc:"One of 0-9, * and #"`
	Record          *bool             `json:"record,omitempty" nullable:"false" doc:"Whether the sound of its calls over trunks is kept; false if left out"`
	Consent         optional[string]  `json:"consent,omitempty" doc:"ID of the recording that tells contacts so before anybody speaks"`
}

// Window is when contacts may be called, on their own clock.
type Window struct {
	Timezone         string   `json:"timezone" required:"false" doc:"contact, or an IANA name" example:"contact"`
	FallbackTimezone *string  `json:"fallback_timezone" required:"false" doc:"Of contacts whose zone is not known; null lets them wait" example:"America/Los_Angeles"`
	Weekly           []Hours  `json:"weekly" required:"false" maxItems:"100" nullable:"false" doc:"Open hours"`
	Blackout         []string `json:"blackout" required:"false" maxItems:"1000" nullable:"false" doc:"Days without calls" example:"[\"2026-12-25\"]"`
	Holidays         *string  `json:"holidays" required:"false" enum:"us-federal" doc:"Whose holidays are days without calls"`
}

// Hours are open hours on days of the week.
type Hours struct {
	Days []string `json:"days" minItems:"1" maxItems:"7" nullable:"false" enum:"mon,tue,wed,thu,fri,sat,sun"`
	From string   `json:"from" doc:"On the contact's clock" example:"09:00"`
	To   string   `json:"to" doc:"Until then; at or before from, on the day after" example:"19:00"`
}

// Step is one phone step of a campaign.
type Step struct {
	Delay string  `json:"delay" required:"false" doc:"After the end of the step before, or the start" example:"24h"`
	Agent *string `json:"agent" required:"false" doc:"Name of who speaks; null for the campaign's"`
}

// Retry is when a further attempt of a step follows.
type Retry struct {
	MaxAttempts int                    `json:"max_attempts" required:"false" doc:"Of one step, 1 to 20" example:"3"`
	Delays      []string               `json:"delays" required:"false" maxItems:"20" nullable:"false" doc:"Before the second, third and further attempts; the last goes on" example:"[\"30m\",\"4h\"]"`
	On          []campaign.Disposition `json:"on" required:"false" maxItems:"10" nullable:"false" enum:"answered,busy,no_answer,refused,failed" doc:"After which there is another; none is busy, no_answer and failed"`
}

// Exit is when a contact is done before the end of the flow. One that opted
// out or is listed always is.
type Exit struct {
	AnyAnswer   bool `json:"any_answer" required:"false" doc:"Whether an answered call ends the flow, and not the step alone"`
	MaxAttempts int  `json:"max_attempts" required:"false" doc:"Over all steps, 1 to 100; 0 for no limit"`
}

// Pace is how quickly a campaign calls. A 0 sets no limit beside the
// environment's.
type Pace struct {
	Calls       int     `json:"calls" required:"false" doc:"At once"`
	PerSecond   float64 `json:"per_second" required:"false" doc:"Call attempts"`
	PerCallerID float64 `json:"per_caller_id" required:"false" doc:"Call attempts in a minute with one caller ID"`
}

func windowOf(w *campaign.Window) *Window {
	if w == nil {
		return nil
	}
	out := &Window{
		Timezone: w.Timezone, FallbackTimezone: orNil(w.FallbackTimezone), Weekly: []Hours{},
		Blackout: append([]string{}, w.Blackout...), Holidays: orNil(w.Holidays),
	}
	for _, h := range w.Weekly {
		days := make([]string, len(h.Days))
		for i, day := range h.Days {
			days[i] = dayName(day)
		}
		out.Weekly = append(out.Weekly, Hours{days, h.From, h.To})
	}
	return out
}

func retryOf(r campaign.Retry) Retry {
	out := Retry{
		MaxAttempts: r.MaxAttempts, Delays: []string{},
		On: append([]campaign.Disposition{}, r.On...),
	}
	for _, d := range r.Delays {
		out.Delays = append(out.Delays, spoken(d))
	}
	return out
}

// settle reads what is to be changed of a campaign and returns what changes
// it. All that the store must be asked for has been asked by then.
func (s *Server) settle(
	ctx context.Context, env dnc.Environment, provider *string, in *CampaignSettings,
) (change func(*campaign.Campaign) error, err error) {
	if provider != nil {
		if err := s.knowProvider(ctx, env, "body.provider", *provider); err != nil {
			return nil, err
		}
	}
	if err := s.knowAgents(ctx, env, in); err != nil {
		return nil, err
	}
	if err := s.knowRecording(ctx, env, "body.consent", in.Consent.Value); err != nil {
		return nil, err
	}
	callerIDs, err := s.callerIDs(ctx, env, in.CallerIDs)
	if err != nil {
		return nil, err
	}
	return func(c *campaign.Campaign) error {
		if provider != nil {
			c.Provider = *provider
		}
		if in.CallerIDs != nil {
			c.CallerIDs = callerIDs
		}
		if err := in.change(c); err != nil {
			return err
		}
		c.Normalize()
		return wrong("body.", c.Problems())
	}, nil
}

// knowProvider asks whether there is a provider of this name that places
// calls.
func (s *Server) knowProvider(
	ctx context.Context, env dnc.Environment, location, name string,
) error {
	switch name {
	case dialer.Simulator, "":
		return nil // "" is refused as missing
	case dialer.External:
		return at(location, fmt.Errorf(
			"%w: external places no calls: it dials by itself", errInvalid))
	}
	_, err := s.Store.Trunk(ctx, env, name)
	return named(location, name, err)
}

// knowAgent asks whether there is an agent of this name; "" is nobody.
func (s *Server) knowAgent(
	ctx context.Context, env dnc.Environment, location, name string,
) error {
	if name == "" {
		return nil
	}
	_, err := s.Store.Agent(ctx, env, name)
	return named(location, name, err)
}

// named makes of a thing that is not there a field that is wrong.
func named(location, name string, err error) error {
	for _, missing := range []error{voice.ErrNoProvider, voice.ErrNoAgent, voice.ErrNoRecording} {
		if errors.Is(err, missing) {
			return at(location, fmt.Errorf("%w: %s %q", errInvalid, plainWords(missing), name))
		}
	}
	return err
}

func (s *Server) knowAgents(
	ctx context.Context, env dnc.Environment, in *CampaignSettings,
) error {
	if err := s.knowAgent(ctx, env, "body.agent", in.Agent.Value); err != nil || in.Flow == nil {
		return err
	}
	for i, step := range *in.Flow {
		if step.Agent == nil {
			continue
		}
		err := s.knowAgent(ctx, env, fmt.Sprintf("body.flow[%d].agent", i), *step.Agent)
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) callerIDs(
	ctx context.Context, env dnc.Environment, texts *[]string,
) (numbers []e164.Number, err error) {
	if texts == nil {
		return nil, nil
	}
	for i, text := range *texts {
		n, err := s.number(ctx, env, fmt.Sprintf("body.caller_ids[%d]", i), text)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(numbers, n) {
			numbers = append(numbers, n)
		}
	}
	return numbers, nil
}

// harmless reports whether in names nothing but what may be changed while a
// campaign runs.
func (in CampaignSettings) harmless() bool {
	in.Description, in.Pace = nil, nil
	return in == CampaignSettings{}
}

// change changes in c what in names.
func (in *CampaignSettings) change(c *campaign.Campaign) error {
	give(&c.Description, in.Description)
	give(&c.OptOutDetection, in.OptOutDetection)
	in.Agent.give(&c.Agent)
	in.CallerTag.give(&c.CallerTag)
	in.OptOutKey.give(&c.OptOutKey)
	give(&c.Record, in.Record)
	in.Consent.give(&c.Consent)
	if in.Exit != nil {
		c.Exit = campaign.Exit{AnyAnswer: in.Exit.AnyAnswer, MaxAttempts: in.Exit.MaxAttempts}
	}
	if in.Pace != nil {
		c.Pace = campaign.Pace{
			Calls: in.Pace.Calls, PerSecond: in.Pace.PerSecond, PerCallerID: in.Pace.PerCallerID,
		}
	}
	if in.Window.Set {
		c.Window = in.Window.Value.window()
	}
	if err := in.changeFlow(c); err != nil {
		return err
	}
	return in.changeRetry(c)
}

func (in *CampaignSettings) changeFlow(c *campaign.Campaign) error {
	if in.Flow == nil {
		return nil
	}
	c.Flow = nil
	for i, step := range *in.Flow {
		delay, err := duration(fmt.Sprintf("body.flow[%d].delay", i), step.Delay)
		if err != nil {
			return err
		}
		kept := campaign.Step{Delay: delay}
		give(&kept.Agent, step.Agent)
		c.Flow = append(c.Flow, kept)
	}
	return nil
}

func (in *CampaignSettings) changeRetry(c *campaign.Campaign) error {
	if in.Retry == nil {
		return nil
	}
	c.Retry = campaign.Retry{MaxAttempts: in.Retry.MaxAttempts, On: in.Retry.On}
	for i, text := range in.Retry.Delays {
		delay, err := duration(fmt.Sprintf("body.retry.delays[%d]", i), text)
		if err != nil {
			return err
		}
		c.Retry.Delays = append(c.Retry.Delays, delay)
	}
	return nil
}

// window is a window as it is kept; nil, for at any time, stays nil.
func (w *Window) window() *campaign.Window {
	if w == nil {
		return nil
	}
	out := &campaign.Window{Timezone: w.Timezone, Blackout: w.Blackout}
	give(&out.FallbackTimezone, w.FallbackTimezone)
	give(&out.Holidays, w.Holidays)
	if out.Timezone == "" {
		out.Timezone = campaign.ContactZone
	}
	for _, h := range w.Weekly {
		hours := campaign.Hours{From: h.From, To: h.To}
		for _, name := range h.Days {
			hours.Days = append(hours.Days, weekday(name))
		}
		out.Weekly = append(out.Weekly, hours)
	}
	return out
}

// weekday is the day of a name that the description allows, such as mon.
func weekday(name string) time.Weekday {
	for day := time.Sunday; day < time.Saturday; day++ {
		if dayName(day) == name {
			return day
		}
	}
	return time.Saturday
}

func dayName(day time.Weekday) string { return strings.ToLower(day.String()[:3]) }
