package client

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Registry is a list that others keep, shared by the environments that subscribe
// to it.
type Registry struct {
	Name        string           `json:"name"`
	Title       string           `json:"title"`
	StaleAfter  int              `json:"stale_after_days"`
	Mapping     RegistryMapping  `json:"mapping"`
	Version     *RegistryVersion `json:"version"`     // in force; nil for none
	FreshUntil  string           `json:"fresh_until"` // the day from which on a part of it is stale
	Stale       bool             `json:"stale"`
	Damaged     bool             `json:"damaged"`     // it cannot be read, and clears nothing
	Subscribers []string         `json:"subscribers"` // of the environments that the key may see
}

// RegistryMapping says where in a line the number is, for files that have no
// layout that is recognised.
type RegistryMapping struct {
	Layout    string   `json:"layout,omitempty"`
	Delimiter string   `json:"delimiter,omitempty"`
	Columns   []string `json:"columns,omitempty"` // names, or places from 1; together the number
	Start     int      `json:"start,omitempty"`   // of fixed width: the first character, from 1
	Width     int      `json:"width,omitempty"`
	Region    string   `json:"region,omitempty"` // whose national forms are read
}

// RegistryVersion is a registry as it was read from files of one day.
type RegistryVersion struct {
	ID         string         `json:"id"`
	AsOf       string         `json:"as_of"` // a day, as 2026-11-01
	ImportedAt time.Time      `json:"imported_at"`
	By         string         `json:"by"`
	Numbers    int64          `json:"numbers"`
	Areas      int            `json:"areas"` // area codes or countries that it covers
	Files      []RegistryFile `json:"files"`
	InForce    bool           `json:"in_force"`
	Kept       bool           `json:"kept"` // it can be put in force
}

