package client

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Import is numbers of a file that were put on the list as a unit.
type Import struct {
	ID            string     `json:"import_id"`
	Name          string     `json:"name"`
	File          string     `json:"file"`
	Reason        string     `json:"reason"` // of entries whose row has none
	By            string     `json:"by"`     // the user or key that imported it
	At            time.Time  `json:"at"`     // when it came into force
	Rows          int64      `json:"rows"`
	Added         int64      `json:"added"`
	AlreadyListed int64      `json:"already_listed"` // numbers that were listed; their entries stay
	Repeated      int64      `json:"repeated"`       // rows whose number an earlier row has
	Invalid       int64      `json:"invalid"`        // rows whose number cannot be read
	UndoneAt      *time.Time `json:"undone_at"`      // nil while it is in force
	UndoneBy      *string    `json:"undone_by"`
	Removed       int64      `json:"removed"` // entries that undoing it has removed
}

// Imported is what came of a file, or of a dry run what would come.
type Imported struct {
	ID              string       `json:"import_id"` // "" after a dry run
	DryRun          bool         `json:"dry_run"`
	Name            string       `json:"name"`
	Rows            int64        `json:"rows"`
	Added           int64        `json:"added"`
	AlreadyListed   int64        `json:"already_listed"`
	Repeated        int64        `json:"repeated"`
	Invalid         int64        `json:"invalid"`
	ContactsSkipped int64        `json:"contacts_skipped"` // of running campaigns, not called because of it
	Columns         []string     `json:"columns"`          // that numbers were read from
	ReasonColumn    string       `json:"reason_column"`    // "" for none
	Lines           []ImportLine `json:"lines"`            // the first rows that cannot be read
}

// ImportLine is a row of a file whose number cannot be read.
type ImportLine struct {
	File   string `json:"file,omitempty"` // where there are several
	Line   int64  `json:"line"`
	Input  string `json:"input"`
	Detail string `json:"detail"` // what is wrong and what would be right
}

// ImportProgress is how far an import has come.
type ImportProgress struct {
	Name    string    `json:"name"`
	By      string    `json:"by"`
	DryRun  bool      `json:"dry_run"`
	State   string    `json:"state"` // reading or writing
	Since   time.Time `json:"since"`
	Rows    int64     `json:"rows"`    // read so far
	Numbers int64     `json:"numbers"` // to be written; 0 while reading
	Written int64     `json:"written"`
}

// ImportOptions say how a file is imported.
type ImportOptions struct {
	Name         string   // what the import is called; "" for the name of the file
	File         string   // the name of the file
	Sheet        string   // of a spreadsheet; "" for the first with rows
	Columns      []string // with the numbers: names, or places from 1; none: recognised
	ReasonColumn string   // "" for one that is called reason, if there is one
	Reason       string   // of entries whose row has none
	Region       string   // country of national numbers; "" for that of the environment
	DryRun       bool     // say what would change, and change nothing

	// Progress is called now and then while the server works; nil is not called.
	Progress func(ImportProgress)
}

func (o ImportOptions) query() url.Values {
	query := values("name", o.Name, "file", o.File, "sheet", o.Sheet,
		"reason_column", o.ReasonColumn, "reason", o.Reason, "region", o.Region)
	for _, name := range o.Columns {
		query.Add("column", name)
	}
	if o.DryRun {
		query.Set("dry_run", "true")
	}
	return query
}

// ImportEntries sends a file of numbers, plain or packed, and puts them on the
// list: all that can be read, durably and at one moment, or after a [*Problem]
// none. After another error it may or may not have been done: [Client.Imports]
// says which.
func (c *Client) ImportEntries(
	ctx context.Context, file io.Reader, o ImportOptions,
) (Imported, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	header := http.Header{
		"Content-Type": {"application/octet-stream"}, "Accept": {"text/event-stream"},
	}
	resp, err := c.once(ctx, request{
		method: http.MethodPost, path: c.path("imports"), query: o.query(),
	}, header, file)
	if err != nil {
		return Imported{}, err
	}
	defer resp.Body.Close()
	done, err := readImport(resp.Body, o.Progress)
	if problem, ok := errors.AsType[*Problem](err); ok {
		return Imported{}, problem
	}
	if err != nil {
		return Imported{}, fmt.Errorf("import: read answer: %w", err)
	}
	return done, nil
}

// readImport reads the events of an import up to the one that says what came of
// it.
func readImport(r io.Reader, progress func(ImportProgress)) (done Imported, err error) {
	in, event := bufio.NewReader(io.LimitReader(r, maxAnswer)), ""
	for {
		line, err := in.ReadString('\n')
		if err == io.EOF {
			return done, errors.New("it does not say what came of it")
		}
		if err != nil {
			return done, err
		}
		name, text, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch {
		case name == "event":
			event = text
		case name != "data":
		case event == "done":
			return done, json.Unmarshal([]byte(text), &done)
		case event == "problem":
			problem := new(Problem)
			if err := json.Unmarshal([]byte(text), problem); err != nil {
				return done, err
			}
			return done, problem
		case event == "progress" && progress != nil:
			var p ImportProgress
			if err := json.Unmarshal([]byte(text), &p); err != nil {
				return done, err
			}
			progress(p)
		}
	}
}

// Imports gives the imports of the environment, newest first. After an error it
// gives nothing more.
func (c *Client) Imports(ctx context.Context) iter.Seq2[Import, error] {
	return all[Import](ctx, c, c.path("imports"), make(url.Values))
}

// ImportReport writes to w, as CSV that is safe for spreadsheets, the rows that an
// import could not read, and the numbers that were listed already.
func (c *Client) ImportReport(ctx context.Context, id string, w io.Writer) error {
	resp, err := c.send(ctx, request{
		method: http.MethodGet, path: c.path("imports", id, "report.csv"),
	})
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(w, resp.Body)
	return err
}

// UndoImport takes off the list what an import has put on it, but for what was
// edited or asked for again since. It returns [ErrConflict] where it was undone.
func (c *Client) UndoImport(ctx context.Context, id string) (Import, error) {
	var undone Import
	_, err := c.call(ctx, request{
		method: http.MethodPost, path: c.path("imports", id, "undo"),
	}, &undone)
	return undone, err
}
