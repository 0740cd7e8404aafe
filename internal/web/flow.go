package web

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"nocall/internal/campaign"
)

// mostSteps is how many steps the page lets a flow have.
const mostSteps = 20

// flowForm is the section Outreach flow, as it was filled in.
type flowForm struct {
	Agent       string
	Steps       []stepRow
	MaxAttempts string
	Delays      string // before the second attempt and further ones, as 30m, 4h
	On          []dispositionBox
}

// stepRow is one step of the flow.
type stepRow struct {
	Index int
	Count string // of units
	Unit  string // m, h or d
	Agent string
}

// Number returns the step's number, from 1.
func (r stepRow) Number() int { return r.Index + 1 }

// Field returns the name of a field of the step, as in JSON.
func (r stepRow) Field(name string) string { return fmt.Sprintf("flow[%d].%s", r.Index, name) }

type dispositionBox struct {
	Value campaign.Disposition
	On    bool
}

// retryable are the dispositions after which there may be another attempt.
var retryable = []campaign.Disposition{
	campaign.Busy, campaign.NoAnswer, campaign.Refused, campaign.Failed,
}

func (f *flowForm) fill(c campaign.Campaign) {
	c.Normalize()
	f.Agent = c.Agent
	for i, step := range c.Flow {
		count, unit := splitDelay(step.Delay)
		f.Steps = append(f.Steps, stepRow{i, count, unit, step.Agent})
	}
	f.MaxAttempts = strconv.Itoa(c.Retry.MaxAttempts)
	f.Delays = delayList(c.Retry.Delays)
	for _, d := range retryable {
		f.On = append(f.On, dispositionBox{d, slices.Contains(c.Retry.On, d)})
	}
}

func (f *flowForm) read(v *visit) {
	f.Agent = v.PostFormValue("agent")
	f.MaxAttempts = strings.TrimSpace(v.PostFormValue("max_attempts"))
	f.Delays = strings.TrimSpace(v.PostFormValue("delays"))
	for _, d := range retryable {
		f.On = append(f.On, dispositionBox{d, slices.Contains(v.PostForm["on"], string(d))})
	}
	do := v.PostFormValue("do")
	for i, count := range v.PostForm["count"] {
		if do == fmt.Sprint("remove-step-", i) {
			continue
		}
		f.Steps = append(f.Steps, stepRow{
			len(f.Steps), strings.TrimSpace(count), nth(v.PostForm["unit"], i),
			nth(v.PostForm["step_agent"], i),
		})
	}
	if do == "add-step" && len(f.Steps) < mostSteps {
		f.Steps = append(f.Steps, stepRow{len(f.Steps), "1", "d", ""})
	}
}

func nth(values []string, i int) string {
	if i < len(values) {
		return values[i]
	}
	return ""
}

func (f *flowForm) apply(c *campaign.Campaign, wrong problems) {
	c.Agent, c.Flow = f.Agent, nil
	for _, r := range f.Steps {
		delay, err := parseDelay(r.Count + r.Unit)
		if err != nil {
			wrong.add(r.Field("delay"), err.Error())
		}
		c.Flow = append(c.Flow, campaign.Step{Delay: delay, Agent: r.Agent})
	}
	var err error
	if c.Retry.MaxAttempts, err = strconv.Atoi(f.MaxAttempts); err != nil {
		wrong.add("retry.max_attempts", "Want a number.")
	}
	if c.Retry.Delays, err = parseDelays(f.Delays); err != nil {
		wrong.add("retry.delays", err.Error())
	}
	c.Retry.On = nil
	for _, box := range f.On {
		if box.On {
			c.Retry.On = append(c.Retry.On, box.Value)
		}
	}
}

var errDelay = errors.New("want a time such as 30m, 4h or 2d")

// parseDelays reads times with commas between them.
func parseDelays(text string) ([]time.Duration, error) {
	var all []time.Duration
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' }) {
		delay, err := parseDelay(part)
		if err != nil {
			return nil, err
		}
		all = append(all, delay)
	}
	return all, nil
}

// parseDelay reads a time in minutes, hours or days, such as 30m, 4h or 2d.
func parseDelay(text string) (time.Duration, error) {
	text = strings.ToLower(strings.ReplaceAll(strings.TrimSpace(text), " ", ""))
	units := map[byte]time.Duration{'m': time.Minute, 'h': time.Hour, 'd': day}
	if text == "" {
		return 0, errDelay
	}
	unit, ok := units[text[len(text)-1]]
	n, err := strconv.ParseFloat(text[:len(text)-1], 64)
	if !ok || err != nil || !(n >= 0 && n <= 366*24*60) {
		return 0, errDelay
	}
	return time.Duration(n * float64(unit)).Round(time.Second), nil
}

// splitDelay returns a time as a number of the greatest unit that fits.
func splitDelay(d time.Duration) (count, unit string) {
	switch {
	case d != 0 && d%day == 0:
		return strconv.FormatInt(int64(d/day), 10), "d"
	case d%time.Hour == 0:
		return strconv.FormatInt(int64(d/time.Hour), 10), "h"
	}
	return strconv.FormatFloat(d.Minutes(), 'f', -1, 64), "m"
}

func delayList(all []time.Duration) string {
	var texts []string
	for _, d := range all {
		count, unit := splitDelay(d)
		texts = append(texts, count+unit)
	}
	return strings.Join(texts, ", ")
}
