package web

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/optout"
	"nocall/internal/voice"
)

// moment is something that happened on a call.
type moment struct {
	Kind  string // queued, cleared, ringing, answered, turns, keys, finding, review, ended, ...
	Title string
	Text  string
	At    time.Time // zero where it is not known
	Since time.Duration
}

// After returns how long after the beginning of the call it was.
func (m moment) After() string {
	seconds := int(m.Since.Round(time.Second).Seconds())
	return fmt.Sprintf("+%d:%02d", seconds/60, seconds%60)
}

// timeline returns what happened on a call, in order.
func timeline(c voice.Call) []moment {
	all := []moment{beginning(c)}
	if c.Direction == voice.Outbound && c.Revision > 0 {
		all = append(all, moment{
			Kind: "cleared", Title: "Cleared", At: c.StartedAt,
			Text: "at revision " + count(c.Revision) + " of the list",
		})
	}
	if c.Status == voice.IsRinging || !c.RangAt.IsZero() {
		all = append(all, moment{Kind: "ringing", Title: "Ringing", At: c.RangAt})
	}
	if !c.AnsweredAt.IsZero() {
		all = append(all, moment{Kind: "answered", Title: "Answered", At: c.AnsweredAt})
	}
	all = append(all, talks(c)...)
	for _, p := range c.Presses {
		all = append(all, moment{Kind: "keys", Title: "Key pressed", Text: p.Keys, At: p.At})
	}
	for _, f := range c.Findings {
		all = append(all, found(f))
		if !f.ReviewedAt.IsZero() {
			all = append(all, moment{
				Kind: "review", Title: words(f.Review), Text: "by " + f.ReviewedBy,
				At: f.ReviewedAt,
			})
		}
	}
	slices.SortStableFunc(all[1:], func(a, b moment) int {
		if a.At.IsZero() || b.At.IsZero() {
			return 0
		}
		return a.At.Compare(b.At)
	})
	if c.Status == voice.Ended {
		all = append(all, ending(c))
	}
	for i := range all {
		if !all[i].At.IsZero() {
			all[i].Since = max(0, all[i].At.Sub(c.StartedAt))
		}
	}
	return all
}

func beginning(c voice.Call) moment {
	if c.Direction == voice.Inbound {
		return moment{Kind: "queued", Title: "Came in", At: c.StartedAt}
	}
	m := moment{Kind: "queued", Title: "Queued", At: c.StartedAt}
	if c.By != "" {
		m.Text = "by " + c.By
	}
	return m
}

// talks returns the moments at which either side first spoke.
func talks(c voice.Call) []moment {
	var all []moment
	for _, who := range []optout.Speaker{optout.Agent, optout.Contact} {
		spoken := slices.DeleteFunc(slices.Clone(c.Turns), func(t voice.Turn) bool {
			return t.Speaker != who
		})
		if len(spoken) == 0 {
			continue
		}
		first := slices.MinFunc(spoken, func(a, b voice.Turn) int { return a.At.Compare(b.At) })
		m := moment{
			Kind: "turns", Title: "Agent speaks", At: first.At,
			Text: plural(len(spoken), "turn", "turns"),
		}
		if who == optout.Contact {
			m.Title = "Contact speaks"
		}
		all = append(all, m)
	}
	return all
}

func found(f voice.Finding) moment {
	m := moment{Kind: "finding", Title: "Opt-out heard", Text: "“" + f.Quote + "”", At: f.At}
	switch f.Verdict {
	case optout.Review:
		m.Kind, m.Title = "doubt", "May be an opt-out"
	case optout.Scoped:
		m.Kind, m.Title = "doubt", "Limit heard"
	}
	switch f.Channel {
	case voice.Key:
		m.Kind, m.Title, m.Text = "keys", "Opt-out by key", "pressed "+f.Quote
	case voice.Signal:
		m.Title, m.Text = "Opt-out by signal", f.Quote
	}
	return m
}

// replied returns what the trunk answered last, such as 486 Busy Here; "" for
// nothing.
func replied(c voice.Call) string {
	if c.SIPCode == 0 {
		return ""
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", c.SIPCode, c.SIPPhrase))
}

func ending(c voice.Call) moment {
	m := moment{Kind: "ended", Title: words(c.Disposition), At: c.EndedAt}
	switch c.Disposition {
	case campaign.Answered:
		m.Title = "Ended"
		m.Text = cmp.Or(duration(c), "0:00") + " after the answer"
	case campaign.Busy, campaign.NoAnswer, campaign.Refused, campaign.Failed:
		m.Text = replied(c)
	case campaign.Skipped:
		m.Kind, m.Text = "skipped", "nothing reached a provider"
		if c.SkipReason != "" {
			m.Title += " due to " + words(c.SkipReason)
		}
	case campaign.Recalled:
		m.Kind, m.Text = "skipped", "listed while it rang"
	}
	return m
}
