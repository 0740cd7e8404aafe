package sip

import (
	"sync"
	"sync/atomic"
	"time"

	wire "github.com/emiago/sipgo/sip"
)

// Times of RFC 3261, table 4.
const (
	t1     = 500 * time.Millisecond // a round trip
	t2     = 4 * time.Second        // the longest pause between two of one message
	linger = 64 * t1                // how long late messages may come
)

// invite is an INVITE that is under way or has been answered (RFC 3261,
// section 17.1.1, as corrected by RFC 6026). The library's own transaction
// sends it again by itself, which might ring a phone after its number was
// listed, so this one does not: whoever sent it does.
type invite struct {
	end *endpoint
	hop *hop
	req *wire.Request

	account account       // what PRACK proves who we are with
	pracks  atomic.Uint32 // numbers of requests that PRACK has taken

	provisional chan *wire.Response // those that find room, as the first ones do
	final       chan *wire.Response // one

	mu        sync.Mutex
	heard     bool // the far end has answered at all
	settled   bool // finally
	abandoned bool // nobody waits for it any more
	retired   bool
	tag       string                   // of whoever answered first
	confirmed map[string]uint32        // by tag: the last provisional answer acknowledged
	acks      map[string]*wire.Request // by the tag of who answered 2xx
	over      chan struct{}            // closed once it is settled
}

// invite registers an INVITE, so that answers to it are heard. It is not sent.
func (e *endpoint) invite(req *wire.Request, h *hop) *invite {
	i := &invite{
		end: e, hop: h, req: req,
		provisional: make(chan *wire.Response, 16), final: make(chan *wire.Response, 1),
		acks: make(map[string]*wire.Request), confirmed: make(map[string]uint32),
		over: make(chan struct{}),
	}
	h.conn.Ref(1)
	e.mu.Lock()
	e.invites[branch(req)] = i
	e.mu.Unlock()
	return i
}

// hear takes in an answer to an INVITE from the socket.
func (e *endpoint) hear(m wire.Message) {
	res, ok := m.(*wire.Response)
	if !ok || res.CSeq() == nil || res.CSeq().MethodName != wire.INVITE {
		return
	}
	e.mu.Lock()
	i := e.invites[branch(res)]
	e.mu.Unlock()
	if i != nil {
		i.hear(res)
	}
}

// branch returns what the answers to a request have in common with it.
func branch(m interface{ Via() *wire.ViaHeader }) string {
	via := m.Via()
	if via == nil {
		return ""
	}
	return via.Params.GetOr("branch", "")
}

func (i *invite) hear(res *wire.Response) {
	i.mu.Lock()
	defer i.mu.Unlock()
	switch {
	case res.IsProvisional():
		i.progress(res)
	case res.IsSuccess():
		i.accepted(res)
	default:
		i.refused(res)
	}
}

// progress takes in a provisional answer. There may be any number of them.
func (i *invite) progress(res *wire.Response) {
	if i.settled {
		return
	}
	first := !i.heard
	i.heard = true
	if first && i.abandoned {
		i.end.task(i.cancel)
	}
	if !i.confirm(res) {
		return
	}
	select {
	case i.provisional <- res:
	default:
	}
}

// accepted takes in a 2xx. The first is the answer; the same again is
// acknowledged again; that of another branch of a fork, or one that comes when
// nobody waits any more, is acknowledged and hung up.
func (i *invite) accepted(res *wire.Response) {
	tag := toTag(res)
	if ack := i.acks[tag]; ack != nil {
		i.end.task(func() { i.end.write(ack) })
		return
	}
	switch {
	case i.abandoned, i.settled && tag != i.tag:
		i.acks[tag] = i.acknowledgement(res)
		i.end.task(func() { i.hangUp(res) })
		i.settle()
	case !i.settled:
		i.tag = tag
		i.settle()
		i.final <- res
	}
}

// settle notes that there is a final answer. The caller holds mu.
func (i *invite) settle() {
	if !i.settled {
		i.settled = true
		close(i.over)
	}
	i.retire()
}

// refused takes in a final answer that is none of 2xx, and acknowledges it.
func (i *invite) refused(res *wire.Response) {
	i.hop.conn.WriteMsg(i.refusalAck(res))
	if i.settled {
		return
	}
	i.settle()
	i.final <- res
}

