package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"nocall/client"
)

// progressEvery is how often it is asked how far a campaign has come.
const progressEvery = 500 * time.Millisecond

type campaignStartCommand struct {
	remote
	asJSON
	ID   string `arg:""`
	Wait bool
}

// Run starts a campaign, and waits for its end where that was asked for.
func (k *campaignStartCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	started, err := c.StartCampaign(ctx, k.ID)
	if err != nil {
		return err
	}
	if !k.Wait {
		return k.print(in.Stdout, started, campaignLine(started))
	}
	return showProgress(ctx, in, c, waiting{k.ID, k.asJSON})
}

type campaignPauseCommand struct {
	remote
	asJSON
	ID string `arg:""`
}

// Run pauses a campaign.
func (k *campaignPauseCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	paused, err := c.PauseCampaign(ctx, k.ID)
	if err != nil {
		return err
	}
	return k.print(in.Stdout, paused, campaignLine(paused))
}

type campaignFinishCommand struct {
	remote
	asJSON
	ID string `arg:""`
}

// Run finishes a campaign.
func (k *campaignFinishCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	finished, err := c.FinishCampaign(ctx, k.ID)
	if err != nil {
		return err
	}
	return k.print(in.Stdout, finished, campaignLine(finished))
}

type campaignProgressCommand struct {
	remote
	asJSON
	ID   string `arg:""`
	Wait bool
}

// Run shows how far a campaign has come.
func (k *campaignProgressCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	if k.Wait {
		return showProgress(ctx, in, c, waiting{k.ID, k.asJSON})
	}
	p, err := c.Progress(ctx, k.ID)
	if err != nil {
		return err
	}
	return k.print(in.Stdout, p, progressLine(p))
}

// waiting is for a campaign that runs.
type waiting struct {
	id string
	asJSON
}

// showProgress waits until a campaign runs no more, with a bar if somebody
// watches, and then shows how far it came.
func showProgress(ctx context.Context, in *Invocation, c *client.Client, w waiting) error {
	b := &bar{w: in.Stderr, shown: isTerminal(in.Stderr)}
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	for {
		p, err := c.Progress(ctx, w.id)
		if err != nil {
			b.clear()
			return err
		}
		if p.State != client.Running {
			b.clear()
			return w.print(in.Stdout, p, progressLine(p))
		}
		b.draw(p)
		select {
		case <-tick.C:
		case <-ctx.Done():
			b.clear()
			return ctx.Err()
		}
	}
}

// bar is a progress bar on one line of a terminal.
type bar struct {
	w     io.Writer
	shown bool
	width int // of what is drawn
}

const barWidth = 30

func (b *bar) draw(p client.Progress) {
	if !b.shown {
		return
	}
	text := barText(p)
	fmt.Fprintf(b.w, "\r%-*s", b.width, text)
	b.width = len(text)
}

func (b *bar) clear() {
	if b.width > 0 {
		fmt.Fprintf(b.w, "\r%*s\r", b.width, "")
		b.width = 0
	}
}

func barText(p client.Progress) string {
	full := 0
	if p.Contacts.Total > 0 {
		full = barWidth * p.Contacts.Done / p.Contacts.Total
	}
	return fmt.Sprintf("[%s%s] %d of %d  %d being called, %d opted out",
		strings.Repeat("#", full), strings.Repeat("-", barWidth-full), p.Contacts.Done,
		p.Contacts.Total, p.Contacts.Active, p.OptedOut)
}

// progressLine is how far a campaign has come in one line.
func progressLine(p client.Progress) string {
	line := fmt.Sprintf("%s  %d of %d done", p.State, p.Contacts.Done, p.Contacts.Total)
	if ends := counts(p.Dispositions, "answered", "busy", "no_answer", "refused", "failed",
		"skipped", "recalled"); ends != "" {
		line += "  " + ends
	}
	if why := counts(p.Skipped, "dnc", "registry", "window", "limit"); why != "" {
		line += " (" + why + ")"
	}
	line += fmt.Sprintf("  %d opted out", p.OptedOut)
	if p.Held != nil {
		line += "  waits: " + heldWords(*p.Held)
	}
	return line
}

// heldWords say why a campaign waits.
func heldWords(h client.Held) string {
	words := "there are as many calls as the environment, or the provider, allows"
	if h.By == "caller_ids" {
		words = "its caller IDs are shown as often as their pace allows"
	}
	if h.Until != nil {
		words += ", until " + stamp(*h.Until)
	}
	return words
}

// counts writes those counts that are not zero, in the order of names.
func counts(all map[string]int, names ...string) string {
	var said []string
	for _, name := range names {
		if n := all[name]; n > 0 {
			said = append(said, fmt.Sprintf("%s %d", name, n))
		}
	}
	return strings.Join(said, ", ")
}

// readCampaign reads the settings of a campaign from a file of JSON.
func readCampaign(in *Invocation, name string) (s client.CampaignSettings, err error) {
	f, err := in.open(name)
	if err != nil {
		return s, err
	}
	defer f.Close()
	decoder := json.NewDecoder(f)
	decoder.DisallowUnknownFields()
	return s, decoder.Decode(&s)
}
