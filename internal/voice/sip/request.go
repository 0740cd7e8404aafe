package sip

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	wire "github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
)

// What we understand.
const (
	allowed   = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK"
	supported = timers + ", " + reliably
	sdpType   = "application/sdp"
	product   = "nocall"
)

// account is what we prove to be who we are with.
type account struct {
	username, password string
}

// newRequest makes a request that leaves through h, without From, To, Call-ID
// and CSeq.
func (e *endpoint) newRequest(method wire.RequestMethod, to wire.Uri, h *hop) *wire.Request {
	req := wire.NewRequest(method, to)
	req.SetTransport(h.network)
	req.AppendHeader(h.via())
	hops := wire.MaxForwardsHeader(70)
	req.AppendHeader(&hops)
	req.AppendHeader(wire.NewHeader("User-Agent", product))
	req.SetDestination(h.destination())
	req.SetBody(nil)
	e.lease(req)
	return req
}

// via makes a Via with a branch of its own. It asks that answers come back to
// where the request came from (RFC 3581).
func (h *hop) via() *wire.ViaHeader {
	via := &wire.ViaHeader{
		ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: h.network,
		Host: h.local.Addr().String(), Port: int(h.local.Port()),
	}
	via.Params.Add("branch", wire.RFC3261BranchMagicCookie+mark())
	via.Params.Add("rport", "")
	return via
}

// contact is where we are reached through h.
func (h *hop) contact(user string) *wire.ContactHeader {
	return &wire.ContactHeader{Address: wire.Uri{
		Scheme: "sip", User: user, Host: h.local.Addr().String(), Port: int(h.local.Port()),
		UriParams: transportParam(h.network),
	}}
}

// transportParam says over what a URI is to be reached; over UDP it is not said.
func transportParam(network string) wire.HeaderParams {
	if network == "UDP" {
		return nil
	}
	return wire.HeaderParams{{K: "transport", V: strings.ToLower(network)}}
}

// uriAt returns the URI of a user at host:port.
func uriAt(user, name, network string) wire.Uri {
	u := wire.Uri{Scheme: "sip", User: user, Host: host(name), UriParams: transportParam(network)}
	if _, p, ok := strings.Cut(strings.TrimPrefix(name, "["+u.Host+"]"), ":"); ok {
		u.Port, _ = strconv.Atoi(p)
	}
	return u
}

// write sends a request that has no answer, such as ACK.
func (e *endpoint) write(req *wire.Request) error {
	return e.agent.TransportLayer().WriteMsg(req)
}

// spentByAsk is how many numbers of requests ask may take.
const spentByAsk = 3

// ask sends a request other than INVITE and returns the final answer. A demand
// for a password is met once with a, or twice if the first answer to it was
// stale.
func (e *endpoint) ask(ctx context.Context, req *wire.Request, a account) (*wire.Response, error) {
	for range spentByAsk {
		res, err := e.askOnce(ctx, req)
		if err != nil {
			return nil, err
		}
		next, err := answerChallenge(req, res, a)
		if err != nil {
			return res, nil
		}
		req = next
	}
	return nil, errors.New("asked for a password again and again")
}

func (e *endpoint) askOnce(ctx context.Context, req *wire.Request) (*wire.Response, error) {
	tx, err := e.agent.TransactionLayer().Request(ctx, req)
	if err != nil {
		return nil, err
	}
	defer tx.Terminate()
	for {
		select {
		case res := <-tx.Responses():
			if !res.IsProvisional() {
				return res, nil
			}
		case <-tx.Done():
			return nil, fmt.Errorf("no answer to %s: %w", req.Method, tx.Err())
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-e.ctx.Done():
			return nil, errClosed
		}
	}
}

var (
	errNoChallenge = errors.New("no demand for a password that we can meet")
	errWrong       = errors.New("username or password is wrong")
)

// answerChallenge returns req once more as it answers a demand for a password,
// or an error if res is none, or none that can be met.
func answerChallenge(req *wire.Request, res *wire.Response, a account) (*wire.Request, error) {
	ask, answer := "WWW-Authenticate", "Authorization"
	switch res.StatusCode {
	case wire.StatusUnauthorized:
	case wire.StatusProxyAuthRequired:
		ask, answer = "Proxy-Authenticate", "Proxy-Authorization"
	default:
		return nil, errNoChallenge
	}
	if a.username == "" {
		return nil, errNoChallenge
	}
	for _, h := range res.GetHeaders(ask) {
		c, err := digest.ParseChallenge(h.Value())
		if err != nil || !digest.CanDigest(c) {
			continue // there may be others (RFC 8760, section 2.4)
		}
		if req.GetHeader(answer) != nil && !c.Stale {
			return nil, errWrong
		}
		credentials, err := digest.Digest(c, digest.Options{
			Method: req.Method.String(), URI: req.Recipient.String(),
			Username: a.username, Password: a.password, Count: 1,
			GetBody: func() (io.ReadCloser, error) {
				return io.NopCloser(bytes.NewReader(req.Body())), nil
			},
		})
		if err != nil {
			continue
		}
		next := again(req)
		next.RemoveHeader(answer)
		next.AppendHeader(wire.NewHeader(answer, credentials.String()))
		return next, nil
	}
	return nil, errNoChallenge
}

// again returns req as it is sent anew: with the next number and a branch of
// its own.
func again(req *wire.Request) *wire.Request {
	next := req.Clone()
	next.CSeq().SeqNo++
	next.Via().Params.Add("branch", wire.RFC3261BranchMagicCookie+mark())
	return next
}
