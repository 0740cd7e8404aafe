package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nocall/client"
)

// What the contacts of the crash test do, by the last two digits of their
// number: most are busy, refuse or cannot be reached, which is quick.
var crashLasts = []int{
	70, 90, 96, 71, 91, 97, 72, 92, 98, 73, 93, 99, 4, 52, 62, 95, 80, 74, 94, 75,
}

// crashEnds says how an attempt at each of them ends.
var crashEnds = map[int]string{
	4: "answered", 52: "answered", 62: "answered", 95: "refused", 80: "no_answer",
	70: "busy", 71: "busy", 72: "busy", 73: "busy", 74: "busy", 75: "busy",
	90: "refused", 91: "refused", 92: "refused", 93: "refused", 94: "refused",
	96: "failed", 97: "failed", 98: "failed", 99: "failed",
}

// TestCrash kills the server with SIGKILL at random moments of a campaign: when
// it has come to its end, each contact is done and has been called once, and
// nobody's phone has rung twice, or though listed.
func TestCrash(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) { crash(t, 10_000, 10) })
	t.Run("PostgreSQL", func(t *testing.T) {
		crash(t, 1000, 3, "-database", postgresSchema(t))
	})
}

// crashed is a campaign under test.
type crashed struct {
	id       string
	contacts []string // their numbers
	listed   map[string]bool
	rung     string // the file in which the simulator notes whom it rings
	kills    int
}

func crash(t *testing.T, contacts, kills int, args ...string) {
	dir := t.TempDir()
	keys := filepath.Join(dir, "keys.json")
	c := &crashed{listed: make(map[string]bool), rung: filepath.Join(dir, "rung"), kills: kills}
	args = append([]string{
		"-data", filepath.Join(dir, "data"), "-bootstrap-key-file", keys,
		"-requests-per-second", "1000000", "-log-level", "error",
		"-simulator-speed", "2000", "-simulator-log", c.rung,
	}, args...)
	server := mustStart(t, args)
	c.make(t, sandbox(t, server, keys), contacts)
	for _, done := range c.moments(contacts) {
		c.wait(t, server, keys, done)
		server.kill()
		server = mustStart(t, args)
	}
	c.wait(t, server, keys, contacts)
	c.verify(t, sandbox(t, server, keys))
	if err := server.stop(); err != nil {
		t.Errorf("server ended with %v; it said:\n%s", err, server.said())
	}
}

func mustStart(t *testing.T, args []string) *server {
	t.Helper()
	s, err := start(os.Environ(), args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.cmd.Process.Kill() })
	return s
}

// make makes the campaign, lists some of its contacts, and starts it.
func (c *crashed) make(t *testing.T, to *client.Client, contacts int) {
	calls := 400
	_, err := to.SetEnvironment(t.Context(), client.Settings{MaxConcurrentCalls: &calls})
	if err != nil {
		t.Fatal(err)
	}
	made, err := to.AddCampaign(t.Context(), client.CampaignSettings{
		Name: "Crash", Provider: "simulator",
	})
	if err != nil {
		t.Fatal(err)
	}
	c.id = made.ID
	file := "phone_number\n"
	for i := range contacts {
		last := crashLasts[i%len(crashLasts)]
		number := fmt.Sprintf("+%d", 14155000000+100*i+last)
		c.contacts = append(c.contacts, number)
		file += number + "\n"
		if i%97 == 0 {
			if _, _, err := to.Add(t.Context(), number, "before"); err != nil {
				t.Fatal(err)
			}
			c.listed[number] = true
		}
	}
	added, err := to.AddContacts(t.Context(), c.id, strings.NewReader(file), client.Columns{})
	if err != nil || added.Accepted != contacts || added.Listed != len(c.listed) {
		t.Fatalf("added %+v, %v", added, err)
	}
	if _, err := to.StartCampaign(t.Context(), c.id); err != nil {
		t.Fatal(err)
	}
}

