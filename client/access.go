package client

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// The roles of keys and users, each with all that the one before it may do.
const (
	Viewer = "viewer" // look at everything
	Member = "member" // and change the list, and place calls
	Admin  = "admin"  // and change environments, users and keys
)

// Key is what a program signs in with.
type Key struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Environment string    `json:"environment"`
	Role        string    `json:"role"`
	CreatedAt   time.Time `json:"created_at"`
	Secret      string    `json:"secret,omitempty"` // of a new key only: it is shown once
}

// AddKey makes a key of the client's environment and returns it with its
// secret, which is not to be had again.
func (c *Client) AddKey(ctx context.Context, name, role string) (Key, error) {
	var k Key
	_, err := c.call(ctx, request{
		method: http.MethodPost, path: c.path("keys"), makes: true,
		body: map[string]string{"name": name, "role": role},
	}, &k)
	return k, err
}

// Keys returns the keys of the client's environment, without their secrets.
func (c *Client) Keys(ctx context.Context) ([]Key, error) {
	return items[Key](ctx, c, c.path("keys"))
}

// RemoveKey takes a key away: it is refused from then on.
func (c *Client) RemoveKey(ctx context.Context, id string) error {
	_, err := c.call(ctx, request{method: http.MethodDelete, path: c.path("keys", id)}, nil)
	return err
}

// Person is a user: somebody who may sign in on the page.
type Person struct {
	Name        string    `json:"name"`
	Role        string    `json:"role"`
	Environment *string   `json:"environment"` // the only one the user may see; nil for all
	CreatedAt   time.Time `json:"created_at"`
}

// AddUser makes a user who may sign in with password. It returns [ErrConflict]
// where the name is taken.
func (c *Client) AddUser(ctx context.Context, p Person, password string) (Person, error) {
	var made Person
	_, err := c.call(ctx, request{
		method: http.MethodPost, path: "/v1/users", makes: true,
		body: struct {
			Name        string  `json:"name"`
			Role        string  `json:"role"`
			Environment *string `json:"environment,omitempty"`
			Password    string  `json:"password"`
		}{p.Name, p.Role, p.Environment, password},
	}, &made)
	return made, err
}

// Users returns the users.
func (c *Client) Users(ctx context.Context) ([]Person, error) {
	return items[Person](ctx, c, "/v1/users")
}

// SetPassword gives a user a new password and ends the user's sessions.
func (c *Client) SetPassword(ctx context.Context, name, password string) error {
	_, err := c.call(ctx, request{
		method: http.MethodPatch, path: "/v1/users/" + url.PathEscape(name),
		body: map[string]string{"password": password},
	}, nil)
	return err
}

// RemoveUser takes a user away and ends the user's sessions.
func (c *Client) RemoveUser(ctx context.Context, name string) error {
	_, err := c.call(ctx, request{
		method: http.MethodDelete, path: "/v1/users/" + url.PathEscape(name),
	}, nil)
	return err
}