// acknowledge sends the ACK for the 2xx that was taken from final, and keeps
// it for when the 2xx comes again. Where it cannot be sent as the answer says, it
// goes where the INVITE went, and the error is returned all the same.
func (i *invite) acknowledge(res *wire.Response) error {
	ack := i.acknowledgement(res)
	err := i.end.write(ack)
	if err != nil {
		ack.SetDestination(i.hop.destination())
		i.end.write(ack)
	}
	i.mu.Lock()
	i.acks[toTag(res)] = ack
	i.mu.Unlock()
	return err
}

func (i *invite) acknowledgement(res *wire.Response) *wire.Request {
	return dialogOf(i, res).ack(i.req.CSeq().SeqNo)
}

// hangUp takes a 2xx that came too late off the line again.
func (i *invite) hangUp(res *wire.Response) {
	i.mu.Lock()
	ack := i.acks[toTag(res)]
	i.mu.Unlock()
	i.end.write(ack)
	dialogOf(i, res).bye(i.end.ctx)
}

// abandon lets the phone stop ringing. CANCEL is on its way when it returns,
// unless the far end has not said a word yet: then it follows at the first one
// (RFC 3261, section 9.1). Whoever answers all the same is hung up.
func (i *invite) abandon() {
	i.mu.Lock()
	if i.abandoned {
		i.mu.Unlock()
		return
	}
	i.abandoned = true
	i.retire()
	ringing := i.heard && !i.settled
	select {
	case crossed := <-i.final:
		if crossed.IsSuccess() {
			i.acks[toTag(crossed)] = i.acknowledgement(crossed)
			i.end.task(func() { i.hangUp(crossed) })
		}
	default:
		i.end.task(i.outlive)
	}
	i.mu.Unlock()
	if ringing {
		i.cancel()
	}
}

// outlive waits for the end of an INVITE that nobody else waits for.
func (i *invite) outlive() {
	late := time.NewTimer(linger)
	defer late.Stop()
	select {
	case <-i.over:
	case <-late.C:
	case <-i.end.ctx.Done():
	}
}

// cancel sends CANCEL, and again until it is answered.
func (i *invite) cancel() {
	tx, err := i.end.agent.TransactionLayer().Request(i.end.ctx, i.cancellation())
	if err != nil {
		return // the connection is gone, and with it the call
	}
	i.end.task(func() {
		defer tx.Terminate()
		select {
		case <-tx.Responses():
		case <-tx.Done():
		case <-i.end.ctx.Done():
		}
	})
}

// retire forgets the INVITE once nothing more will be heard of it. The caller
// holds mu.
func (i *invite) retire() {
	if i.retired {
		return
	}
	i.retired = true
	time.AfterFunc(linger, func() {
		i.end.mu.Lock()
		delete(i.end.invites, branch(i.req))
		i.end.mu.Unlock()
		i.hop.conn.TryClose()
	})
}

// refusalAck makes the ACK for an answer that is none of 2xx (RFC 3261,
// section 17.1.1.3): it belongs to the INVITE's transaction.
func (i *invite) refusalAck(res *wire.Response) *wire.Request {
	ack := i.follow(wire.ACK)
	if to := res.To(); to != nil {
		ack.ReplaceHeader(wire.HeaderClone(to))
	}
	return ack
}

func (i *invite) cancellation() *wire.Request { return i.follow(wire.CANCEL) }

// follow makes a request that follows the INVITE's way and bears its branch.
func (i *invite) follow(method wire.RequestMethod) *wire.Request {
	req := wire.NewRequest(method, *i.req.Recipient.Clone())
	req.AppendHeader(wire.HeaderClone(i.req.Via()))
	wire.CopyHeaders("Route", i.req, req)
	for _, h := range []wire.Header{i.req.From(), i.req.To(), i.req.CallID()} {
		req.AppendHeader(wire.HeaderClone(h))
	}
	req.AppendHeader(&wire.CSeqHeader{SeqNo: i.req.CSeq().SeqNo, MethodName: method})
	hops := wire.MaxForwardsHeader(70)
	req.AppendHeader(&hops)
	req.SetBody(nil)
	req.SetTransport(i.hop.network)
	req.SetDestination(i.hop.destination())
	i.end.lease(req)
	return req
}

func toTag(res *wire.Response) string {
	if to := res.To(); to != nil {
		return to.Params.GetOr("tag", "")
	}
	return ""
}
