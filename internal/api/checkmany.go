package api

import (
	"fmt"
	"mime"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"nocall/internal/access"
)

const manyText = "As JSON, up to 100,000 numbers: results come in the order asked; a number that " +
	"cannot be read has the verdict invalid and a detail, and the others are answered all the " +
	"same. Numbers may be written as people write them; national forms are read where the " +
	"environment has a default_region.\n\nAs text/plain, a number a line, without limit: a line " +
	"number,verdict comes for each, in order and while the request is still being sent. A line " +
	"that cannot be read comes back as it was, quoted as in CSV where need be, with the verdict " +
	"invalid; so does an empty line. Should the list become unready on the way, or a line be " +
	"longer than 4096 bytes, the connection breaks: what was not answered is not clear."

// Asked is the body of a check of many numbers.
type Asked struct {
	Numbers []string `json:"numbers" maxItems:"100000" nullable:"false"`
}

// CheckedMany is the answer to a check of many numbers.
type CheckedMany struct {
	Results []Result  `json:"results" nullable:"false"`
	AsOf    time.Time `json:"as_of"`
}

// Result is the answer for one of many numbers.
type Result struct {
	Input   string  `json:"input" doc:"As it was asked"`
	Number  *string `json:"number" doc:"In E.164; null where invalid"`
	Verdict string  `json:"verdict" enum:"clear,listed,registered,stale,not_covered,invalid"`
	Detail  string  `json:"detail,omitempty" doc:"What is wrong, where invalid"`
}

func describeCheckMany(d *desk, op *huma.Operation) {
	op.Parameters = append(op.Parameters,
		inPath("environment", "Name of the environment", "sandbox"))
	lines := &huma.MediaType{
		Schema:  &huma.Schema{Type: huma.TypeString},
		Example: "+14155550123\n+14155550124\n",
	}
	op.RequestBody = &huma.RequestBody{
		Required: true, Content: d.jsonOf(reflect.TypeFor[Asked]()),
	}
	op.RequestBody.Content["text/plain"] = lines
	op.Responses["200"].Content = d.jsonOf(reflect.TypeFor[CheckedMany]())
	op.Responses["200"].Content["text/plain"] = &huma.MediaType{
		Schema:  &huma.Schema{Type: huma.TypeString},
		Example: "+14155550123,listed\n+14155550124,clear\n",
	}
}

// checkMany answers a check of many numbers, in the way in which they come.
func (d *desk) checkMany() handler {
	return func(w http.ResponseWriter, r *http.Request, _ access.Identity) {
		form, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		switch {
		case r.Header.Get("Content-Type") == "" || err == nil && form == "application/json":
			err = d.checkJSON(w, r)
		case err == nil && form == "text/plain":
			err = d.checkLines(w, r)
		default:
			err = fmt.Errorf("%w: want application/json or text/plain", errMediaType)
		}
		if err != nil {
			d.fail(w, r, err)
		}
	}
}
