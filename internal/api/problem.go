package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"nocall/internal/access"
	"nocall/internal/campaign"
	"nocall/internal/dialer"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/registry"
	"nocall/internal/voice"
)

// Problem is what is answered to a request that is not fulfilled, as in RFC
// 9457.
type Problem struct {
	Type   string       `json:"type" doc:"Stable reference to the kind of problem" example:"/problems/listed"`
	Title  string       `json:"title" doc:"The kind of problem in a few words"`
	Status int          `json:"status" doc:"Status of HTTP"`
	Detail string       `json:"detail" doc:"What is wrong, and what would be right"`
	Errors []FieldError `json:"errors,omitempty" nullable:"false" doc:"What is wrong, field by field"`
	CallID string       `json:"call_id,omitempty" doc:"The skipped call, where a call was refused"`

	headers http.Header
}

// FieldError is what is wrong with one field of a request.
type FieldError struct {
	Location string `json:"location" doc:"Where" example:"body.number"`
	Message  string `json:"message" doc:"What is wrong there"`
}

// Error implements error.
func (p *Problem) Error() string { return p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders implements huma.HeadersError.
func (p *Problem) GetHeaders() http.Header { return p.headers }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return problemType }

const problemType = "application/problem+json"

// Errors that only requests have.
var (
	errMalformed   = errors.New("api: request cannot be read")
	errCursor      = errors.New("api: cursor is not one of ours, or of another list or order")
	errInvalid     = errors.New("api: not acceptable")
	errNumber      = errors.New("api: number cannot be read")
	errNoPath      = errors.New("api: no such path; /docs tells which there are")
	errMethod      = errors.New("api: method is not allowed here")
	errTooLarge    = errors.New("api: request is too large")
	errMediaType   = errors.New("api: content type is not one that is read here")
	errConfirm     = errors.New("api: name is not confirmed")
	errActiveCalls = errors.New("api: calls are going on in the environment")
	errLastAdmin   = errors.New("api: user is the last admin of all environments")
	errReused      = errors.New("api: Idempotency-Key was used for another request")
	errUnderWay    = errors.New("api: request with this Idempotency-Key is under way")
	errUnknownFate = errors.New("api: request with this Idempotency-Key was cut off")
	errNotReady    = errors.New("api: campaign cannot start yet")
	errBuiltIn     = errors.New("api: provider is built in and stays as it is")
	errNoSIP       = errors.New("api: no SIP is spoken here")
	errNoSound     = errors.New("api: no recordings are read here")
	errTimeout     = errors.New("api: request came too slowly")
	errInternal    = errors.New("api: internal error")
)

// kind is a kind of problem.
type kind struct {
	name   string // last part of its type
	status int
	title  string
	text   string  // for the page that explains it
	errs   []error // that are of this kind
}

