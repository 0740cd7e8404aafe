package sip

import (
	"fmt"
	"strconv"
	"strings"

	wire "github.com/emiago/sipgo/sip"
)

// reliably is what asks for provisional answers that are acknowledged (RFC 3262),
// by PRACK. We give none ourselves: an inbound call is answered at once.
const reliably = "100rel"

// confirm acknowledges a provisional answer that wants it, once, and reports
// whether it is to be heard: the same again is not, nor one that comes before
// those it follows. The caller holds mu.
func (i *invite) confirm(res *wire.Response) bool {
	serial, wanted := serialOf(res)
	if !wanted {
		return true
	}
	tag := toTag(res)
	if last, any := i.confirmed[tag]; any && serial != last+1 {
		return false
	}
	i.confirmed[tag] = serial
	if !i.abandoned {
		i.end.task(func() { i.prack(res, serial) })
	}
	return true
}

// serialOf returns the number of a provisional answer that wants to be
// acknowledged.
func serialOf(res *wire.Response) (serial uint32, wanted bool) {
	h := res.GetHeader("RSeq")
	if h == nil || res.StatusCode == wire.StatusTrying || !lists(res, "Require", reliably) {
		return 0, false
	}
	n, err := strconv.ParseUint(strings.TrimSpace(h.Value()), 10, 32)
	return uint32(n), err == nil && n > 0
}

// prack acknowledges a provisional answer, as a request of the dialog that it has
// begun.
func (i *invite) prack(res *wire.Response, serial uint32) {
	d := dialogOf(i, res)
	cseq := i.req.CSeq().SeqNo + i.pracks.Add(spentByAsk) - spentByAsk + 1
	req := d.request(wire.PRACK, cseq)
	rack := fmt.Sprintf("%d %d INVITE", serial, i.req.CSeq().SeqNo)
	req.AppendHeader(wire.NewHeader("RAck", rack))
	i.end.ask(i.end.ctx, req, i.account)
}
