package api

import (
	"context"
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
	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/e164"
)

// Limits of adding contacts.
const (
	maxContactsBody = 64 << 20
	contactsTime    = 5 * time.Minute // for the body to come in
	maxInvalid      = 1000            // lines that are told one by one
	maxVariables    = 100             // of one contact
	maxVariable     = 1000            // bytes of a name with its value
)

var addContactsRoute = route{
	method: http.MethodPost, path: contactsPath, id: "addContacts", tag: "campaigns",
	summary: "Add contacts", role: access.Member, makes: makesOnce, body: maxContactsBody,
	wait: contactsTime,
	text: "As text/csv: a header, then a contact a line. The number stands in the column " +
		"phone_number, or in the one that column names; the zone in timezone, or in the one that " +
		"timezone_column names; every other column becomes a variable of the contact. As JSON: a " +
		"list. Numbers may be written as people write them.\n\nEither all that can be read are " +
		"added, or nothing. A line that cannot be read is told with what is wrong, and the " +
		"others are added all the same; a number that is there already, or twice, is counted as " +
		"duplicate. listed counts those that were added and are on the do-not-call list now: " +
		"they will be skipped. At most 64 MiB, and 1,000 invalid lines are told one by one.",
	problems: []string{"not-found", "no-environment", "unready"},
}

// ContactsAsked is contacts to be added.
type ContactsAsked struct {
	Contacts []ContactAsked `json:"contacts" nullable:"false"`
}

// ContactAsked is one contact to be added.
type ContactAsked struct {
	PhoneNumber string            `json:"phone_number" example:"+14155550123"`
	Timezone    string            `json:"timezone,omitempty" doc:"IANA name" example:"America/Chicago"`
	Variables   map[string]string `json:"variables,omitempty"`
}

// ContactsAdded is what became of contacts.
type ContactsAdded struct {
	Accepted     int           `json:"accepted" doc:"Added to the campaign"`
	Duplicate    int           `json:"duplicate" doc:"There already, or more than once"`
	Invalid      []InvalidLine `json:"invalid" nullable:"false" doc:"What could not be read; at most 1,000"`
	InvalidTotal int           `json:"invalid_total" doc:"All that could not be read"`
	Listed       int           `json:"listed" doc:"Of those accepted, on the do-not-call list now"`
}

// InvalidLine is a line that could not be read.
type InvalidLine struct {
	Line   int    `json:"line" doc:"From 1, with the header; of JSON the place in the list, from 1"`
	Input  string `json:"input"`
	Detail string `json:"detail" doc:"What is wrong"`
}

func describeAddContacts(d *desk, op *huma.Operation) {
	column := &huma.Schema{Type: huma.TypeString}
	op.Parameters = append(op.Parameters,
		inPath("environment", "Name of the environment", "sandbox"),
		inPath("id", "ID of the campaign", ""),
		inQuery("column", "Name of the column with the number; phone_number if left out", column),
		inQuery("timezone_column", "Name of the column with the IANA zone; timezone if left out",
			column))
	op.RequestBody = &huma.RequestBody{
		Required: true, Content: d.jsonOf(reflect.TypeFor[ContactsAsked]()),
	}
	op.RequestBody.Content["text/csv"] = &huma.MediaType{
		Schema:  &huma.Schema{Type: huma.TypeString},
		Example: "phone_number,first_name\n+14155550123,Ada\n",
	}
	op.Responses["200"].Content = d.jsonOf(reflect.TypeFor[ContactsAdded]())
}

// addContacts adds the contacts of a request, in the form in which they come.
func (d *desk) addContacts() handler {
	return func(w http.ResponseWriter, r *http.Request, _ access.Identity) {
		added, err := d.takeContacts(w, r)
		if err != nil {
			d.fail(w, r, err)
			return
		}
		d.write(w, http.StatusOK, added)
	}
}

func (d *desk) takeContacts(w http.ResponseWriter, r *http.Request) (ContactsAdded, error) {
	c, err := d.campaignHere(r)
	if err != nil {
		return ContactsAdded{}, err
	}
	world, err := d.Store.World(r.Context(), c.Environment)
	if err != nil {
		return ContactsAdded{}, err
	}
	body := d.longBody(w, r, addContactsRoute)
	read, err := readContacts(r, body, world.Settings.DefaultRegion)
	if err != nil {
		return ContactsAdded{}, body.err(err)
	}
	return d.keepContacts(r.Context(), c, read)
}

