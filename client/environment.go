package client

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Settings are what can be set of an environment. As a change, a nil field
// stays as it is.
type Settings struct {
	DefaultRegion      *string `json:"default_region,omitempty"` // for national forms; "" for none
	MaxConcurrentCalls *int    `json:"max_concurrent_calls,omitempty"`
	OptOutDetection    *bool   `json:"opt_out_detection,omitempty"`
	OptOutPreset       *string `json:"opt_out_preset,omitempty"` // strict, balanced or cautious
	Hidden             *bool   `json:"hidden,omitempty"`         // not offered in the page's selector
}

// Environment is one independent world with its own list.
type Environment struct {
	Name               string    `json:"name"`
	DefaultRegion      string    `json:"default_region"` // "" for none
	MaxConcurrentCalls int       `json:"max_concurrent_calls"`
	OptOutDetection    bool      `json:"opt_out_detection"`
	OptOutPreset       string    `json:"opt_out_preset"` // strict, balanced or cautious
	Hidden             bool      `json:"hidden"`
	Registries         []string  `json:"registries"`   // that it subscribes to
	Entries            *int      `json:"entries"`      // on the list; nil while it is not ready
	ActiveCalls        int       `json:"active_calls"` // outbound calls at providers now
	Revision           int64     `json:"revision"`     // how far the trail has come
	CreatedAt          time.Time `json:"created_at"`

	// Key is the first key of an environment that was made with a key, which
	// cannot see it; see [Client.AddEnvironment].
	Key *Key `json:"key,omitempty"`
}

// Environments returns the environments that the key may see.
func (c *Client) Environments(ctx context.Context) ([]Environment, error) {
	return items[Environment](ctx, c, "/v1/environments")
}

// AddEnvironment makes an environment. It returns [ErrConflict] where the name
// is taken. A key belongs to one environment and does not see the new one:
// what is returned has a key for it, whose secret is not to be had again.
func (c *Client) AddEnvironment(ctx context.Context, name string) (Environment, error) {
	var e Environment
	_, err := c.call(ctx, request{
		method: http.MethodPost, path: "/v1/environments", makes: true,
		body: map[string]string{"name": name},
	}, &e)
	return e, err
}

// ShowEnvironment returns the client's environment.
func (c *Client) ShowEnvironment(ctx context.Context) (Environment, error) {
	var e Environment
	_, err := c.call(ctx, request{method: http.MethodGet, path: c.path()}, &e)
	return e, err
}

// SetEnvironment changes settings of the client's environment.
func (c *Client) SetEnvironment(ctx context.Context, s Settings) (Environment, error) {
	var e Environment
	_, err := c.call(ctx, request{method: http.MethodPatch, path: c.path(), body: s}, &e)
	return e, err
}

// RemoveEnvironment removes an environment with its list, calls and keys. Its
// trail stays.
func (c *Client) RemoveEnvironment(ctx context.Context, name string) error {
	_, err := c.call(ctx, request{
		method: http.MethodDelete, path: "/v1/environments/" + url.PathEscape(name),
		query: values("confirm", name),
	}, nil)
	return err
}

// Demo starts the demonstration, a small campaign of simulated calls in the
// sandbox, and returns how many contacts it has, without waiting for its end.
func (c *Client) Demo(ctx context.Context) (int, error) {
	var answer struct {
		Contacts int `json:"contacts"`
	}
	_, err := c.call(ctx, request{
		method: http.MethodPost, path: c.path("demo"), makes: true,
	}, &answer)
	return answer.Contacts, err
}

// items returns every item of a list, page by page.
func items[T any](ctx context.Context, c *Client, path string) ([]T, error) {
	var list []T
	for item, err := range all[T](ctx, c, path, make(url.Values)) {
		if err != nil {
			return nil, err
		}
		list = append(list, item)
	}
	return list, nil
}