// RegistryFile is a file that a version was read from.
type RegistryFile struct {
	Name   string `json:"name"`
	Layout string `json:"layout"`
	Lines  int64  `json:"lines"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// RegistrySettings are what can be set of a registry. A nil field stays as it is.
type RegistrySettings struct {
	Title      *string          `json:"title,omitempty"`
	StaleAfter *int             `json:"stale_after_days,omitempty"`
	Mapping    *RegistryMapping `json:"mapping,omitempty"`
}

// Subscription is a registry that an environment asks.
type Subscription struct {
	Registry   string `json:"registry"`
	Stale      string `json:"stale"`       // refuse or allow
	NotCovered string `json:"not_covered"` // refuse or allow
}

// Exemption says that a number may be called although a registry does not clear
// it. It never lifts what is on the environment's own list.
type Exemption struct {
	ID        string     `json:"id"`
	Number    string     `json:"number"`
	Ground    string     `json:"ground"`   // consent or business_relationship
	Registry  string     `json:"registry"` // "" for all
	Evidence  string     `json:"evidence"`
	Since     time.Time  `json:"since"`
	Until     *time.Time `json:"until"` // nil for no end
	InForce   bool       `json:"in_force"`
	CreatedAt time.Time  `json:"created_at"`
	By        string     `json:"by"`
	EndedAt   *time.Time `json:"ended_at"`
	EndedBy   string     `json:"ended_by"`
}

// NewExemption is an exemption to be added. Days are as 2026-11-01.
type NewExemption struct {
	Number   string `json:"number"`
	Ground   string `json:"ground"`
	Registry string `json:"registry,omitempty"`
	Evidence string `json:"evidence"`
	Since    string `json:"since"`
	Until    string `json:"until,omitempty"`
}

func registryPath(parts ...string) string {
	escaped := "/v1/registries"
	for _, part := range parts {
		escaped += "/" + url.PathEscape(part)
	}
	return escaped
}

// Registries returns all registries, by name.
func (c *Client) Registries(ctx context.Context) ([]Registry, error) {
	return items[Registry](ctx, c, registryPath())
}

// SetRegistry sets up a registry, or changes how it is set up.
func (c *Client) SetRegistry(
	ctx context.Context, name string, s RegistrySettings,
) (Registry, error) {
	var r Registry
	_, err := c.call(ctx, request{
		method: http.MethodPut, path: registryPath(name), body: s,
	}, &r)
	return r, err
}

// RemoveRegistry removes a registry to which no environment subscribes.
func (c *Client) RemoveRegistry(ctx context.Context, name string) error {
	_, err := c.call(ctx, request{method: http.MethodDelete, path: registryPath(name)}, nil)
	return err
}

// RegistryVersions returns the versions of a registry, newest first.
func (c *Client) RegistryVersions(ctx context.Context, name string) ([]RegistryVersion, error) {
	return items[RegistryVersion](ctx, c, registryPath(name, "versions"))
}

// RollBackRegistry puts a version of an ID in force that is kept, or the one before
// for "".
func (c *Client) RollBackRegistry(
	ctx context.Context, name, id string,
) (RegistryVersion, error) {
	body := make(map[string]string)
	if id != "" {
		body["version"] = id
	}
	var v RegistryVersion
	_, err := c.call(ctx, request{
		method: http.MethodPost, path: registryPath(name, "rollback"), body: body,
	}, &v)
	return v, err
}

// RegistryCoverage writes to w, as CSV, what the version in force of a registry
// covers: a header, then a line an area code, with its numbers and its day. Safe is
// for spreadsheets: no cell can be taken for a formula.
func (c *Client) RegistryCoverage(
	ctx context.Context, name string, w io.Writer, safe bool,
) error {
	query := values()
	if safe {
		query.Set("safe", "true")
	}
	resp, err := c.send(ctx, request{
		method: http.MethodGet, path: registryPath(name, "coverage.csv"), query: query,
	})
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(w, resp.Body)
	return err
}

// RegistryImport is a new version of a registry, as it is asked for.
type RegistryImport struct {
	Registry string
	AsOf     string // the day of the files, as 2026-11-01; "" as their names say, or today
	Keep     bool   // area codes that the files do not have stay as they are
	Smaller  bool   // an area may have far fewer numbers than before, or be gone
	Files    []RegistryUpload
}

// RegistryUpload is a file as the registry gives it: text, XML, a zip or gzip.
type RegistryUpload struct {
	Name string
	Text io.Reader
}

// ImportRegistry sends files of a registry, which become one version. It is in
// force when it is returned. What is wrong with a file is a [*Problem] that is
// [ErrInvalid] and says where; then the version before stays.
func (c *Client) ImportRegistry(
	ctx context.Context, im RegistryImport,
) (RegistryVersion, error) {
	query := values("as_of", im.AsOf)
	for name, yes := range map[string]bool{"keep": im.Keep, "smaller": im.Smaller} {
		if yes {
			query.Set(name, strconv.FormatBool(yes))
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	body, to := io.Pipe()
	defer body.Close() // and so who writes ends
	form := multipart.NewWriter(to)
	go func() { to.CloseWithError(writeForm(form, im.Files)) }()
	resp, err := c.once(ctx, request{
		method: http.MethodPost, path: registryPath(im.Registry, "versions"), query: query,
	}, http.Header{"Content-Type": {form.FormDataContentType()}}, body)
	if err != nil {
		return RegistryVersion{}, err
	}
	defer resp.Body.Close()
	var v RegistryVersion
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(&v); err != nil {
		return v, fmt.Errorf("import registry: read answer: %w", err)
	}
	return v, nil
}

func writeForm(form *multipart.Writer, files []RegistryUpload) error {
	for _, f := range files {
		part, err := form.CreateFormFile("file", f.Name)
		if err != nil {
			return err
		}
		if _, err := io.Copy(part, f.Text); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return form.Close()
}

// Subscriptions returns the registries that the client's environment subscribes to.
func (c *Client) Subscriptions(ctx context.Context) ([]Subscription, error) {
	return c.subscriptions(ctx, request{method: http.MethodGet, path: c.path("registries")})
}

// Subscribe has the client's environment ask a registry, or changes a policy:
// refuse or allow, "" for as it is.
func (c *Client) Subscribe(ctx context.Context, s Subscription) ([]Subscription, error) {
	body := make(map[string]string)
	for name, policy := range map[string]string{"stale": s.Stale, "not_covered": s.NotCovered} {
		if policy != "" {
			body[name] = policy
		}
	}
	return c.subscriptions(ctx, request{
		method: http.MethodPut, path: c.path("registries", s.Registry), body: body,
	})
}

func (c *Client) subscriptions(ctx context.Context, r request) ([]Subscription, error) {
	var answer struct {
		Items []Subscription `json:"items"`
	}
	_, err := c.call(ctx, r, &answer)
	return answer.Items, err
}

// Unsubscribe has the client's environment ask a registry no more.
func (c *Client) Unsubscribe(ctx context.Context, registry string) error {
	_, err := c.call(ctx, request{
		method: http.MethodDelete, path: c.path("registries", registry),
	}, nil)
	return err
}

// Exempt adds an exemption.
func (c *Client) Exempt(ctx context.Context, e NewExemption) (Exemption, error) {
	var made Exemption
	_, err := c.call(ctx, request{
		method: http.MethodPost, path: c.path("exemptions"), body: e, makes: true,
	}, &made)
	return made, err
}

// Exemptions returns the exemptions of the client's environment, newest first, those
// that have ended among them.
func (c *Client) Exemptions(ctx context.Context) ([]Exemption, error) {
	return items[Exemption](ctx, c, c.path("exemptions"))
}

// EndExemption ends an exemption before its time.
func (c *Client) EndExemption(ctx context.Context, id string) (Exemption, error) {
	var e Exemption
	_, err := c.call(ctx, request{
		method: http.MethodDelete, path: c.path("exemptions", id),
	}, &e)
	return e, err
}