// moments returns how many contacts are done when the server is killed, each
// time.
func (c *crashed) moments(contacts int) []int {
	moments := make([]int, c.kills)
	for i := range moments {
		moments[i] = rand.IntN(contacts * 19 / 20)
	}
	slices.Sort(moments)
	return moments
}

// wait waits until so many contacts are done, or all if the campaign finishes
// before.
func (c *crashed) wait(t *testing.T, s *server, keys string, done int) {
	to := sandbox(t, s, keys)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(startLimit)
	for {
		p, err := to.Progress(t.Context(), c.id)
		if err != nil {
			t.Fatalf("progress: %v; the server said:\n%s", err, s.said())
		}
		if p.State == client.Finished || p.Contacts.Done >= done && done < len(c.contacts) {
			t.Logf("%d of %d contacts are done, %d being called",
				p.Contacts.Done, p.Contacts.Total, p.Contacts.Active)
			return
		}
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("progress is %+v, want %d done; the server said:\n%s", p, done, s.said())
		}
	}
}

// verify holds the contacts and the calls of the campaign, and whose phones
// rang, against each other.
func (c *crashed) verify(t *testing.T, of *client.Client) {
	calls := make(map[string][]client.Call)
	for call, err := range of.AllCalls(t.Context(), client.CallQuery{
		CampaignID: c.id, Limit: 500,
	}) {
		if err != nil {
			t.Fatal(err)
		}
		calls[call.Number] = append(calls[call.Number], call)
	}
	rings := c.rings(t)
	seen := make(map[string]bool)
	cut := 0
	for contact, err := range of.AllContacts(t.Context(), c.id, client.ContactQuery{Limit: 500}) {
		if err != nil {
			t.Fatal(err)
		}
		number := contact.PhoneNumber
		if seen[number] {
			t.Errorf("%s is a contact twice", number)
		}
		seen[number] = true
		if len(calls[number]) != 1 {
			t.Errorf("%s has %d calls, want 1", number, len(calls[number]))
			continue
		}
		if c.check(t, contact, calls[number][0], rings[number]) {
			cut++
		}
	}
	if len(seen) != len(c.contacts) || len(calls) != len(seen) {
		t.Errorf("%d contacts, %d with calls; want %d", len(seen), len(calls), len(c.contacts))
	}
	for number := range maps.Keys(rings) {
		if !seen[number] {
			t.Errorf("%s rang and is no contact", number)
		}
	}
	t.Logf("%d contacts, %d attempts cut off by %d kills", len(seen), cut, c.kills)
}

// check checks one contact with its call and how often its phone rang, and
// reports whether its attempt was cut off.
func (c *crashed) check(
	t *testing.T, contact client.CampaignContact, call client.Call, rings int,
) (cut bool) {
	t.Helper()
	number := contact.PhoneNumber
	want, most := crashEnds[lastTwo(number)], 1
	if c.listed[number] {
		want, most = "skipped", 0
	}
	switch {
	case contact.State != "done" || call.Status != "ended" || call.Disposition == nil ||
		*call.Disposition != contact.Disposition || contact.CallID != call.ID:
		t.Errorf("%s: contact %+v, call %+v", number, contact, call)
	case rings > most:
		t.Errorf("%s rang %d times, want at most %d", number, rings, most)
	case contact.Disposition == "failed" && (want != "failed" || rings == 0):
		return true
	case contact.Disposition == want && rings != most:
		t.Errorf("%s ended as %s and rang %d times", number, want, rings)
	case contact.Disposition == want:
	default:
		t.Errorf("%s ended as %s, want %s", number, contact.Disposition, want)
	}
	return false
}

func lastTwo(number string) (last int) {
	fmt.Sscan(strings.TrimLeft(number[len(number)-2:], "0"), &last)
	return last
}

// rings returns how often each phone rang, in all lives of the server.
func (c *crashed) rings(t *testing.T) map[string]int {
	text, err := os.ReadFile(c.rung)
	if err != nil {
		t.Fatal(err)
	}
	rings := make(map[string]int)
	for number := range strings.Lines(string(text)) {
		rings[strings.TrimSpace(number)]++
	}
	return rings
}
