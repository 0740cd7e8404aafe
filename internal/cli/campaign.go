package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"nocall/client"
)

const campaignUsage = `Usage:
    nocall campaign list
    nocall campaign new [-provider NAME] [-caller-id NUMBER]... [OPTION]... NAME
    nocall campaign contacts [-column NAME] [-timezone-column NAME] ID FILE | -
    nocall campaign start [-wait] ID
    nocall campaign pause|finish|show|remove ID
    nocall campaign progress [-wait] ID

A campaign calls its contacts, in their hours, and skips those who are on the
do-not-call list. new makes one and prints its ID. contacts adds the numbers of
a CSV file: the column phone_number has them, other columns become variables of
the contact. Lines that cannot be read are told on standard error, and the exit
status is then 1; the others are added all the same. start begins, or goes on;
pause begins no call any more, and those that go on end by themselves.

Options of new:
    -provider NAME       who carries the calls (simulator)
    -agent NAME          who speaks; the provider's own if left out
    -caller-id NUMBER    the number shown to contacts; several are used in turns
    -max-attempts N      at one contact (1)
    -delay DURATION      before the second, third and further attempts, as 30m
    -calls N             at once
    -per-second N        calls begun in a second
    -settings FILE       all the rest, as JSON like that of the API: window,
                         flow, retry, exit, pace; - is standard input
Other options:
    -column NAME         the column with the numbers
    -timezone-column NAME
                         the column with time zones (timezone)
    -wait                until the campaign is finished or paused, with a bar if
                         standard error is a terminal
    -json                an object for each result
` + remoteUsage + `
Example:
    $ nocall campaign new -caller-id +14155550100 demo
    0sgg7amv661gnw6afzv4ay7ft4
    $ nocall campaign contacts 0sgg7amv661gnw6afzv4ay7ft4 contacts.csv
    100 accepted, 0 duplicate, 0 invalid, 1 listed
    $ nocall campaign start -wait 0sgg7amv661gnw6afzv4ay7ft4
    finished  100 of 100 done  answered 69, busy 10, no_answer 10, refused 6,
    failed 4, skipped 1 (dnc 1)  21 opted out
`

type campaignCommand struct {
	List     campaignListCommand     `cmd:""`
	New      campaignNewCommand      `cmd:""`
	Contacts campaignContactsCommand `cmd:""`
	Start    campaignStartCommand    `cmd:""`
	Pause    campaignPauseCommand    `cmd:""`
	Finish   campaignFinishCommand   `cmd:""`
	Show     campaignShowCommand     `cmd:""`
	Progress campaignProgressCommand `cmd:""`
	Remove   campaignRemoveCommand   `cmd:""`
}

type campaignListCommand struct {
	remote
	asJSON
}

// Run lists the campaigns, newest first.
func (k *campaignListCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	campaigns, err := c.Campaigns(ctx)
	if err != nil {
		return err
	}
	for _, one := range campaigns {
		if err := k.print(in.Stdout, one, campaignLine(one)); err != nil {
			return err
		}
	}
	return nil
}

// campaignLine is a campaign in one line: its ID, which other commands want,
// first.
func campaignLine(c client.Campaign) string {
	line := fmt.Sprintf("%s  %-8s  %s  %s", c.ID, c.State, stamp(c.CreatedAt), c.Name)
	if c.Trouble != nil {
		line += "  (" + *c.Trouble + ")"
	}
	return line
}

type campaignNewCommand struct {
	remote
	asJSON
	Name        string `arg:""`
	Provider    string
	Agent       string
	CallerID    []string
	MaxAttempts int
	Delay       []string
	Calls       int
	PerSecond   float64
	Settings    string
}

// Run makes a campaign.
func (k *campaignNewCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	settings, err := k.settings(in)
	if err != nil {
		return err
	}
	made, err := c.AddCampaign(ctx, settings)
	if err != nil {
		return err
	}
	return k.print(in.Stdout, made, made.ID)
}

// settings are those of the file, and then those of the flags.
func (k *campaignNewCommand) settings(in *Invocation) (s client.CampaignSettings, err error) {
	if k.Settings != "" {
		if s, err = readCampaign(in, k.Settings); err != nil {
			return s, fmt.Errorf("read settings: %w", err)
		}
	}
	s.Name = k.Name
	if k.Provider != "" || s.Provider == "" {
		s.Provider = k.Provider
	}
	if s.Provider == "" {
		s.Provider = "simulator"
	}
	if k.Agent != "" {
		s.Agent = k.Agent
	}
	if len(k.CallerID) > 0 {
		s.CallerIDs = k.CallerID
	}
	if k.MaxAttempts != 0 || len(k.Delay) > 0 {
		s.Retry = &client.Retry{MaxAttempts: k.MaxAttempts, Delays: k.Delay}
	}
	if k.Calls != 0 || k.PerSecond != 0 {
		s.Pace = &client.Pace{Calls: k.Calls, PerSecond: k.PerSecond}
	}
	return s, nil
}

type campaignContactsCommand struct {
	remote
	asJSON
	ID             string `arg:""`
	File           string `arg:""`
	Column         string
	TimezoneColumn string
}

// Run adds the contacts of a file.
func (k *campaignContactsCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	f, err := in.open(k.File)
	if err != nil {
		return fmt.Errorf("read contacts: %w", err)
	}
	defer f.Close()
	added, err := c.AddContacts(ctx, k.ID, f, client.Columns{
		Number: k.Column, Timezone: k.TimezoneColumn,
	})
	if err != nil {
		return err
	}
	for _, line := range added.Invalid {
		fmt.Fprintf(in.Stderr, "line %d: %s: %s\n", line.Line, line.Input, line.Detail)
	}
	if more := added.InvalidTotal - len(added.Invalid); more > 0 {
		fmt.Fprintf(in.Stderr, "and %d lines more\n", more)
	}
	err = k.print(in.Stdout, added, fmt.Sprintf("%d accepted, %d duplicate, %d invalid, %d listed",
		added.Accepted, added.Duplicate, added.InvalidTotal, added.Listed))
	if err == nil && added.InvalidTotal > 0 {
		return errSaid
	}
	return err
}

// open opens a file, or standard input for "-".
func (in *Invocation) open(name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(in.Stdin), nil
	}
	return os.Open(name)
}

type campaignShowCommand struct {
	remote
	asJSON
	ID string `arg:""`
}

// Run shows a campaign and what it would do if it were started now.
func (k *campaignShowCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	one, err := c.Campaign(ctx, k.ID)
	if err != nil {
		return err
	}
	if err := k.print(in.Stdout, one, campaignLine(one)); err != nil || k.JSON {
		return err
	}
	preview, err := c.Preview(ctx, k.ID)
	if err != nil {
		return err
	}
	fmt.Fprintln(in.Stdout, previewLine(preview))
	for _, p := range preview.Problems {
		field := strings.TrimPrefix(p.Location, "campaign.")
		fmt.Fprintf(in.Stdout, "    %s: %s\n", field, p.Message)
	}
	return nil
}

func previewLine(p client.Preview) string {
	line := fmt.Sprintf("    %d contacts, %d of them listed", p.Contacts, p.Listed)
	if p.NoTimezone > 0 {
		line += fmt.Sprintf(", %d without a time zone", p.NoTimezone)
	}
	if p.FirstCallAt != nil {
		line += ", first call " + p.FirstCallAt.UTC().Format(time.RFC3339)
	}
	return line
}

type campaignRemoveCommand struct {
	remote
	ID string `arg:""`
}

// Run removes a campaign with its contacts.
func (k *campaignRemoveCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	return c.RemoveCampaign(ctx, k.ID)
}