// kinds is the one place that knows what the errors of the house mean in HTTP.
var kinds = []kind{
	{
		"malformed", 400, "Request cannot be read",
		"The request is not what it says it is: broken JSON, or a cursor that was not given " +
			"out here.",
		[]error{errMalformed, errCursor},
	},
	{
		"unauthorized", 401, "No key, or one that is not right",
		"Send the header Authorization: Bearer with a key of the environment, or sign in on " +
			"the page.",
		[]error{access.ErrUnknown},
	},
	{
		"forbidden", 403, "Not allowed",
		"The role of the key or user does not allow this, or it belongs to another environment.",
		[]error{access.ErrForbidden, errOtherKey},
	},
	{
		"cross-origin", 403, "Request comes from another site",
		"A signed-in browser may change things only from nocall's own page. Programs use keys.",
		[]error{errCrossOrigin},
	},
	{
		"not-found", 404, "Not there",
		"There is no such path or thing, or not in this environment.",
		[]error{
			errNoPath, access.ErrNoKey, access.ErrNoUser, voice.ErrNoCall,
			campaign.ErrNoCampaign, campaign.ErrNoContact, voice.ErrNoProvider, voice.ErrNoAgent,
			voice.ErrNoRecording, voice.ErrNoTape, voice.ErrNoNumber, voice.ErrNoFinding,
			dnc.ErrNoImport,
			registry.ErrNoRegistry, registry.ErrNoVersion, registry.ErrNoExemption,
		},
	},
	{
		"no-environment", 404, "No such environment",
		"There is no environment of this name.",
		[]error{dnc.ErrNoEnvironment},
	},
	{
		"not-listed", 404, "Number is not listed",
		"The number is not on the do-not-call list of the environment.",
		[]error{dnc.ErrNotListed},
	},
	{
		"method", 405, "Method is not allowed",
		"The path is there, but not for this method. The header Allow says which ones are.",
		[]error{errMethod},
	},
	{
		"timeout", 408, "Request came too slowly",
		"The body of the request did not arrive in time.",
		[]error{errTimeout},
	},
	{
		"listed", 409, "Number is on the do-not-call list",
		"The number is listed. A call was not placed, and call_id names the skipped call in the " +
			"history; or an entry could not take the number, because the number has one already.",
		[]error{dnc.ErrListed},
	},
	{
		"registered", 409, "Number may not be called because of a registry",
		"A registry that the environment subscribes to has the number, does not cover it, or is " +
			"too old to say. A call was not placed, and call_id names the skipped call in the " +
			"history.",
		[]error{dnc.ErrRegistered},
	},
	{
		"exists", 409, "Exists already",
		"The name is taken.",
		[]error{dnc.ErrEnvironmentExists, access.ErrUserExists, voice.ErrExists},
	},
	{
		"conflict", 409, "Conflict with what is there",
		"As things stand this cannot be done: the call has ended, calls are going on, the " +
			"campaign is in another state, something is still in use, or the user is the last " +
			"admin.",
		[]error{
			voice.ErrEnded, errActiveCalls, errLastAdmin, campaign.ErrState, voice.ErrInUse,
			errBuiltIn, dnc.ErrUndone, registry.ErrInUse,
		},
	},
	{
		"reviewed", 409, "Finding has been reviewed already",
		"A person has confirmed or released it, and not with this answer. Add or remove the " +
			"number itself if it was the wrong one.",
		[]error{voice.ErrReviewed},
	},
	{
		"not-ready", 409, "Campaign cannot start yet",
		"Something is missing, or is not as it must be; errors says what. Change the campaign " +
			"and start it again.",
		[]error{errNotReady},
	},
	{
		"clearance", 409, "Clearance is not good",
		"The clearance is of another call, was used, has lapsed or was recalled. Do not dial; " +
			"ask for a new call.",
		[]error{voice.ErrLapsed, dialer.ErrTokenUsed, dialer.ErrToken},
	},
	{
		"under-way", 409, "Request is under way",
		"The first request with this Idempotency-Key has not been answered yet, or was cut " +
			"off by a restart so that nobody knows whether it was carried out. Look, and use " +
			"another key.",
		[]error{errUnderWay, errUnknownFate},
	},
	{
		"too-large", 413, "Request is too large",
		"The body is larger, or the list or a line in it is longer, than this path takes.",
		[]error{errTooLarge, voice.ErrTextTooLong},
	},
	{
		"media-type", 415, "Content type is not read here",
		"Send JSON with Content-Type: application/json; the check of many numbers takes " +
			"text/plain too.",
		[]error{errMediaType},
	},
	{
		"number", 422, "Number cannot be read",
		"Write the number with + and its country code, as in +14155550123. National forms are " +
			"read where the environment has a default_region.",
		[]error{errNumber, e164.ErrSyntax},
	},
	{
		"invalid", 422, "Not acceptable",
		"The request can be read but not accepted; errors says where and why.",
		[]error{
			errInvalid, errConfirm, errNoSIP, errNoSound, registry.ErrInvalid,
			dnc.ErrEnvironmentName, dnc.ErrReasonTooLong, dnc.ErrNoNumbers,
			voice.ErrDisposition, voice.ErrSpeaker, voice.ErrText, voice.ErrKeys, voice.ErrTurns,
			dialer.ErrNoProvider, dialer.ErrNotSandbox,
			access.ErrRole, access.ErrUserName, access.ErrPassword,
		},
	},
	{
		"idempotency-key", 422, "Idempotency-Key was used for another request",
		"Within 24 hours a key stands for one request. Use a new key for a new request.",
		[]error{errReused},
	},
	{
		"too-many", 429, "Too many",
		"More requests than are answered, more calls at once than the environment allows, or " +
			"a caller ID that is shown as often as its pace allows. Come back after the seconds " +
			"in Retry-After.",
		[]error{
			errRate, errGuessing, errTooManyLive, dialer.ErrTooManyCalls, dialer.ErrPaced,
			access.ErrTooMany,
		},
	},
	{
		"internal", 500, "Internal error",
		"Something went wrong in the server. Its log says what, under the X-Request-Id of the " +
			"answer.",
		[]error{errInternal},
	},
	{
		"unready", 503, "List is not ready, nothing is cleared",
		"The do-not-call list has not been read in, or may lag behind the database, or a " +
			"registry cannot be read, or the server shuts down. Do not call; ask again.",
		[]error{dnc.ErrUnready, dialer.ErrClosed, registry.ErrDamaged},
	},
	{
		"held", 503, "Opt-out is in force, but not written down",
		"An opt-out was heard that the database could not keep. Its number is listed at once, " +
			"in memory, and written down as soon as that is possible. Send what was said again.",
		[]error{voice.ErrHeld},
	},
	{
		"busy", 503, "Too many changes at once",
		"More changes are asked for than are kept waiting, and this one was not made. Come back " +
			"after the seconds in Retry-After.",
		[]error{dnc.ErrBusy},
	},
}

