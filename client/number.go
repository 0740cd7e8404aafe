package client

import (
	"context"
	"net/http"
	"time"
)

// Number is one of our own numbers: a caller ID, and one that is called.
type Number struct {
	Number       string     `json:"number"`
	Provider     string     `json:"provider"` // the name of the one that carries it
	Label        string     `json:"label"`
	Tags         []string   `json:"tags"`          // by which campaigns choose it
	InboundAgent *string    `json:"inbound_agent"` // who answers; nil for nobody
	Pace         NumberPace `json:"pace"`
	CreatedAt    time.Time  `json:"created_at"`
}

// NumberPace is how often a number is shown to contacts, by all campaigns and
// single calls together. Zeros set no limit.
type NumberPace struct {
	Calls     int `json:"calls,omitempty"`      // at once
	PerSecond int `json:"per_second,omitempty"` // calls begun in any second
	PerMinute int `json:"per_minute,omitempty"` // in any minute
	PerDay    int `json:"per_day,omitempty"`    // in any 24 hours
}

// NumberSettings are what may be set of a number. Of a new one Number and
// Provider are enough. As a change, what is zero stays as it is.
type NumberSettings struct {
	Number       string      `json:"number,omitempty"` // of a new one
	Provider     string      `json:"provider,omitempty"`
	Label        string      `json:"label,omitempty"`
	Tags         []string    `json:"tags,omitempty"`
	InboundAgent string      `json:"inbound_agent,omitempty"`
	Pace         *NumberPace `json:"pace,omitempty"` // replaced as a whole
}

// AddNumber adds a number of ours. It returns [ErrConflict] for one that is
// there.
func (c *Client) AddNumber(ctx context.Context, s NumberSettings) (Number, error) {
	var added Number
	_, err := c.call(ctx, request{
		method: http.MethodPost, path: c.path("numbers"), body: s, makes: true,
	}, &added)
	return added, err
}

// SetNumber changes what is not zero in s. It returns [ErrNotFound] for a number
// that is none of ours.
func (c *Client) SetNumber(
	ctx context.Context, number string, s NumberSettings,
) (Number, error) {
	var changed Number
	_, err := c.call(ctx, request{
		method: http.MethodPatch, path: c.path("numbers", number), body: s,
	}, &changed)
	return changed, err
}

// Numbers returns our own numbers in the environment.
func (c *Client) Numbers(ctx context.Context) ([]Number, error) {
	return items[Number](ctx, c, c.path("numbers"))
}

// RemoveNumber removes a number of ours. It returns [ErrConflict] while a
// campaign names it.
func (c *Client) RemoveNumber(ctx context.Context, number string) error {
	_, err := c.call(ctx, request{
		method: http.MethodDelete, path: c.path("numbers", number),
	}, nil)
	return err
}
