package api

import (
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"nocall/internal/access"
)

const intro = `nocall is the do-not-call gate for outbound calling. Ask before each call, or let nocall ` +
	`place it; report what is said, and who asks not to be called again is on the list before the ` +
	`answer arrives.

Whatever is not a clear "clear" means: do not call.`

// keepIn is the security scheme of keys, signedIn that of sessions.
const (
	keepIn   = "key"
	signedIn = "session"
)

// description is what package huma is to know of the API as a whole.
func (d *desk) description() huma.Config {
	version := d.Version
	if version == "" {
		version = "devel"
	}
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "nocall", Version: version, Description: intro,
				License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"},
			},
			Servers: []*huma.Server{{URL: "/"}},
			Tags: []*huma.Tag{
				{Name: "environments", Description: "Independent worlds, each with its own list"},
				{Name: "entries", Description: "The do-not-call list"},
				{Name: "imports", Description: "Files of numbers, put on the list as a unit"},
				{Name: "check", Description: "Ask the list"},
				{Name: "calls", Description: "Calls, what was said on them, and their history"},
				{
					Name:        "findings",
					Description: "What was heard on calls, and a person's review of it",
				},
				{
					Name:        "campaigns",
					Description: "Contacts to be called: by which provider, when, how often",
				},
				{Name: "providers", Description: "Who carries calls"},
				{Name: "numbers", Description: "Our own numbers"},
				{Name: "agents", Description: "Who speaks on our side, and what is played"},
				{Name: "access", Description: "Keys and users"},
				{Name: "health", Description: "Whether the server lives and is ready"},
			},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					keepIn: {
						Type: "http", Scheme: "bearer",
						Description: "A key of one environment, nocall_ENVIRONMENT_ID_RANDOM",
					},
					signedIn: {
						Type: "apiKey", In: "cookie", Name: access.Cookie,
						Description: "A sign-in on the page",
					},
				},
			},
		},
		Formats: map[string]huma.Format{
			"application/json": huma.DefaultJSONFormat,
			"json":             huma.DefaultJSONFormat,
		},
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{d.translate},
	}
}

// describe is the description of one route, as far as the route tells it.
func (d *desk) describe(rt route) huma.Operation {
	op := huma.Operation{
		OperationID: rt.id, Method: rt.method, Path: rt.path, Tags: []string{rt.tag},
		Summary: rt.summary, Description: rt.text, DefaultStatus: rt.status,
		MaxBodyBytes: rt.bodyLimit() + 1, BodyReadTimeout: rt.bodyWait(),
		Responses: make(map[string]*huma.Response),
	}
	if op.DefaultStatus == 0 {
		op.DefaultStatus = http.StatusOK
	}
	if rt.role == "" {
		op.Security = []map[string][]string{}
	} else {
		op.Security = []map[string][]string{{keepIn: {}}, {signedIn: {}}}
		op.Description = strings.TrimSpace(op.Description + "\n\nRole: " + string(rt.role) + ".")
	}
	if rt.makes != makesNothing {
		op.Parameters = append(op.Parameters, &huma.Param{
			Name: idempotencyKey, In: "header",
			Description: "Stands for this request for 24 hours: when it comes again it is " +
				"answered in the same way and not carried out twice",
			Schema: &huma.Schema{Type: huma.TypeString, MaxLength: new(maxIdempotencyKey)},
		})
	}
	d.describeProblems(rt, &op)
	return op
}

// describeProblems adds the problems that a route may answer: its own, and
// those that follow from what it is.
func (d *desk) describeProblems(rt route, op *huma.Operation) {
	names := rt.problems
	if rt.role != "" {
		names = append(slices.Clone(names), "unauthorized", "forbidden", "too-many", "internal")
	}
	if rt.method == http.MethodPost || rt.method == http.MethodPatch {
		names = append(slices.Clone(names), "malformed", "too-large", "media-type", "invalid")
	}
	if rt.role == access.Member || rt.role == access.Admin && rt.method != http.MethodGet {
		names = append(slices.Clone(names), "busy")
	}
	if rt.makes != makesNothing {
		names = append(slices.Clone(names), "under-way", "idempotency-key")
	}
	schema := d.schema(reflect.TypeFor[Problem]())
	for _, k := range kinds {
		if !slices.Contains(names, k.name) {
			continue
		}
		status := strconv.Itoa(k.status)
		if r := op.Responses[status]; r != nil {
			r.Description += "; or: " + k.title
			continue
		}
		op.Responses[status] = &huma.Response{
			Description: k.title,
			Content:     map[string]*huma.MediaType{problemType: {Schema: schema}},
		}
	}
}

// schema returns the schema of what a plain handler reads or writes.
func (d *desk) schema(t reflect.Type) *huma.Schema {
	return d.api.OpenAPI().Components.Schemas.Schema(t, true, t.Name())
}

// jsonOf describes a body of JSON like t.
func (d *desk) jsonOf(t reflect.Type) map[string]*huma.MediaType {
	return map[string]*huma.MediaType{"application/json": {Schema: d.schema(t)}}
}

// inPath and inQuery describe parameters of plain handlers.
func inPath(name, text, example string) *huma.Param {
	return &huma.Param{
		Name: name, In: "path", Required: true, Description: text, Example: example,
		Schema: &huma.Schema{Type: huma.TypeString},
	}
}

func inQuery(name, text string, schema *huma.Schema) *huma.Param {
	return &huma.Param{Name: name, In: "query", Description: text, Schema: schema}
}