// kindOf returns the kind of err, and false for one that is nobody's business.
func kindOf(err error) (kind, bool) {
	for _, k := range kinds {
		for _, known := range k.errs {
			if errors.Is(err, known) {
				return k, true
			}
		}
	}
	return kind{}, false
}

// at says in which field of the request err is wrong.
func at(location string, err error) error {
	if err == nil {
		return nil
	}
	return &fieldError{location, err}
}

type fieldError struct {
	location string
	err      error
}

// Error implements error.
func (e *fieldError) Error() string { return e.err.Error() }

// Unwrap is for errors.Is.
func (e *fieldError) Unwrap() error { return e.err }

// wrong is an error that says field by field what is wrong, or nil where
// nothing is. Prefix says where the fields are.
func wrong(prefix string, problems []campaign.Problem) error {
	if len(problems) == 0 {
		return nil
	}
	return &fieldErrors{errInvalid, fieldsOf(prefix, problems)}
}

func fieldsOf(prefix string, problems []campaign.Problem) []FieldError {
	fields := make([]FieldError, len(problems))
	for i, p := range problems {
		fields[i] = FieldError{prefix + p.Field, p.Detail}
	}
	return fields
}

// fieldErrors is an error about several fields.
type fieldErrors struct {
	error
	fields []FieldError
}

// Unwrap is for errors.Is.
func (e *fieldErrors) Unwrap() error { return e.error }

// refusal is an error about a call that was kept.
type refusal struct {
	error
	callID string
}

// Unwrap is for errors.Is.
func (e *refusal) Unwrap() error { return e.error }

// explain turns err into a problem. An error of no known kind is logged in
// full and told as "internal" only.
func (d *desk) explain(ctx context.Context, err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	k, known := kindOf(err)
	if !known {
		if !errors.Is(err, context.Canceled) {
			d.Log.ErrorContext(ctx, "request failed", "err", err)
		}
		k, _ = kindOf(errInternal)
		err = errInternal
	}
	p := &Problem{
		Type: "/problems/" + k.name, Title: k.title, Status: k.status, Detail: plainWords(err),
		headers: d.problemHeaders(k, err),
	}
	if f, ok := errors.AsType[*fieldError](err); ok {
		p.Errors = []FieldError{{f.location, plainWords(f.err)}}
	}
	if f, ok := errors.AsType[*fieldErrors](err); ok {
		p.Errors = f.fields
		p.Detail = inWords(p, p.Detail)
	}
	if r, ok := errors.AsType[*refusal](err); ok {
		p.CallID = r.callID
	}
	return p
}

