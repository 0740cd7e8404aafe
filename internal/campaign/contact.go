package campaign

import (
	"time"

	"nocall/internal/e164"
)

// ContactState says how far a contact has come.
type ContactState string

// The states of a contact.
const (
	Waiting ContactState = "waiting" // for its next attempt
	Active  ContactState = "active"  // an attempt goes on
	Done    ContactState = "done"
)

// Contact is one number of a campaign.
type Contact struct {
	ID          string // unique in the campaign's environment; sorts by when it was added
	CampaignID  string
	Number      e164.Number
	Timezone    string            // its IANA zone, if that is known
	Variables   map[string]string // what else is known of it
	State       ContactState
	Step        int       // of the flow, from 0
	Attempts    int       // of this step
	AllAttempts int       // of all steps
	NextAt      time.Time // not before then is the next attempt
	Disposition Disposition
	SkipReason  SkipReason
	OptedOut    bool
	CallID      string // the last attempt's
	AddedAt     time.Time
	UpdatedAt   time.Time
}

// ContactQuery asks for one page of the contacts of a campaign, in the order
// in which they were added. Zero fields ask for all.
type ContactQuery struct {
	State       ContactState
	Disposition Disposition
	SkipReason  SkipReason
	OptedOut    *bool
	Part        string // digits anywhere in the number
	After       string // the ID of the last contact of the page before
	Limit       int
}

// ContactPage is one page of contacts.
type ContactPage struct {
	Contacts []Contact
	Total    int
	Next     string // the ContactQuery.After of the next page; "" after the last one
}

// Progress counts the contacts of a campaign. Dispositions and skip reasons
// count those that are done, by how they ended.
type Progress struct {
	State       State
	Total       int
	Waiting     int
	Active      int
	Done        int
	Disposition map[Disposition]int
	SkipReason  map[SkipReason]int
	OptedOut    int
}
