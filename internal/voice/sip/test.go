package sip

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"

	wire "github.com/emiago/sipgo/sip"

	"nocall/internal/dnc"
	"nocall/internal/voice"
)

// Test asks a trunk whether it is there (OPTIONS) and says how it is
// registered. It returns [voice.ErrNoProvider] if there is no such trunk; that
// it does not answer is no error.
func (t *Trunks) Test(
	ctx context.Context, env dnc.Environment, of string,
) (voice.TrunkTest, error) {
	tr, ok := t.trunk(env, of)
	if !ok {
		return voice.TrunkTest{}, voice.ErrNoProvider
	}
	test := voice.TrunkTest{Registration: "off"}
	began := time.Now()
	res, err := t.options(ctx, tr)
	test.Took = time.Since(began)
	if tr.Register {
		test.Registration = tr.registered.get()
	}
	if err != nil {
		test.Reason = err.Error()
		return test, nil
	}
	test.Code, test.Reason = res.StatusCode, res.Reason
	test.OK = tr.there(res.StatusCode) && (!tr.Register || test.Registration == registered)
	return test, nil
}

// there reports whether an answer to OPTIONS says that calls can be placed. Of
// a trunk that has no password from us it is enough that it asks for one, and
// of any that it does not know OPTIONS.
func (t *trunk) there(code int) bool {
	switch code {
	case 200, 202, 404, 405, 480, 481, 501:
		return true
	case 401, 407:
		return t.Username == ""
	}
	return false
}

func (t *Trunks) options(ctx context.Context, tr *trunk) (*wire.Response, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, askTime, errSilent)
	defer cancel()
	end, err := t.endpointFor(ctx)
	if err != nil {
		return nil, err
	}
	w := tr.ways()[0]
	h, err := end.reachAny(ctx, tr.network(), w.first)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errDeadLine, err)
	}
	defer h.release()
	req := end.newRequest(wire.OPTIONS, uriAt("", w.to, h.network), h)
	from := wire.Uri{Scheme: "sip", User: tr.Username, Host: host(w.to)}
	if from.User == "" {
		from.User = product
	}
	tag := wire.HeaderParams{{K: "tag", V: mark()}}
	req.AppendHeader(&wire.FromHeader{Address: from, Params: tag})
	req.AppendHeader(&wire.ToHeader{Address: uriAt("", w.to, "UDP")})
	id := wire.CallIDHeader(mark())
	req.AppendHeader(&id)
	req.AppendHeader(&wire.CSeqHeader{SeqNo: 1, MethodName: wire.OPTIONS})
	req.AppendHeader(h.contact(tr.Username))
	req.AppendHeader(wire.NewHeader("Accept", sdpType))
	return end.ask(ctx, req, tr.account())
}

// joinPort returns host:port, or the host alone without a port.
func joinPort(host string, port int) string {
	if port == 0 {
		return host
	}
	return net.JoinHostPort(host, strconv.Itoa(port))
}
