package sip

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	wire "github.com/emiago/sipgo/sip"
)

// timers is what asks for session timers (RFC 4028).
const timers = "timer"

// Intervals of session timers.
const (
	usualInterval = 30 * time.Minute
	leastInterval = 90 * time.Second // section 5
	mostInterval  = 24 * time.Hour
)

// refresh says whether the two ends tell each other now and then that the call
// goes on, so that one whose far end died does not stay open for ever.
type refresh struct {
	every time.Duration // 0 for not at all
	ours  bool          // whether it is us who refresh
	ask   bool          // by a mere question, as nothing was agreed
}

// askedFor is how we make sure of a far end that knows nothing of refreshes.
var askedFor = refresh{every: usualInterval, ours: true, ask: true}

// sessionExpires reads a Session-Expires: how often, and who refreshes: uac,
// uas or "". Other parameters are passed over.
func sessionExpires(value string) (every time.Duration, by string, ok bool) {
	seconds, rest, _ := strings.Cut(value, ";")
	n, err := strconv.ParseUint(strings.TrimSpace(seconds), 10, 32)
	if err != nil || n == 0 {
		return 0, "", false
	}
	for param := range strings.SplitSeq(rest, ";") {
		key, value, _ := strings.Cut(param, "=")
		if strings.EqualFold(strings.TrimSpace(key), "refresher") {
			by = strings.ToLower(strings.TrimSpace(value))
		}
	}
	if by != "uac" && by != "uas" {
		by = ""
	}
	return min(time.Duration(n)*time.Second, mostInterval), by, true
}

// headers is what both requests and answers have.
type headers interface {
	GetHeader(string) wire.Header
	GetHeaders(string) []wire.Header
}

// expires reads the Session-Expires of a message, in its short form too.
func expires(m headers) (every time.Duration, by string, ok bool) {
	for _, name := range []string{"Session-Expires", "x"} {
		if h := m.GetHeader(name); h != nil {
			return sessionExpires(h.Value())
		}
	}
	return 0, "", false
}

// leastOf reads the Min-SE of an answer 422.
func leastOf(m headers) time.Duration {
	if h := m.GetHeader("Min-SE"); h != nil {
		if every, _, ok := sessionExpires(h.Value()); ok {
			return every
		}
	}
	return 0
}

// wish asks for refreshes in a request that begins a call.
func wish(req *wire.Request, every, least time.Duration) {
	req.RemoveHeader("Session-Expires")
	req.RemoveHeader("Min-SE")
	req.AppendHeader(wire.NewHeader("Session-Expires", inSeconds(every)))
	req.AppendHeader(wire.NewHeader("Min-SE", inSeconds(least)))
}

// askRefresh says in a request of ours how the call is refreshed: who sends it
// is its UAC, whoever began the call.
func (d *dialog) askRefresh(req *wire.Request) {
	req.AppendHeader(wire.NewHeader("Supported", supported))
	r := d.refreshed()
	if r.every == 0 || r.ask {
		return
	}
	by := "uas"
	if r.ours {
		by = "uac"
	}
	req.AppendHeader(wire.NewHeader("Session-Expires", inSeconds(r.every)+";refresher="+by))
	req.AppendHeader(wire.NewHeader("Min-SE", inSeconds(leastInterval)))
}

// agreeRefresh takes in how the far end's answer to a request of ours refreshes.
func (d *dialog) agreeRefresh(res *wire.Response) {
	every, by, ok := expires(res)
	if !ok {
		d.setRefresh(askedFor)
		return
	}
	d.setRefresh(refresh{every: every, ours: by != "uas"})
}

// grantRefresh takes in how a request of the far end wants to refresh, and says
// in the answer how it is done. It leaves it to the far end where it may.
func (d *dialog) grantRefresh(req *wire.Request, res *wire.Response) {
	every, by, ok := expires(req)
	if !ok {
		d.setRefresh(askedFor)
		return
	}
	if by == "" {
		by = "uac"
	}
	res.AppendHeader(wire.NewHeader("Session-Expires", inSeconds(every)+";refresher="+by))
	if by == "uac" || lists(req, "Supported", timers) || lists(req, "k", timers) {
		res.AppendHeader(wire.NewHeader("Require", timers))
	}
	d.setRefresh(refresh{every: every, ours: by == "uas"})
}

// tooOften reports whether a request asks for refreshes more often than they
// are of use, and answers it if so.
func tooOften(req *wire.Request, tx wire.ServerTransaction) bool {
	every, _, ok := expires(req)
	if !ok || every >= leastInterval {
		return false
	}
	res := wire.NewResponseFromRequest(req, 422, "Session Interval Too Small", nil)
	res.AppendHeader(wire.NewHeader("Min-SE", inSeconds(leastInterval)))
	tx.Respond(res)
	return true
}

func (d *dialog) refreshed() refresh {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.refresh
}

// setRefresh sets how the call is refreshed from now on, and that it just was.
func (d *dialog) setRefresh(r refresh) {
	d.mu.Lock()
	d.refresh = r
	d.mu.Unlock()
	select {
	case d.renewed <- struct{}{}:
	default:
	}
}

// watch refreshes the session, or sees to it that the far end does, until the
// dialog has ended. A call that is not refreshed in time is hung up.
func (d *dialog) watch() {
	for {
		r := d.refreshed()
		var due <-chan time.Time // of a timer that the collector stops
		if r.every > 0 {
			due = time.After(r.pause())
		}
		select {
		case <-d.renewed:
		case <-d.over.Done():
			return
		case <-due:
			if !r.ours || d.renew() != nil {
				d.hangUp()
				return
			}
		}
	}
}

// pause returns how long after a refresh something is to be done: to refresh
// again, or to give the call up (RFC 4028, section 10).
func (r refresh) pause() time.Duration {
	if r.ours {
		return r.every / 2
	}
	return r.every - min(32*time.Second, r.every/3)
}

// renew refreshes the session. It returns an error if there is none any more.
func (d *dialog) renew() error {
	ctx, cancel := context.WithTimeoutCause(d.over, askTime, errSilent)
	defer cancel()
	asked := d.refreshed().ask
	res, err := d.sendRenewal(ctx, asked)
	switch {
	case err != nil:
		return err
	case res.IsSuccess() && !asked:
		d.agreeRefresh(res)
		return nil
	case res.StatusCode == wire.StatusCallTransactionDoesNotExists,
		res.StatusCode == wire.StatusRequestTimeout:
		return fmt.Errorf("session is gone: %d", res.StatusCode)
	}
	d.setRefresh(d.refreshed()) // it is alive, whatever it has against the request
	return nil
}

func (d *dialog) sendRenewal(ctx context.Context, asked bool) (*wire.Response, error) {
	switch {
	case asked:
		return d.ask(ctx, d.request(wire.OPTIONS, d.next()))
	case !d.updates:
		return d.offerAgain(ctx)
	}
	req := d.request(wire.UPDATE, d.next())
	d.askRefresh(req)
	return d.ask(ctx, req)
}

func inSeconds(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }

// lists reports whether a header of a message lists a word.
func lists(m headers, name, word string) bool {
	for _, h := range m.GetHeaders(name) {
		for listed := range strings.SplitSeq(h.Value(), ",") {
			if strings.EqualFold(strings.TrimSpace(listed), word) {
				return true
			}
		}
	}
	return false
}
