package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"nocall/internal/access"
	"nocall/internal/dnc"
	"nocall/internal/e164"
)

const checkPath = "/v1/environments/{environment}/check"

// Checked is the answer to a check.
type Checked struct {
	Number   string    `json:"number" example:"+14155550123"`
	Verdict  string    `json:"verdict" enum:"clear,listed,registered"`
	Entry    *Entry    `json:"entry,omitempty" doc:"Where listed"`
	Registry string    `json:"registry,omitempty" doc:"Where registered"`
	AsOf     time.Time `json:"as_of"`
}

func (s *Server) checkRoutes() []operation {
	return []operation{
		plain(route{
			method: http.MethodGet, path: checkPath + "/{number}", id: "checkNumber", tag: "check",
			summary: "Whether a number may be called", role: access.Viewer,
			text: "From memory; it changes nothing. Whatever is not 200 with the verdict clear " +
				"means: do not call. Between this answer and a call the number may be listed; a " +
				"call that nocall places or clears has no such gap.",
			problems: []string{"no-environment", "number", "unready"},
		}, (*desk).checkNumber, describeCheck),
		plain(route{
			method: http.MethodPost, path: checkPath, id: "checkNumbers", tag: "check",
			summary: "Whether many numbers may be called", role: access.Viewer,
			text:     manyText,
			problems: []string{"no-environment", "unready", "malformed"},
		}, (*desk).checkMany, describeCheckMany),
	}
}

func describeCheck(d *desk, op *huma.Operation) {
	op.Parameters = append(
		op.Parameters,
		inPath("environment", "Name of the environment", "sandbox"),
		inPath("number", "E.164, with or without +", "14155550123"),
	)
	op.Responses["200"].Content = d.jsonOf(reflect.TypeFor[Checked]())
}

// checkNumber answers a check. It is what others do before each call: it asks
// memory, and writes its answer by hand.
func (d *desk) checkNumber() handler {
	return func(w http.ResponseWriter, r *http.Request, _ access.Identity) {
		env := dnc.Environment(r.PathValue("environment"))
		n, err := e164.ParsePlain(r.PathValue("number"))
		if err != nil {
			n, err = d.plainNumber(r.Context(), env, "path.number", r.PathValue("number"))
		}
		listed := false
		if err == nil {
			listed, err = d.List.Check(env, n)
		}
		if err != nil {
			d.fail(w, r, err)
			return
		}
		text := make([]byte, 0, 128)
		text = append(text, `{"number":"`...)
		text = n.AppendTo(text)
		if listed {
			text = append(text, `","verdict":"listed","entry":`...)
			if text, err = d.appendEntry(text, r, env, n); err != nil {
				d.fail(w, r, err)
				return
			}
			text = append(text, `,"as_of":"`...)
		} else {
			text = append(text, `","verdict":"clear","as_of":"`...)
		}
		text = appendTime(text, time.Now())
		text = append(text, "\"}\n"...)
		w.Header()["Content-Type"] = jsonType
		w.Write(text) //nolint:errcheck // whoever asked is gone
	}
}

// appendEntry appends the entry of a listed number, or null where it has been
// removed since: for this answer it is listed still.
func (d *desk) appendEntry(
	text []byte, r *http.Request, env dnc.Environment, n e164.Number,
) ([]byte, error) {
	e, err := d.List.Entry(r.Context(), env, n)
	if errors.Is(err, dnc.ErrNotListed) {
		return append(text, "null"...), nil
	}
	if err != nil {
		return nil, err
	}
	entry, err := json.Marshal(entryOf(e))
	return append(text, entry...), err
}

// appendTime appends t as RFC 3339 in UTC with microseconds.
func appendTime(text []byte, t time.Time) []byte {
	return t.UTC().AppendFormat(text, "2006-01-02T15:04:05.000000Z")
}
