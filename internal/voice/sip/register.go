package sip

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	wire "github.com/emiago/sipgo/sip"
)

// Times of registrations.
const (
	usualStay  = time.Hour       // asked for
	leastPause = 5 * time.Second // after a failure; doubled each time
	mostPause  = 5 * time.Minute
	askTime    = 10 * time.Second // for an answer
	keepOpen   = 25 * time.Second // routers forget a way after half a minute
)

// registered is the state of a trunk that is.
const registered = "registered"

// registration says how a trunk is registered.
type registration struct {
	mu    sync.Mutex
	state string // registered, or what is wrong
}

func (r *registration) set(state string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state = state
}

func (r *registration) get() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state
}

// register keeps the trunk registered until ctx is done, and then takes it off.
func (t *Trunks) register(ctx context.Context, tr *trunk) {
	end, err := t.endpointFor(ctx)
	if err != nil {
		return
	}
	tr.registered.set("registering")
	b := &binding{end: end, trunk: tr, callID: mark(), tag: mark(), stay: usualStay}
	pause := leastPause
	for {
		wait := pause
		stay, err := b.renew(ctx)
		switch {
		case ctx.Err() != nil:
			b.leave()
			return
		case err != nil:
			tr.registered.set(err.Error())
			t.Log.WarnContext(ctx, "trunk not registered", "trunk", tr.Name,
				"environment", tr.Environment, "err", err)
			wait += rand.N(pause / 2) // not all at once, when a registrar comes back
			pause = min(2*pause, mostPause)
		default:
			tr.registered.set(registered)
			pause = leastPause
			wait = stay - min(stay/10+time.Second, 30*time.Second)
		}
		if !b.rest(ctx, max(wait, time.Second)) {
			b.leave()
			return
		}
	}
}

// rest waits, and meanwhile keeps the way back open through routers that forget
// who has been silent; a connection keeps itself open, and ends the wait when it is
// lost. It returns false once ctx is done.
func (b *binding) rest(ctx context.Context, wait time.Duration) bool {
	over := time.NewTimer(wait)
	defer over.Stop()
	open := time.NewTicker(keepOpen)
	defer open.Stop()
	for {
		select {
		case <-over.C:
			return true
		case <-open.C:
			if b.conn == nil {
				b.end.knock(b.at)
			} else if b.lost() {
				return true
			}
		case <-ctx.Done():
			return false
		}
	}
}

// lost reports whether the connection is no more on which we have registered, and
// on which calls would come in.
func (b *binding) lost() bool {
	if !b.bound || b.conn == nil {
		return false
	}
	layer := b.end.agent.TransportLayer()
	now, err := layer.GetConnection(b.trunk.network(), b.conn.LocalAddr().String())
	if err != nil || now == nil {
		return true
	}
	now.TryClose() // it was counted
	return now != b.conn
}

// knock sends what means nothing (RFC 5626, section 3.5.1) to where we are
// registered by UDP.
func (e *endpoint) knock(at netip.AddrPort) {
	if at.IsValid() {
		e.udp.WriteToUDPAddrPort([]byte("\r\n\r\n"), at)
	}
}

// binding is what a registrar holds of us (RFC 3261, section 10).
type binding struct {
	end    *endpoint
	trunk  *trunk
	callID string
	tag    string
	cseq   uint32
	stay   time.Duration
	bound  bool
	at     netip.AddrPort  // where
	conn   wire.Connection // on which, if not by UDP
}

// renew registers, and returns for how long.
func (b *binding) renew(ctx context.Context) (time.Duration, error) {
	for range 2 {
		res, h, err := b.send(ctx, b.stay)
		if err != nil {
			return 0, err
		}
		switch {
		case res.IsSuccess():
			b.bound = true
			return granted(res, h, b.stay), nil
		case res.StatusCode == wire.StatusIntervalToBrief:
			if least := seconds(res.GetHeader("Min-Expires")); least > b.stay {
				b.stay = least
				continue
			}
		}
		return 0, fmt.Errorf("registrar answers %d %s", res.StatusCode, res.Reason)
	}
	return 0, fmt.Errorf("registrar wants ever longer registrations")
}

// leave takes the registration off, if there is one.
func (b *binding) leave() {
	if !b.bound {
		return
	}
	ctx, cancel := context.WithTimeout(b.end.ctx, leaveTime/2)
	defer cancel()
	b.send(ctx, 0)
	b.trunk.registered.set("")
}

// send asks the first of the hosts behind the trunk's name that answers.
func (b *binding) send(
	ctx context.Context, stay time.Duration,
) (res *wire.Response, h *hop, err error) {
	w := b.trunk.ways()[0]
	for _, w.at = range b.end.targets(ctx, b.trunk.network(), w.first) {
		if res, h, err = b.sendTo(ctx, w, stay); err == nil || ctx.Err() != nil {
			break
		}
	}
	return res, h, err
}

func (b *binding) sendTo(
	ctx context.Context, w way, stay time.Duration,
) (*wire.Response, *hop, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, askTime, errSilent)
	defer cancel()
	h, err := b.end.reach(ctx, b.trunk.network(), w.at)
	if err != nil {
		return nil, nil, err
	}
	defer h.release()
	b.at, b.conn = h.addr, h.conn
	if h.network == "UDP" {
		b.conn = nil
	}
	res, err := b.end.ask(ctx, b.request(w, h, stay), b.trunk.account())
	return res, h, err
}

func (b *binding) request(w way, h *hop, stay time.Duration) *wire.Request {
	to := uriAt("", w.to, h.network)
	req := b.end.newRequest(wire.REGISTER, to, h)
	if w.proxy {
		route := uriAt("", w.first, h.network)
		route.UriParams.Add("lr", "")
		req.AppendHeader(&wire.RouteHeader{Address: route})
	}
	who := wire.Uri{Scheme: "sip", User: b.trunk.Username, Host: to.Host}
	tag := wire.HeaderParams{{K: "tag", V: b.tag}}
	req.AppendHeader(&wire.FromHeader{Address: who, Params: tag})
	req.AppendHeader(&wire.ToHeader{Address: who})
	id := wire.CallIDHeader(b.callID)
	req.AppendHeader(&id)
	b.cseq += 4 // there are more when a password is asked for
	req.AppendHeader(&wire.CSeqHeader{SeqNo: b.cseq, MethodName: wire.REGISTER})
	req.AppendHeader(h.contact(b.trunk.Username))
	req.AppendHeader(wire.NewHeader("Expires", inSeconds(stay)))
	return req
}

// granted returns for how long a registrar has registered us: what it says of
// our Contact, or else in Expires, or else what we asked for.
func granted(res *wire.Response, h *hop, asked time.Duration) time.Duration {
	ours := h.contact("").Address
	for _, header := range res.GetHeaders("Contact") {
		c, ok := header.(*wire.ContactHeader)
		if !ok || c.Address.Host != ours.Host || c.Address.Port != ours.Port {
			continue
		}
		if stay := secondsOf(c.Params.GetOr("expires", "")); stay > 0 {
			return stay
		}
	}
	if stay := seconds(res.GetHeader("Expires")); stay > 0 {
		return stay
	}
	return asked
}

func seconds(h wire.Header) time.Duration {
	if h == nil {
		return 0
	}
	return secondsOf(h.Value())
}

// secondsOf reads a number of seconds; 0 if it is none. None is over a day.
func secondsOf(text string) time.Duration {
	n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 32)
	if err != nil {
		return 0
	}
	return min(time.Duration(n)*time.Second, mostInterval)
}
