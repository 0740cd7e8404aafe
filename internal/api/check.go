package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strings"
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
	Verdict  string    `json:"verdict" enum:"clear,listed,registered,stale,not_covered"`
	Entry    *Entry    `json:"entry,omitempty" doc:"Where listed"`
	Registry string    `json:"registry,omitempty" doc:"Where registered, stale or not covered: the registry that says so"`
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

// checkNumber answers a check.
func (d *desk) checkNumber() handler {
	return func(w http.ResponseWriter, r *http.Request, _ access.Identity) {
		env := dnc.Environment(r.PathValue("environment"))
		d.answerCheck(w, r, env, r.PathValue("number"))
	}
}

// plainCheck returns the environment and the number in the path of a request,
// where it is a check in the plainest form. That is what is asked before each
// call: it is spared the way through the mux.
func plainCheck(r *http.Request) (env dnc.Environment, number string, ok bool) {
	rest, ok := strings.CutPrefix(r.URL.Path, environmentsPath+"/")
	if !ok || r.Method != http.MethodGet {
		return "", "", false
	}
	name, number, ok := strings.Cut(rest, "/check/")
	if !ok || strings.Contains(r.URL.RawPath, "%2F") || strings.Contains(r.URL.RawPath, "%2f") {
		return "", "", false
	}
	if _, err := e164.ParsePlain(number); err != nil {
		return "", "", false
	}
	env, err := dnc.ParseEnvironment(name)
	return env, number, err == nil
}

// check answers a check in the plainest form that came in at begin, as the
// route for all checks does.
func (d *desk) check(w *answer, begin time.Time, env dnc.Environment, number string) {
	r := w.request
	r.Pattern = http.MethodGet + " " + checkPath + "/{number}"
	id, err := d.identify(r, begin)
	if err == nil {
		err = mayIn(id, access.Viewer, env)
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	d.answerCheck(w, r, env, number)
}

// answerCheck asks memory, and writes its answer by hand.
func (d *desk) answerCheck(
	w http.ResponseWriter, r *http.Request, env dnc.Environment, number string,
) {
	n, err := d.plainNumber(r.Context(), env, "path.number", number)
	now := time.Now()
	var found dnc.Answer
	if err == nil {
		found, err = d.List.Verdict(env, n, now)
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	text := make([]byte, 0, 128)
	text = append(text, `{"number":"`...)
	text = n.AppendTo(text)
	text = append(text, `","verdict":"`...)
	text = append(text, found.Verdict.String()...)
	switch {
	case found.Verdict == dnc.Listed:
		text = append(text, `","entry":`...)
		if text, err = d.appendEntry(text, r, env, n); err != nil {
			d.fail(w, r, err)
			return
		}
		text = append(text, `,"as_of":"`...)
	case found.Registry != "":
		text = append(text, `","registry":"`...)
		text = append(text, found.Registry...)
		text = append(text, `","as_of":"`...)
	default:
		text = append(text, `","as_of":"`...)
	}
	text = appendTime(text, now)
	text = append(text, "\"}\n"...)
	w.Header()["Content-Type"] = jsonType
	w.Write(text) //nolint:errcheck // whoever asked is gone
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

// appendTime appends t as RFC 3339 in UTC with microseconds at most.
func appendTime(text []byte, t time.Time) []byte {
	return t.UTC().Truncate(time.Microsecond).AppendFormat(text, time.RFC3339Nano)
}