// readContacts reads contacts in the form in which they come.
func readContacts(r *http.Request, body io.Reader, region string) (campaign.Read, error) {
	form, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case r.Header.Get("Content-Type") == "" || err == nil && form == "application/json":
		return readContactList(body, region)
	case err != nil || form != "text/csv":
		return campaign.Read{}, fmt.Errorf("%w: want text/csv or application/json", errMediaType)
	}
	q := r.URL.Query()
	read, err := campaign.ReadContacts(body, campaign.ReadOptions{
		NumberColumn: q.Get("column"), TimezoneColumn: q.Get("timezone_column"), Region: region,
	})
	if err != nil {
		return read, at("body", fmt.Errorf("%w: %w", errInvalid, err))
	}
	return read, nil
}

// readContactList reads contacts that come as JSON.
func readContactList(body io.Reader, region string) (campaign.Read, error) {
	decoder := json.NewDecoder(body)
	decoder.DisallowUnknownFields()
	var asked ContactsAsked
	if err := decoder.Decode(&asked); err != nil {
		return campaign.Read{}, jsonError(err)
	}
	if decoder.More() {
		return campaign.Read{}, at("body", fmt.Errorf("%w: more than one JSON value", errMalformed))
	}
	if asked.Contacts == nil {
		return campaign.Read{}, at("body.contacts", fmt.Errorf("%w: is missing", errInvalid))
	}
	var read campaign.Read
	seen := make(map[e164.Number]bool, len(asked.Contacts))
	for i, one := range asked.Contacts {
		contact, err := one.contact(region)
		line := campaign.Line{Line: i + 1, Input: one.PhoneNumber}
		switch {
		case err != nil:
			line.Detail = plainWords(err)
			read.Invalid = append(read.Invalid, line)
		case seen[contact.Number]:
			read.Duplicates = append(read.Duplicates, line)
		default:
			seen[contact.Number] = true
			read.Contacts = append(read.Contacts, contact)
		}
	}
	return read, nil
}

// Errors of a contact.
var (
	errTimezone  = errors.New("api: timezone is not an IANA name, such as America/Chicago")
	errVariables = fmt.Errorf("api: more than %d variables, or one of more than %d bytes",
		maxVariables, maxVariable)
)

func (c *ContactAsked) contact(region string) (campaign.Contact, error) {
	n, err := e164.Parse(c.PhoneNumber)
	if err != nil {
		n, err = e164.ParseLoose(c.PhoneNumber, region)
	}
	if err != nil {
		return campaign.Contact{}, err
	}
	if c.Timezone != "" {
		if _, err := campaign.LoadZone(c.Timezone); err != nil {
			return campaign.Contact{}, errTimezone
		}
	}
	long := len(c.Variables) > maxVariables
	for name, value := range c.Variables {
		long = long || len(name)+len(value) > maxVariable
	}
	if long {
		return campaign.Contact{}, errVariables
	}
	return campaign.Contact{Number: n, Timezone: c.Timezone, Variables: c.Variables}, nil
}

// keepContacts adds what was read to a campaign: all of it, or nothing.
func (d *desk) keepContacts(
	ctx context.Context, c campaign.Campaign, read campaign.Read,
) (ContactsAdded, error) {
	listed, err := d.listedOf(c.Environment, read.Contacts)
	if err != nil {
		return ContactsAdded{}, err
	}
	accepted, there, err := d.Store.AddContacts(ctx, c.Environment, c.ID, read.Contacts)
	if err != nil {
		return ContactsAdded{}, err
	}
	for _, n := range there {
		delete(listed, n)
	}
	d.Dialer.Wake(c.Environment, c.ID)
	d.List.Bell.Ring(c.Environment)
	out := ContactsAdded{
		Accepted: accepted, Duplicate: len(read.Duplicates) + len(there),
		Invalid: []InvalidLine{}, InvalidTotal: len(read.Invalid), Listed: len(listed),
	}
	for _, line := range read.Invalid[:min(len(read.Invalid), maxInvalid)] {
		detail := strings.TrimPrefix(line.Detail, "e164: ") // the package that found it
		out.Invalid = append(out.Invalid, InvalidLine{line.Line, line.Input, detail})
	}
	return out, nil
}

// listedOf returns the numbers of contacts that are on the list now.
func (d *desk) listedOf(
	env dnc.Environment, contacts []campaign.Contact,
) (map[e164.Number]bool, error) {
	numbers, listed := make([]e164.Number, len(contacts)), make([]bool, len(contacts))
	for i, c := range contacts {
		numbers[i] = c.Number
	}
	if err := d.List.CheckMany(env, numbers, listed); err != nil {
		return nil, err
	}
	found := make(map[e164.Number]bool)
	for i, n := range numbers {
		if listed[i] {
			found[n] = true
		}
	}
	return found, nil
}