// plainWords is the text of err without the package it comes from.
func plainWords(err error) string { return plainText(err.Error()) }

func plainText(text string) string {
	if pkg, rest, ok := strings.Cut(text, ": "); ok && !strings.ContainsAny(pkg, " ,") {
		text = rest
	}
	return text
}

// problemHeaders returns the headers that go with a problem.
func (d *desk) problemHeaders(k kind, err error) http.Header {
	paced, _ := errors.AsType[dialer.Paced](err)
	switch {
	case !paced.Until.IsZero():
		return http.Header{"Retry-After": {wholeSeconds(time.Until(paced.Until))}}
	case errors.Is(err, errRate):
		return http.Header{"Retry-After": {d.keys.retryAfter()}}
	case errors.Is(err, errGuessing):
		return http.Header{"Retry-After": {d.failures.retryAfter()}}
	case k.status == http.StatusTooManyRequests, k.status == http.StatusServiceUnavailable,
		errors.Is(err, errUnderWay):
		return http.Header{"Retry-After": {"1"}}
	case k.status == http.StatusUnauthorized:
		return http.Header{"Www-Authenticate": {`Bearer realm="nocall"`}}
	}
	return nil
}

// fail answers with the problem that err is.
func (d *desk) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, access.ErrUnknown) {
		err = d.refuse(r)
	}
	p := d.explain(r.Context(), err)
	for name, values := range p.headers {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", problemType)
	w.WriteHeader(p.Status)
	text, err := json.Marshal(p)
	if err != nil {
		return // a struct of strings
	}
	w.Write(append(text, '\n')) //nolint:errcheck // whoever asked is gone
}

// translate is a huma.Transformer that turns the errors of package huma, which
// reads requests, into problems.
func (d *desk) translate(ctx huma.Context, _ string, v any) (any, error) {
	e, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	var err error
	switch e.Status {
	case http.StatusBadRequest:
		err = errMalformed
	case http.StatusRequestTimeout:
		err = errTimeout
	case http.StatusRequestEntityTooLarge:
		err = errTooLarge
	case http.StatusUnsupportedMediaType:
		err = errMediaType
	case http.StatusUnprocessableEntity:
		err = errInvalid
	default:
		err = errors.New(e.Detail)
	}
	p := d.explain(ctx.Context(), err)
	p.Status = e.Status
	for _, detail := range e.Errors {
		if detail != nil {
			p.Errors = append(p.Errors, fieldProblem(detail))
		}
	}
	p.Detail = inWords(p, e.Detail)
	return p, nil
}

// fieldProblem names the field that is missing, which huma says in words only,
// and leaves out the value: it may be a number.
func fieldProblem(detail *huma.ErrorDetail) FieldError {
	f := FieldError{Location: detail.Location, Message: detail.Message}
	if rest, ok := strings.CutPrefix(f.Message, "expected required property "); ok {
		if name, _, ok := strings.Cut(rest, " "); ok {
			f.Location, f.Message = f.Location+"."+name, "is missing"
		}
	}
	if f.Message == "unexpected property" {
		f.Message = "is not a field that is known here"
	}
	return f
}

// inWords is the detail of a problem that package huma found.
func inWords(p *Problem, detail string) string {
	if len(p.Errors) == 0 {
		return detail
	}
	var said []string
	for _, f := range p.Errors[:min(3, len(p.Errors))] {
		said = append(said, strings.TrimPrefix(f.Location+": "+f.Message, ": "))
	}
	return strings.Join(said, "; ")
}
