package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"nocall/internal/access"
	"nocall/internal/campaign"
	"nocall/internal/dialer"
	"nocall/internal/dnc"
)

// How live progress is told.
const (
	liveForm  = "text/event-stream"
	livePause = 500 * time.Millisecond // changes that come closer are told as one
	liveTick  = 2 * time.Second        // how often it is looked, also where no bell rang
	liveBeat  = 15 * time.Second       // how often something is said, and the key is looked at
	liveLimit = 10 * time.Second       // for one who takes in nothing
	liveTotal = 1000                   // at once
)

var errTooManyLive = errors.New("api: too many wait for live progress")

// Progress counts the contacts of a campaign.
type Progress struct {
	State        campaign.State    `json:"state" enum:"draft,running,paused,finished"`
	Contacts     ContactCounts     `json:"contacts"`
	Dispositions DispositionCounts `json:"dispositions" doc:"Contacts that are done, by how they ended"`
	Skipped      SkipCounts        `json:"skipped" doc:"Contacts that were skipped or recalled, by why"`
	OptedOut     int               `json:"opted_out" doc:"Contacts who asked not to be called again"`
	Held         *Held             `json:"held" doc:"Why no call begins for now though contacts are due; null where none is kept waiting"`
}

// Held is why a campaign waits.
type Held struct {
	By    dialer.HeldBy `json:"by" enum:"caller_ids,calls" doc:"caller_ids: each is shown as often as its pace allows. calls: as many as the environment or the provider allows"`
	Until *time.Time    `json:"until" doc:"Null for until a call ends"`
}

func heldOf(h dialer.Held) *Held {
	if h.By == "" {
		return nil
	}
	return &Held{h.By, timeOrNil(h.Until)}
}

// ContactCounts counts contacts by how far they have come.
type ContactCounts struct {
	Total   int `json:"total"`
	Waiting int `json:"waiting"`
	Active  int `json:"active"`
	Done    int `json:"done"`
}

// DispositionCounts counts contacts by how they ended.
type DispositionCounts struct {
	Answered int `json:"answered"`
	Busy     int `json:"busy"`
	NoAnswer int `json:"no_answer"`
	Refused  int `json:"refused"`
	Failed   int `json:"failed"`
	Skipped  int `json:"skipped"`
	Recalled int `json:"recalled"`
}

// SkipCounts counts contacts by why they were not called.
type SkipCounts struct {
	DNC      int `json:"dnc"`
	Registry int `json:"registry"`
	Window   int `json:"window"`
	Limit    int `json:"limit"`
}

func progressOf(p campaign.Progress, h dialer.Held) Progress {
	d, s := p.Disposition, p.SkipReason
	return Progress{
		State:    p.State,
		Contacts: ContactCounts{p.Total, p.Waiting, p.Active, p.Done},
		Dispositions: DispositionCounts{
			Answered: d[campaign.Answered], Busy: d[campaign.Busy],
			NoAnswer: d[campaign.NoAnswer], Refused: d[campaign.Refused],
			Failed: d[campaign.Failed], Skipped: d[campaign.Skipped],
			Recalled: d[campaign.Recalled],
		},
		Skipped: SkipCounts{
			s[campaign.SkipDNC], s[campaign.SkipRegistry], s[campaign.SkipWindow],
			s[campaign.SkipLimit],
		},
		OptedOut: p.OptedOut,
		Held:     heldOf(h),
	}
}

var progressRoute = route{
	method: http.MethodGet, path: campaignPath + "/progress", id: "getProgress",
	tag: "campaigns", summary: "How far a campaign has come", role: access.Viewer,
	text: "With Accept: text/event-stream the answer goes on: an event progress with the same " +
		"JSON at once and after each change, at most twice a second, and a comment every 15 " +
		"seconds. It ends when the campaign is removed, the key is taken away or the server ends.",
	problems: []string{"not-found", "no-environment"},
}

func describeProgress(d *desk, op *huma.Operation) {
	op.Parameters = append(op.Parameters,
		inPath("environment", "Name of the environment", "sandbox"),
		inPath("id", "ID of the campaign", ""))
	op.Responses["200"].Content = d.jsonOf(reflect.TypeFor[Progress]())
	op.Responses["200"].Content[liveForm] = &huma.MediaType{
		Schema: &huma.Schema{Type: huma.TypeString},
	}
}

// progress answers how far a campaign has come, once or live.
func (d *desk) progress() handler {
	return func(w http.ResponseWriter, r *http.Request, _ access.Identity) {
		l := &live{
			desk: d, w: w, r: r, out: http.NewResponseController(w),
			env: dnc.Environment(r.PathValue("environment")), id: r.PathValue("id"),
		}
		now, err := l.now(r.Context())
		switch {
		case err != nil:
			d.fail(w, r, err)
		case strings.Contains(r.Header.Get("Accept"), liveForm):
			l.run()
		default:
			d.write(w, http.StatusOK, now)
		}
	}
}

// live is progress that is told as it goes on.
type live struct {
	*desk
	w     http.ResponseWriter
	r     *http.Request
	out   *http.ResponseController
	env   dnc.Environment
	id    string
	told  []byte    // last
	said  time.Time // when something was said last
	known time.Time // when it was last looked whose key it is
}

func (l *live) now(ctx context.Context) (Progress, error) {
	p, err := l.Store.Progress(ctx, l.env, l.id)
	return progressOf(p, l.Dialer.Held(l.env, l.id)), err
}

// run tells what changes until somebody goes away.
func (l *live) run() {
	defer l.watching.Add(-1)
	if l.watching.Add(1) > liveTotal {
		l.fail(l.w, l.r, errTooManyLive)
		return
	}
	changed, stop := l.List.Bell.Watch(l.env)
	defer stop()
	h := l.w.Header()
	h.Set("Content-Type", liveForm)
	h.Set("X-Accel-Buffering", "no") // or a proxy would keep the news to itself
	tick := time.NewTicker(liveTick)
	defer tick.Stop()
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select { // not sooner than that after what was told before
		case <-pause.C:
		case <-l.r.Context().Done():
			return
		}
		if !l.look() {
			return
		}
		pause.Reset(livePause)
		select {
		case <-changed:
		case <-tick.C:
		case <-l.r.Context().Done():
			return
		}
	}
}

// look tells what has changed, or that the stream lives, and reports whether
// it goes on.
func (l *live) look() bool {
	p, err := l.now(l.r.Context())
	if err != nil || !l.may() {
		return false
	}
	text, err := json.Marshal(p)
	if err != nil {
		return false // a struct of numbers
	}
	if !bytes.Equal(text, l.told) {
		l.told = text
		return l.say(fmt.Sprintf("event: progress\ndata: %s\n\n", text))
	}
	return time.Since(l.said) < liveBeat || l.say(": still here\n\n")
}

// may reports whether who asked may still see it: the key may have been taken
// away, or the session have ended.
func (l *live) may() bool {
	if time.Since(l.known) < liveBeat {
		return true
	}
	l.known = time.Now()
	id, err := l.desk.known(l.r)
	return err == nil && id.May(access.Viewer, l.env) == nil
}

// say sends text and reports whether it went out.
func (l *live) say(text string) bool {
	l.said = time.Now()
	_ = l.out.SetWriteDeadline(l.said.Add(liveLimit)) // one that has none does without
	if _, err := l.w.Write([]byte(text)); err != nil {
		return false
	}
	return l.out.Flush() == nil
}
