package web

import (
	"errors"
	"net/http"
	"strings"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/e164"
)

// contactsPage is what the section Contacts shows.
type contactsPage struct {
	State    string // a state of contacts, or how they ended
	Search   string
	Contacts []campaign.Contact
	Paging   paging
	Filtered bool
	Letters  bool
	Total    int // of the campaign
}

// contactStates are what the filter of contacts knows: what it is called, and
// what it asks for.
var contactStates = []struct {
	Value string
	query campaign.ContactQuery
}{
	{"waiting", campaign.ContactQuery{State: campaign.Waiting}},
	{"active", campaign.ContactQuery{State: campaign.Active}},
	{"done", campaign.ContactQuery{State: campaign.Done}},
	{"answered", campaign.ContactQuery{Disposition: campaign.Answered}},
	{"skipped", campaign.ContactQuery{Disposition: campaign.Skipped}},
	{"recalled", campaign.ContactQuery{Disposition: campaign.Recalled}},
	{"opted_out", campaign.ContactQuery{OptedOut: new(true)}},
}

// States returns the values of the filter.
func (contactsPage) States() []string {
	var all []string
	for _, s := range contactStates {
		all = append(all, s.Value)
	}
	return all
}

func (s *Server) contacts(v *visit) (answer, error) {
	c, err := s.campaignHere(v)
	if err != nil {
		return answer{}, err
	}
	form := contactsPage{
		State: v.FormValue("state"), Search: strings.TrimSpace(v.FormValue("number")),
	}
	if err := s.findContacts(v, c, &form); err != nil {
		return answer{}, err
	}
	page, err := s.wizardPage(v, c, "contacts", form)
	return show("campaign-contacts", c.Name, page), err
}

func (s *Server) findContacts(v *visit, c campaign.Campaign, form *contactsPage) error {
	form.Filtered = form.State != "" || form.Search != ""
	progress, err := s.Store.Progress(v.Context(), v.env(), c.ID)
	if err != nil {
		return err
	}
	form.Total = progress.Total
	part, ok := dnc.Digits(form.Search)
	if form.Letters = !ok; form.Letters {
		return nil
	}
	var query campaign.ContactQuery
	for _, known := range contactStates {
		if known.Value == form.State {
			query = known.query
		}
	}
	query.Part, query.After, query.Limit = part, lastEnding(v), pageSize
	found, err := s.Store.Contacts(v.Context(), v.env(), c.ID, query)
	form.Contacts = found.Contacts
	form.Paging = newPaging(v, found.Total, found.Next)
	form.Paging.One, form.Paging.Many = "contact", "contacts"
	return err
}

// contactForm is the dialog that adds one contact, as it was filled in.
type contactForm struct {
	CampaignID string
	Number     string
	Timezone   string
	Variables  string // a line for each, as first_name=Ann
	Wrong      problems
	Zones      []zone
}

func (s *Server) newContact(v *visit) (answer, error) {
	c, err := s.campaignHere(v)
	return dialog("contact-new", "Add contact", contactForm{CampaignID: c.ID, Zones: zones}), err
}

func (s *Server) addContact(v *visit) (answer, error) {
	c, err := s.campaignHere(v)
	if err != nil {
		return answer{}, err
	}
	form := contactForm{
		CampaignID: c.ID, Number: v.PostFormValue("number"),
		Timezone:  v.PostFormValue("timezone"),
		Variables: v.PostFormValue("variables"), Wrong: make(problems), Zones: zones,
	}
	contact := form.contact(v)
	if len(form.Wrong) == 0 {
		_, taken, err := s.Store.AddContacts(v.Context(), v.env(), c.ID,
			[]campaign.Contact{contact})
		if err != nil {
			return answer{}, err
		}
		if len(taken) > 0 {
			form.Wrong.add("number", contact.Number.String()+" is in this campaign already.")
		}
	}
	if len(form.Wrong) > 0 {
		return dialog("contact-new", "Add contact", form).
			refused(http.StatusUnprocessableEntity), nil
	}
	s.Dialer.Wake(v.env(), c.ID)
	s.List.Bell.Ring(v.env())
	return done(contact.Number.String()+" was added.", v.in("/campaigns/"+c.ID+"/contacts")), nil
}

// contact returns the contact that the form says, or notes what is wrong.
func (f *contactForm) contact(v *visit) campaign.Contact {
	c := campaign.Contact{CampaignID: f.CampaignID, Timezone: f.Timezone}
	var err error
	if c.Number, err = e164.ParseLoose(f.Number, v.world.Settings.DefaultRegion); err != nil {
		f.Wrong.add("number", sentence(err))
	}
	if c.Variables, err = parseVariables(f.Variables); err != nil {
		f.Wrong.add("variables", err.Error())
	}
	return c
}

var errVariables = errors.New("want one on each line, as first_name=Ann")

// parseVariables reads lines such as first_name=Ann.
func parseVariables(text string) (map[string]string, error) {
	var all map[string]string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if name = strings.TrimSpace(name); !ok || name == "" {
			return nil, errVariables
		}
		if all == nil {
			all = make(map[string]string)
		}
		all[name] = strings.TrimSpace(value)
	}
	return all, nil
}
