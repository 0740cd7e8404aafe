package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"nocall/internal/access"
	"nocall/internal/dnc"
	"nocall/internal/e164"
)

// Limits of a check of many numbers as JSON.
const (
	maxNumbers  = 100_000
	maxManyBody = 8 << 20
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
	Verdict string  `json:"verdict" enum:"clear,listed,registered,invalid"`
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

func (d *desk) checkJSON(w http.ResponseWriter, r *http.Request) error {
	asked, err := readAsked(w, r)
	if err != nil {
		return err
	}
	c, err := d.newChecker(r, len(asked))
	if err != nil {
		return err
	}
	for _, text := range asked {
		c.add(text)
	}
	if err := c.ask(); err != nil {
		return err
	}
	text := append(make([]byte, 0, 64+80*len(asked)), `{"results":[`...)
	for i, input := range asked {
		if i > 0 {
			text = append(text, ',')
		}
		text = c.appendJSON(text, i, input)
	}
	text = appendTime(append(text, `],"as_of":"`...), time.Now())
	text = append(text, "\"}\n"...)
	w.Header()["Content-Type"] = jsonType
	w.Write(text) //nolint:errcheck // whoever asked is gone
	return nil
}

// readAsked reads the numbers that are asked for.
func readAsked(w http.ResponseWriter, r *http.Request) ([]string, error) {
	body := http.MaxBytesReader(w, r.Body, maxManyBody)
	//nolint:errcheck // a reader without deadlines reads all the same
	http.NewResponseController(w).SetReadDeadline(time.Now().Add(progressTime))
	text, err := io.ReadAll(body)
	if err != nil {
		return nil, bodyError(err)
	}
	//nolint:errcheck // as above
	http.NewResponseController(w).SetReadDeadline(time.Time{})
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.DisallowUnknownFields()
	var asked Asked
	if err := decoder.Decode(&asked); err != nil {
		return nil, jsonError(err)
	}
	if decoder.More() {
		return nil, at("body", fmt.Errorf("%w: more than one JSON value", errMalformed))
	}
	if asked.Numbers == nil {
		return nil, at("body.numbers", fmt.Errorf("%w: numbers is missing", errInvalid))
	}
	if len(asked.Numbers) > maxNumbers {
		return nil, at("body.numbers", fmt.Errorf("%w: at most %d numbers; send text/plain "+
			"for more", errTooLarge, maxNumbers))
	}
	return asked.Numbers, nil
}

// jsonError says what is wrong with JSON that could not be read.
func jsonError(err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return at(strings.TrimSuffix("body."+wrong.Field, "."), fmt.Errorf(
			"%w: want %s, not %s", errInvalid, wrong.Type, wrong.Value))
	}
	if rest, ok := strings.CutPrefix(err.Error(), `json: unknown field "`); ok {
		name := strings.TrimSuffix(rest, `"`)
		return at("body."+name, fmt.Errorf("%w: %s is not a field that is known here",
			errInvalid, name))
	}
	return at("body", fmt.Errorf("%w: %v", errMalformed, err))
}

// checker checks many numbers at once.
type checker struct {
	list   *dnc.List
	env    dnc.Environment
	region string // whose national forms are read

	numbers []e164.Number // zero for what cannot be read
	errs    []error       // what is wrong with it; nil for a number
	read    []e164.Number // those of numbers that can be read
	listed  []bool        // of read, then of numbers
}

// newChecker returns a checker for about size numbers.
func (d *desk) newChecker(r *http.Request, size int) (*checker, error) {
	env := dnc.Environment(r.PathValue("environment"))
	world, err := d.Store.World(r.Context(), env)
	if err != nil {
		return nil, err
	}
	return &checker{
		list: d.List, env: env, region: world.Settings.DefaultRegion,
		numbers: make([]e164.Number, 0, size), errs: make([]error, 0, size),
		read: make([]e164.Number, 0, size), listed: make([]bool, 0, size),
	}, nil
}

// add reads one number.
func (c *checker) add(text string) {
	n, err := e164.Parse(text)
	if err != nil {
		n, err = e164.ParseLoose(text, c.region)
	}
	c.numbers = append(c.numbers, n)
	c.errs = append(c.errs, err)
	if err == nil {
		c.read = append(c.read, n)
	}
}

// ask asks the list about all that was added.
func (c *checker) ask() error {
	c.listed = append(c.listed[:0], make([]bool, len(c.read))...)
	if err := c.list.CheckMany(c.env, c.read, c.listed); err != nil {
		return err
	}
	if len(c.read) == len(c.numbers) {
		return nil
	}
	all := make([]bool, len(c.numbers))
	next := 0
	for i, err := range c.errs {
		if err == nil {
			all[i] = c.listed[next]
			next++
		}
	}
	c.listed = all
	return nil
}

// reset forgets what was added.
func (c *checker) reset() {
	c.numbers, c.errs, c.read = c.numbers[:0], c.errs[:0], c.read[:0]
}

// verdict returns the verdict on the i-th number.
func (c *checker) verdict(i int) string {
	switch {
	case c.errs[i] != nil:
		return "invalid"
	case c.listed[i]:
		return "listed"
	}
	return "clear"
}

// appendJSON appends the result for the i-th number, which was asked as input.
func (c *checker) appendJSON(text []byte, i int, input string) []byte {
	text = append(text, `{"input":`...)
	text = appendString(text, input)
	if c.errs[i] != nil {
		text = append(text, `,"number":null,"verdict":"invalid","detail":`...)
		return append(appendString(text, plainWords(c.errs[i])), '}')
	}
	text = append(text, `,"number":"`...)
	text = c.numbers[i].AppendTo(text)
	text = append(text, `","verdict":"`...)
	text = append(text, c.verdict(i)...)
	return append(text, `"}`...)
}

// appendString appends s as JSON. Most numbers can go in as they are.
func appendString(text []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			quoted, err := json.Marshal(s)
			if err != nil {
				return append(text, `""`...) // a string
			}
			return append(text, quoted...)
		}
	}
	text = append(text, '"')
	text = append(text, s...)
	return append(text, '"')
}
