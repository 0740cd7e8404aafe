package client

import (
	"context"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Campaign is contacts to be called: by which provider, when, how often. It
// has what was set of it in CampaignSettings.
type Campaign struct {
	ID    string `json:"id"`
	State string `json:"state"` // draft, running, paused or finished
	CampaignSettings

	Trouble    *string    `json:"trouble"` // why it was paused without being asked
	By         string     `json:"by"`      // the user or key that made it
	CreatedAt  time.Time  `json:"created_at"`
	UpdatedAt  time.Time  `json:"updated_at"`
	StartedAt  *time.Time `json:"started_at"` // for the first time
	FinishedAt *time.Time `json:"finished_at"`
}

// The states of a campaign.
const (
	Draft    = "draft"
	Running  = "running"
	Paused   = "paused"
	Finished = "finished"
)

// CampaignSettings are what may be set of a campaign. Of a new one Name and
// Provider are enough. As a change, what is zero stays as it is.
type CampaignSettings struct {
	Name            string   `json:"name,omitempty"`
	Description     string   `json:"description,omitempty"`
	Provider        string   `json:"provider,omitempty"`
	Agent           string   `json:"agent,omitempty"`      // who speaks; "" for the provider's own
	CallerIDs       []string `json:"caller_ids,omitempty"` // shown to contacts, in turns
	CallerTag       string   `json:"caller_tag,omitempty"` // our numbers with this tag are shown too
	Window          *Window  `json:"window,omitempty"`     // nil for at any time
	Flow            []Step   `json:"flow,omitempty"`       // none is one step without delay
	Retry           *Retry   `json:"retry,omitempty"`
	Exit            *Exit    `json:"exit,omitempty"`
	Pace            *Pace    `json:"pace,omitempty"`
	OptOutDetection *bool    `json:"opt_out_detection,omitempty"` // nil as the environment says
	OptOutKey       string   `json:"opt_out_key,omitempty"`       // "" for 9
	Record          *bool    `json:"record,omitempty"`            // whether the sound of calls is kept
	Consent         string   `json:"consent,omitempty"`           // ID of what is played before that
}

// Window is when contacts may be called, on their own clock.
type Window struct {
	Timezone         string   `json:"timezone,omitempty"`          // IANA name; "" or "contact" for the contact's
	FallbackTimezone string   `json:"fallback_timezone,omitempty"` // of contacts whose zone is not known
	Weekly           []Hours  `json:"weekly,omitempty"`
	Blackout         []string `json:"blackout,omitempty"` // days without calls, such as 2026-12-25
	Holidays         string   `json:"holidays,omitempty"` // us-federal, or "" for none
}

// Hours are open hours on days of the week.
type Hours struct {
	Days []string `json:"days"` // mon, tue, wed, thu, fri, sat, sun
	From string   `json:"from"` // as 09:00
	To   string   `json:"to"`
}

// Step is one phone step of a campaign.
type Step struct {
	Delay string `json:"delay,omitempty"` // as 24h, after the end of the step before, or the start
	Agent string `json:"agent,omitempty"` // "" for the campaign's
}

// Retry is when a further attempt of a step follows.
type Retry struct {
	MaxAttempts int      `json:"max_attempts,omitempty"`
	Delays      []string `json:"delays,omitempty"` // as 30m, before the second, third ... attempt
	On          []string `json:"on,omitempty"`     // dispositions; none is busy, no_answer, failed
}

// Exit is when a contact is done before the end of the flow.
type Exit struct {
	AnyAnswer   bool `json:"any_answer,omitempty"`
	MaxAttempts int  `json:"max_attempts,omitempty"` // over all steps
}

// Pace is how quickly a campaign calls. Zeros set no limit.
type Pace struct {
	Calls       int     `json:"calls,omitempty"`         // at once
	PerSecond   float64 `json:"per_second,omitempty"`    // call attempts
	PerCallerID float64 `json:"per_caller_id,omitempty"` // call attempts in a minute
}

// AddCampaign makes a campaign, a draft until it is started.
func (c *Client) AddCampaign(ctx context.Context, s CampaignSettings) (Campaign, error) {
	return c.makeCampaign(ctx, s)
}

// SetCampaign changes what is not zero in s.
func (c *Client) SetCampaign(
	ctx context.Context, id string, s CampaignSettings,
) (Campaign, error) {
	var changed Campaign
	_, err := c.call(ctx, request{
		method: http.MethodPatch, path: c.path("campaigns", id), body: s,
	}, &changed)
	return changed, err
}

// Campaign returns one campaign, or [ErrNotFound].
func (c *Client) Campaign(ctx context.Context, id string) (Campaign, error) {
	var one Campaign
	_, err := c.call(ctx, request{
		method: http.MethodGet, path: c.path("campaigns", id),
	}, &one)
	return one, err
}

// Campaigns returns the campaigns of the environment, newest first.
func (c *Client) Campaigns(ctx context.Context) ([]Campaign, error) {
	return items[Campaign](ctx, c, c.path("campaigns"))
}

// RemoveCampaign removes a campaign with its contacts; its calls stay. It
// returns [ErrConflict] for one that runs.
func (c *Client) RemoveCampaign(ctx context.Context, id string) error {
	_, err := c.call(ctx, request{
		method: http.MethodDelete, path: c.path("campaigns", id),
	}, nil)
	return err
}

// StartCampaign has the contacts of a campaign called. It returns a [*Problem]
// that is [ErrConflict] for one that runs, or that something is missing of,
// which the problem's Errors say.
func (c *Client) StartCampaign(ctx context.Context, id string) (Campaign, error) {
	return c.makeCampaign(ctx, nil, id, "start")
}

// PauseCampaign has no attempt begin any more; calls that go on end by
// themselves.
func (c *Client) PauseCampaign(ctx context.Context, id string) (Campaign, error) {
	return c.makeCampaign(ctx, nil, id, "pause")
}

// FinishCampaign ends a campaign before its contacts are done.
func (c *Client) FinishCampaign(ctx context.Context, id string) (Campaign, error) {
	return c.makeCampaign(ctx, nil, id, "finish")
}

func (c *Client) makeCampaign(ctx context.Context, body any, parts ...string) (Campaign, error) {
	var one Campaign
	_, err := c.call(ctx, request{
		method: http.MethodPost, path: c.path(append([]string{"campaigns"}, parts...)...),
		body: body, makes: true,
	}, &one)
	return one, err
}

// Preview is what a campaign would do if it were started now.
type Preview struct {
	Contacts    int          `json:"contacts"`
	Listed      int          `json:"listed"`        // on the do-not-call list now
	NoTimezone  int          `json:"no_timezone"`   // for whom no window opens
	FirstCallAt *time.Time   `json:"first_call_at"` // nil for never
	Problems    []FieldError `json:"problems"`      // for which it cannot be started
}

// Preview says what a campaign would do if it were started now.
func (c *Client) Preview(ctx context.Context, id string) (Preview, error) {
	var p Preview
	_, err := c.call(ctx, request{
		method: http.MethodGet, path: c.path("campaigns", id, "preview"),
	}, &p)
	return p, err
}

// Progress counts the contacts of a campaign. Dispositions and Skipped count
// those that are done, by how they ended.
type Progress struct {
	State    string `json:"state"`
	Contacts struct {
		Total   int `json:"total"`
		Waiting int `json:"waiting"`
		Active  int `json:"active"`
		Done    int `json:"done"`
	} `json:"contacts"`
	Dispositions map[string]int `json:"dispositions"` // by answered, busy, ...
	Skipped      map[string]int `json:"skipped"`      // by dnc, registry, ...
	OptedOut     int            `json:"opted_out"`
	Held         *Held          `json:"held"` // nil where no contact is kept waiting
}

// Held says why no call of a campaign begins for now, though contacts are due.
type Held struct {
	By    string     `json:"by"`    // caller_ids: their pace; calls: the environment or the provider
	Until *time.Time `json:"until"` // nil for until a call ends
}

// Progress says how far a campaign has come.
func (c *Client) Progress(ctx context.Context, id string) (Progress, error) {
	var p Progress
	_, err := c.call(ctx, request{
		method: http.MethodGet, path: c.path("campaigns", id, "progress"),
	}, &p)
	return p, err
}

// CampaignContact is a contact of a campaign.
type CampaignContact struct {
	ID          string            `json:"id,omitempty"`
	PhoneNumber string            `json:"phone_number"`
	Timezone    string            `json:"timezone,omitempty"` // IANA name; "" where none was given
	Variables   map[string]string `json:"variables,omitempty"`

	// Of a contact that was added:

	State       string     `json:"state,omitempty"` // waiting, active or done
	Step        int        `json:"step,omitempty"`
	Attempts    int        `json:"attempts,omitempty"`
	NextAt      *time.Time `json:"next_at,omitempty"`
	Disposition string     `json:"disposition,omitempty"` // of the last attempt
	SkipReason  string     `json:"skip_reason,omitempty"`
	OptedOut    bool       `json:"opted_out,omitempty"`
	CallID      string     `json:"call_id,omitempty"` // of the last attempt
}

// ContactQuery asks for contacts. Zero fields ask for everything.
type ContactQuery struct {
	State       string
	Disposition string
	SkipReason  string
	OptedOut    *bool
	Search      string // part or all of a number
	Limit       int    // contacts on a page, 1 to 500; 0 for the server's default
	Cursor      string
}

func (q ContactQuery) values() url.Values {
	v := values("state", q.State, "disposition", q.Disposition, "skip_reason", q.SkipReason,
		"search", q.Search, "limit", number(q.Limit), "cursor", q.Cursor)
	if q.OptedOut != nil {
		v.Set("opted_out", strconv.FormatBool(*q.OptedOut))
	}
	return v
}

// AllContacts gives every contact that q asks for, in the order in which they
// were added, page by page, from q.Cursor on. After an error it gives nothing
// more.
func (c *Client) AllContacts(
	ctx context.Context, id string, q ContactQuery,
) iter.Seq2[CampaignContact, error] {
	return all[CampaignContact](ctx, c, c.path("campaigns", id, "contacts"), q.values())
}

// ContactsAdded is what became of contacts.
type ContactsAdded struct {
	Accepted     int           `json:"accepted"`
	Duplicate    int           `json:"duplicate"`     // there already, or more than once
	Invalid      []InvalidLine `json:"invalid"`       // the first of them
	InvalidTotal int           `json:"invalid_total"` // all that could not be read
	Listed       int           `json:"listed"`        // of those accepted, on the list now
}

// InvalidLine is a line that could not be read.
type InvalidLine struct {
	Line   int    `json:"line"` // from 1, with the header
	Input  string `json:"input"`
	Detail string `json:"detail"`
}

// Columns name the columns of a file of contacts; "" for the usual names.
type Columns struct {
	Number   string // phone_number
	Timezone string // timezone
}

// MaxContactsFile is the greatest size of a file of contacts in bytes.
const MaxContactsFile = 64 << 20

// AddContacts adds the contacts of a CSV file to a campaign: all that can be
// read, or none. The file is read whole before it is sent.
func (c *Client) AddContacts(
	ctx context.Context, id string, r io.Reader, columns Columns,
) (ContactsAdded, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxContactsFile+1))
	if err != nil {
		return ContactsAdded{}, fmt.Errorf("read contacts: %w", err)
	}
	if len(text) > MaxContactsFile {
		return ContactsAdded{}, fmt.Errorf("%w: contacts are over %d bytes; split the file",
			ErrInvalid, MaxContactsFile)
	}
	var added ContactsAdded
	_, err = c.call(ctx, request{
		method: http.MethodPost, path: c.path("campaigns", id, "contacts"), makes: true,
		query: values("column", columns.Number, "timezone_column", columns.Timezone),
		body:  file{"text/csv", text},
	}, &added)
	return added, err
}
