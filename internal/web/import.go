package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"nocall/internal/campaign"
)

// reportLines is how many rows of one kind a report shows.
const reportLines = 50

// importPage is what is said about a file of contacts: how its columns are
// read, and what would come of it, or what came of it.
type importPage struct {
	CampaignID     string
	File           string
	NumberColumn   string
	TimezoneColumn string
	Read           campaign.Read
	Fresh          int // contacts that would be added, or were
	Taken          int // numbers that were in the campaign already
	Listed         int // of them that are on the do-not-call list now
	Unready        bool
	Done           bool
	Problem        string
}

// Invalid returns the first rows that cannot be read.
func (p importPage) Invalid() []campaign.Line {
	return p.Read.Invalid[:min(len(p.Read.Invalid), reportLines)]
}

// Duplicates returns the first rows whose number came before.
func (p importPage) Duplicates() []campaign.Line {
	return p.Read.Duplicates[:min(len(p.Read.Duplicates), reportLines)]
}

// Variables returns the columns that become variables of contacts.
func (p importPage) Variables() []string {
	return slices.DeleteFunc(slices.Clone(p.Read.Columns), func(c string) bool {
		return c == p.NumberColumn || c == p.TimezoneColumn || c == ""
	})
}

// readImport says what would come of a file, and keeps nothing of it.
func (s *Server) readImport(v *visit) (answer, error) {
	page, err := s.readFile(v)
	return importAnswer(page), err
}

func importAnswer(page importPage) answer {
	a := dialog("contacts-read", "Import contacts", page)
	if page.Problem != "" {
		return a.refused(http.StatusUnprocessableEntity)
	}
	return a
}

// addImport adds the contacts of a file: all those that can be read, or, when
// something goes wrong, none.
func (s *Server) addImport(v *visit) (answer, error) {
	page, err := s.readFile(v)
	if err != nil || page.Problem != "" {
		return importAnswer(page), err
	}
	added, taken, err := s.Store.AddContacts(v.Context(), v.env(), page.CampaignID,
		page.Read.Contacts)
	page.Fresh, page.Taken, page.Done = added, len(taken), true
	s.Dialer.Wake(v.env(), page.CampaignID)
	s.List.Bell.Ring(v.env())
	return importAnswer(page), err
}

// readFile reads the file that was sent.
func (s *Server) readFile(v *visit) (importPage, error) {
	c, err := s.campaignHere(v)
	if err != nil {
		return importPage{}, err
	}
	page := importPage{
		CampaignID: c.ID, NumberColumn: v.FormValue("number_column"),
		TimezoneColumn: v.FormValue("timezone_column"),
	}
	file, header, err := v.FormFile("file")
	if v.MultipartForm != nil {
		defer v.MultipartForm.RemoveAll()
	}
	if err != nil {
		page.Problem = fileProblem(err)
		return page, nil
	}
	defer file.Close()
	page.File = header.Filename
	page.Read, err = campaign.ReadContacts(file, campaign.ReadOptions{
		NumberColumn: page.NumberColumn, TimezoneColumn: page.TimezoneColumn,
		Region: v.world.Settings.DefaultRegion,
	})
	if err != nil {
		page.Problem = unread(err)
		return page, nil
	}
	page.NumberColumn, page.TimezoneColumn = page.Read.NumberColumn, page.Read.TimezoneColumn
	page.Fresh = len(page.Read.Contacts)
	s.countListed(v, &page)
	return page, nil
}

// fileProblem says why there is no file.
func fileProblem(err error) string {
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return fmt.Sprintf("The file is larger than %d MB. Import it in parts, or with "+
			"the command line.", tooLarge.Limit>>20)
	}
	return "Choose a file."
}

// unread says why a file cannot be read. What is wrong with its columns is on
// its first line for sure.
func unread(err error) string {
	if wrong, ok := errors.AsType[*campaign.FileError](err); ok && wrong.Line == 1 {
		return spoken(wrong.Detail)
	}
	return spoken(err.Error())
}

// countListed counts the contacts that are on the do-not-call list now.
func (s *Server) countListed(v *visit, page *importPage) {
	for _, c := range page.Read.Contacts {
		listed, err := s.List.Check(v.env(), c.Number)
		if err != nil {
			page.Unready = true
			return
		}
		if listed {
			page.Listed++
		}
	}
}
