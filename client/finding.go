package client

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Verdicts of what was heard, from the strongest to the weakest.
const (
	VerdictOptOut = "opt_out" // they asked not to be called again
	VerdictReview = "review"  // they may have; a person should look
	VerdictScoped = "scoped"  // not at that time, place, topic or channel only
	VerdictNone   = "none"
)

// Finding is an opt-out that was heard, or what may be one.
type Finding struct {
	Turn        int               `json:"turn"`
	Place       *int              `json:"place"` // among those of its call; nil while it is not kept
	Verdict     string            `json:"verdict"`
	Family      *string           `json:"family"` // of words that can be meant either way
	Doubt       *string           `json:"doubt"`  // why it wants a review; nil if it does not
	Why         string            `json:"why"`    // in plain words
	Phrase      string            `json:"phrase"` // name of the phrase that decided
	Quote       string            `json:"quote"`  // the words that decided
	Start       int               `json:"start"`  // of the quote in the text of the turn, in bytes
	End         int               `json:"end"`
	Before      *Span             `json:"before"` // words of an earlier turn that belong to it
	Slots       map[string]string `json:"slots"`  // what the words say of, such as "time"
	Language    *string           `json:"language"`
	Channel     string            `json:"channel"` // speech, key or signal
	Engine      *string           `json:"engine"`  // version of the detector
	At          time.Time         `json:"at"`
	Listed      bool              `json:"listed"`      // whether the number was listed for it
	Provisional bool              `json:"provisional"` // listed until a person has looked
	Review      *string           `json:"review"`      // open, confirmed or released; nil: needs none
	ReviewedBy  *string           `json:"reviewed_by"`
	ReviewedAt  *time.Time        `json:"reviewed_at"`
}

// Span is a piece of a turn.
type Span struct {
	Turn  int    `json:"turn"`
	Start int    `json:"start"`
	End   int    `json:"end"`
	Quote string `json:"quote"`
}

// Found is a finding with what a person needs to judge it: its call, and the
// turns around it.
type Found struct {
	Finding
	Call  Call   `json:"call"`
	Turns []Turn `json:"turns"`
}

// FindingQuery asks for findings. Zero fields ask for everything.
type FindingQuery struct {
	Review     string // open, confirmed or released
	Verdict    string
	CallID     string
	CampaignID string
	Search     string // part or all of the contact's number
	Limit      int    // findings on a page, 1 to 500; 0 for the server's default
	Cursor     string
}

func (q FindingQuery) values() url.Values {
	return values("review", q.Review, "verdict", q.Verdict, "call_id", q.CallID,
		"campaign_id", q.CampaignID, "search", q.Search,
		"limit", number(q.Limit), "cursor", q.Cursor)
}

// Findings returns one page of what was heard on calls, newest first.
func (c *Client) Findings(ctx context.Context, q FindingQuery) (Page[Found], error) {
	return page[Found](ctx, c, c.path("findings"), q.values())
}

// AllFindings gives every finding that q asks for, page by page, from q.Cursor
// on. After an error it gives nothing more.
func (c *Client) AllFindings(ctx context.Context, q FindingQuery) iter.Seq2[Found, error] {
	return all[Found](ctx, c, c.path("findings"), q.values())
}

// Reviewed is a finding after a person's answer, and the entry of its number if
// that is listed now.
type Reviewed struct {
	Finding Finding `json:"finding"`
	Entry   *Entry  `json:"entry"`
}

// Confirm says of a finding that it was an opt-out: its number is listed for
// good. The same answer again changes nothing; where another was given it
// returns [ErrConflict].
func (c *Client) Confirm(ctx context.Context, callID string, place int) (Reviewed, error) {
	return c.answer(ctx, callID, place, "confirm")
}

// Release says of a finding that it was no opt-out: a provisional entry for it
// comes off the list. The same answer again changes nothing; where another was
// given it returns [ErrConflict].
func (c *Client) Release(ctx context.Context, callID string, place int) (Reviewed, error) {
	return c.answer(ctx, callID, place, "release")
}

func (c *Client) answer(
	ctx context.Context, callID string, place int, how string,
) (Reviewed, error) {
	var r Reviewed
	_, err := c.call(ctx, request{
		method: http.MethodPost, makes: true,
		path: c.path("calls", callID, "findings", strconv.Itoa(place), how),
	}, &r)
	return r, err
}

// Conversation is what is to be judged.
type Conversation struct {
	Turns    []Said `json:"turns"`
	Language string `json:"language,omitempty"` // IETF tag; "" if it is not known
	Preset   string `json:"preset,omitempty"`   // "" for that of the environment
}

// Said is a turn of a conversation that is judged.
type Said struct {
	Speaker string `json:"speaker"` // Contact or Agent
	Text    string `json:"text"`
}

// Detected is what a conversation comes to. Where nothing was found, Turn is nil
// and the words are empty.
type Detected struct {
	OptOut   bool              `json:"opt_out"` // whether the verdict is VerdictOptOut
	Verdict  string            `json:"verdict"`
	Turn     *int              `json:"turn"`
	Quote    string            `json:"quote"`
	Phrase   string            `json:"phrase"`
	Language string            `json:"language"`
	Family   string            `json:"family"`
	Doubt    string            `json:"doubt"`
	Slots    map[string]string `json:"slots"`
	Why      string            `json:"why"` // in plain words
	Engine   string            `json:"engine"`
}

// Detect judges a conversation as if it had been said on a call. Nothing is kept
// of it.
func (c *Client) Detect(ctx context.Context, said Conversation) (Detected, error) {
	var d Detected
	_, err := c.call(ctx, request{
		method: http.MethodPost, path: c.path("detect"), body: said, reads: true,
	}, &d)
	return d, err
}
