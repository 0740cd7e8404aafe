package client

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Call is one call, or an attempt at one: a skipped call is kept too. Number
// is always the contact's.
type Call struct {
	ID          string  `json:"id"`
	Direction   string  `json:"direction"` // outbound or inbound
	Number      string  `json:"number"`
	CallerID    string  `json:"caller_id"`
	Provider    string  `json:"provider"`
	CampaignID  *string `json:"campaign_id"`
	Status      string  `json:"status"`      // queued, ringing, in_progress or ended
	Disposition *string `json:"disposition"` // how it ended; nil while it lasts
	SkipReason  *string `json:"skip_reason"` // why there was no call, such as dnc
	OptOut      *OptOut `json:"opt_out"`     // nil where none was heard, or it is in doubt

	StartedAt  time.Time  `json:"started_at"`
	RangAt     *time.Time `json:"rang_at"` // nil where that was not told
	AnsweredAt *time.Time `json:"answered_at"`
	EndedAt    *time.Time `json:"ended_at"`
	SIPCode    *int       `json:"sip_code"` // the last answer of the trunk, such as 486
	SIPPhrase  *string    `json:"sip_phrase"`

	// Of one call that was asked for: what was said and pressed, and what was found
	// in it.
	Turns    []Turn    `json:"turns,omitempty"`
	Presses  []Press   `json:"presses,omitempty"`
	Findings []Finding `json:"findings,omitempty"`

	// Of a call that a platform dials by itself: what it redeems in the
	// moment of dialing, and until when.
	Clearance string     `json:"clearance,omitempty"`
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
}

// OptOut is a contact's wish not to be called again, as it was heard.
type OptOut struct {
	Detected bool   `json:"detected"`
	Phrase   string `json:"phrase"` // name of the phrase that decided
	Quote    string `json:"quote"`  // the words that decided
	Language string `json:"language,omitempty"`
	Turn     int    `json:"turn"`
	Verdict  string `json:"verdict,omitempty"` // of what has just been heard
}

// Press is keys of the contact that opted nobody out.
type Press struct {
	Keys string    `json:"keys"`
	At   time.Time `json:"at"`
}

// The two sides of a call.
const (
	Contact = "contact" // the person whose number it is
	Agent   = "agent"   // who speaks on our side
)

// Turn is what one side said before the other spoke.
type Turn struct {
	Speaker  string     `json:"speaker"` // Contact or Agent
	Text     string     `json:"text"`
	Language string     `json:"language,omitempty"` // IETF tag
	At       *time.Time `json:"at,omitempty"`       // nil for now

	// A partial transcript says Final false: it is judged, and what is found is
	// provisional. Utterance, the same for each of them and the final one, says
	// what it revises; "" is whatever the speaker is saying.
	Final     *bool  `json:"final,omitempty"` // nil for true
	Utterance string `json:"utterance,omitempty"`
}

// Placing asks for a call. Only Number is needed.
type Placing struct {
	Number          string `json:"number"`
	Provider        string `json:"provider,omitempty"` // "external" for a platform that dials
	Agent           string `json:"agent,omitempty"`    // "" for the provider's own
	CallerID        string `json:"caller_id,omitempty"`
	OptOutDetection *bool  `json:"opt_out_detection,omitempty"` // nil as the environment says
}

// Place has a call placed and returns it without waiting for its end. For a
// number that may not be called it returns a [*Problem] that is [ErrListed] or
// [ErrRegistry]: the provider was not asked, and the skipped call is kept under
// the problem's CallID.
func (c *Client) Place(ctx context.Context, p Placing) (Call, error) {
	return c.makeCall(ctx, p, "calls")
}

// Inbound reports a call that came in from number to called, which is let
// through whatever the list says. Number is empty where the caller withheld it.
func (c *Client) Inbound(ctx context.Context, number, called string) (Call, error) {
	return c.makeCall(ctx, map[string]string{"number": number, "called": called},
		"calls", "inbound")
}

func (c *Client) makeCall(ctx context.Context, body any, parts ...string) (Call, error) {
	var call Call
	_, err := c.call(ctx, request{
		method: http.MethodPost, path: c.path(parts...), body: body, makes: true,
	}, &call)
	return call, err
}

// Heard is what came of a turn or of keys. Where OptOut is not nil, the contact
// is not to be called any more, be it until a person has looked, and Entry is
// what stands on the list for it, in force already; it is nil too where the
// caller withheld the number. Finding says what was heard in any case, nil for
// nothing.
type Heard struct {
	OptOut  *OptOut  `json:"opt_out"`
	Entry   *Entry   `json:"entry"`
	Finding *Finding `json:"finding"`

	// Provisional says that the turn was not final: nothing is kept of what
	// was found.
	Provisional bool `json:"provisional"`
}

// Turn tells what was said on a call.
func (c *Client) Turn(ctx context.Context, callID string, t Turn) (Heard, error) {
	return c.hear(ctx, t, callID, "turns")
}

// Press tells which keys the contact pressed.
func (c *Client) Press(ctx context.Context, callID, keys string) (Heard, error) {
	return c.hear(ctx, map[string]string{"keys": keys}, callID, "keys")
}

func (c *Client) hear(ctx context.Context, body any, callID, what string) (Heard, error) {
	var h Heard
	_, err := c.call(ctx, request{
		method: http.MethodPost, path: c.path("calls", callID, what), body: body, makes: true,
	}, &h)
	return h, err
}

// End ends a call with a disposition: answered, busy, no_answer, refused or
// failed. It returns [ErrConflict] for a call that has ended.
func (c *Client) End(ctx context.Context, callID, disposition string) (Call, error) {
	return c.makeCall(ctx, map[string]string{"disposition": disposition},
		"calls", callID, "end")
}

// Call returns one call with its turns, or [ErrNotFound].
func (c *Client) Call(ctx context.Context, callID string) (Call, error) {
	var call Call
	_, err := c.call(ctx, request{method: http.MethodGet, path: c.path("calls", callID)}, &call)
	return call, err
}

// CallQuery asks for calls. Zero fields ask for everything.
type CallQuery struct {
	Number      string
	Direction   string
	Disposition string
	SkipReason  string
	CampaignID  string
	OptOut      *bool  // whether an opt-out was heard
	Words       string // in the transcript
	Since       time.Time
	Until       time.Time // before
	Limit       int       // calls on a page, 1 to 500; 0 for the server's default
	Cursor      string
}

// Calls returns one page of Call History, newest first, without turns.
func (c *Client) Calls(ctx context.Context, q CallQuery) (Page[Call], error) {
	return page[Call](ctx, c, c.path("calls"), q.values())
}

// AllCalls gives every call that q asks for, page by page, from q.Cursor on.
// After an error it gives nothing more.
func (c *Client) AllCalls(ctx context.Context, q CallQuery) iter.Seq2[Call, error] {
	return all[Call](ctx, c, c.path("calls"), q.values())
}

func (q CallQuery) values() url.Values {
	v := values("number", q.Number, "direction", q.Direction, "disposition", q.Disposition,
		"skip_reason", q.SkipReason, "campaign_id", q.CampaignID, "q", q.Words,
		"since", moment(q.Since), "until", moment(q.Until), "limit", number(q.Limit),
		"cursor", q.Cursor)
	if q.OptOut != nil {
		v.Set("opt_out", strconv.FormatBool(*q.OptOut))
	}
	return v
}
