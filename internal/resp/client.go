package resp

import (
	"context"
	"net"
	"runtime"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/e164"
)

const (
	inSize  = 16 << 10 // bytes that are read at once; a word fits in
	outSize = 64 << 10 // bytes of answers that are kept back, about
	askSize = 1024     // numbers that are asked for at once, of requests for one
)

// client is one connection.
type client struct {
	parser
	asker
	server *Server
	conn   net.Conn
	ctx    context.Context // until nothing more is answered

	in    []byte // what was read and not done with is between begin and end
	begin int
	end   int
	out   []byte // answers that are not written yet

	id       int // a number of its own
	protocol int // 2 or 3
	leaves   bool

	// How the last request for one number began; see again.
	head []byte
	name [len("SISMEMBER")]byte // as it was written there

	// The request that is being read.
	do    doing
	fault string   // what is wrong with a check; "" for nothing
	args  []string // of what is no check: its name in capitals, and what is behind it

	region     string // of the environment
	regionRead bool   // for the requests that have come in together

	// What the list is to be asked for, in answer to requests for one number, or
	// to one request for many.
	numbers  []e164.Number
	verdicts []dnc.Verdict
}

// doing is what a request is for.
type doing int

const (
	checkOne  doing = iota // SISMEMBER
	checkMany              // SMISMEMBER
	other
)

func newClient(ctx context.Context, s *Server, conn net.Conn) *client {
	return &client{
		server: s, conn: conn, ctx: ctx, id: int(s.clients.Add(1)),
		in: make([]byte, inSize), protocol: 2, asker: asker{refusal: errNoAuth},
	}
}

// run answers until the client leaves, or nothing can be read any more. Requests
// that have come in together are answered together.
func (c *client) run() {
	c.hurry()
	for !c.leaves {
		n, err := c.conn.Read(c.in[c.end:])
		if n == 0 && err != nil {
			return
		}
		c.end += n
		c.recognize()
		if err := c.answer(); err != nil {
			c.error("ERR Protocol error: " + err.Error())
			c.leaves = true
		}
		c.flush()
		// To read now would mostly be in vain. Others come first.
		runtime.Gosched()
	}
}

// hurry gives the client some time to say who it is.
func (c *client) hurry() { c.readUntil(time.Now().Add(authTime)) }

// readUntil sets how long a request may be waited for; the zero time is for ever.
func (c *client) readUntil(t time.Time) {
	_ = c.conn.SetReadDeadline(t) // one that has none does without
	if c.ctx.Err() != nil {
		expire(c.conn)
	}
}

// answer answers what has come in. It keeps what is not there whole.
func (c *client) answer() error {
	for !c.leaves {
		most := maxWords
		if c.secret == "" {
			most = maxWordsBefore
		}
		if c.left == 0 && c.again() {
			continue
		}
		word, done, err := c.next(c.in[c.begin:c.end], most)
		c.begin += done
		if err != nil {
			c.ask()
			return err
		}
		switch {
		case word == nil:
			c.ask()
			copy(c.in, c.in[c.begin:c.end])
			c.begin, c.end = 0, c.end-c.begin
			return nil
		case c.left == c.words-1:
			c.start(word)
		default:
			c.take(word)
		}
		if c.left == 0 {
			c.finish()
		}
	}
	return nil
}

// flush writes the answers. A client that does not take them is left.
func (c *client) flush() {
	if len(c.out) == 0 {
		return
	}
	_ = c.conn.SetWriteDeadline(time.Now().Add(writeTime)) // one that has none does without
	if c.ctx.Err() != nil {
		expire(c.conn)
	}
	if _, err := c.conn.Write(c.out); err != nil {
		c.leaves = true
	}
	c.out = c.out[:0]
	if cap(c.out) > 2*outSize {
		c.out = nil
	}
}
