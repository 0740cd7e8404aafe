package resp

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
	"strconv"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/e164"
)

// start begins the request whose first word, its name, is word.
func (c *client) start(word []byte) {
	c.fault, c.args = "", c.args[:0]
	switch {
	case isName(word, "SISMEMBER"):
		c.do = checkOne
		copy(c.name[:], word)
		c.need(c.words == 3, "sismember")
	case isName(word, "SMISMEMBER"):
		c.ask() // what was asked for before
		c.do = checkMany
		c.need(c.words >= 3, "smismember")
	default:
		c.do = other
		c.takeOther(word)
	}
}

// isName reports whether word is name, which is in capitals.
func isName(word []byte, name string) bool {
	if len(word) != len(name) {
		return false
	}
	for i, b := range word {
		if b != name[i] && (b < 'a' || b > 'z' || b-'a'+'A' != name[i]) {
			return false
		}
	}
	return true
}

// need notes what is wrong with a check before more of it is read.
func (c *client) need(right bool, name string) {
	switch {
	case !c.known():
		c.fault = c.refusal
	case !right:
		c.fault = "ERR wrong number of arguments for '" + name + "' command"
	}
}

// take takes a further word of the request.
func (c *client) take(word []byte) {
	switch {
	case c.do == other:
		c.takeOther(word)
	case c.fault != "":
	case c.left == c.words-2:
		if !c.may(word) {
			c.fault = errNotYours
		} else if c.do == checkOne {
			c.remember(word)
		}
	default:
		n, err := c.number(word)
		if err != nil {
			c.fault = c.unread(err)
			return
		}
		c.numbers = append(c.numbers, n)
	}
}

// again reads a request for one number that begins as the last one did, as most do
// where many come together: word for word that is slower. It returns false, and has
// read nothing, where there is none, or it is not there whole.
func (c *client) again() bool {
	in := c.in[c.begin:c.end]
	if !c.known() || len(c.head) == 0 || len(c.numbers) >= askSize ||
		!bytes.HasPrefix(in, c.head) {
		return false
	}
	rest := in[len(c.head):]
	n, size, err := length(rest, '$', maxWord)
	end := size + n
	if err != nil || size == 0 || len(rest) < end+2 || rest[end] != '\r' || rest[end+1] != '\n' {
		return false
	}
	number, err := e164.ParsePlain(string(rest[size:end]))
	if err != nil || rest[size] != '+' && !c.abroad() {
		return false
	}
	c.numbers = append(c.numbers, number)
	c.begin += len(c.head) + end + 2
	return true
}

// abroad reports whether digits without a plus sign can only be a whole number, as
// the environment has no default region.
func (c *client) abroad() bool {
	region, err := c.home()
	return err == nil && region == ""
}

// remember keeps how a request for one number began, with its name and key as they
// were written, for the next one.
func (c *client) remember(key []byte) {
	h := append(append(c.head[:0], "*3\r\n$9\r\n"...), c.name[:]...)
	h = strconv.AppendInt(append(h, "\r\n$"...), int64(len(key)), 10)
	h = append(append(h, "\r\n"...), key...)
	c.head = append(h, "\r\n"...)
}

// number reads a number: E.164, with or without its plus sign, or as people
// write it. Digits that are another number at home are refused: nothing must be
// answered for somebody else.
func (c *client) number(word []byte) (e164.Number, error) {
	n, err := e164.ParsePlain(string(word))
	if err == nil && word[0] == '+' {
		return n, nil
	}
	region, failed := c.home()
	switch {
	case failed != nil:
		return n, failed
	case err != nil:
		return e164.ParseLoose(string(word), region)
	case region == "":
		return n, nil
	}
	if home, err := e164.ParseLoose(string(word), region); err == nil && home != n {
		return n, e164.ErrAmbiguous
	}
	return n, nil
}

// home returns the default region of the environment. It is asked for once for
// the requests that have come in together.
func (c *client) home() (string, error) {
	if c.regionRead {
		return c.region, nil
	}
	region, err := c.server.Region(c.ctx, c.identity.Environment)
	if err != nil {
		return "", err
	}
	c.region, c.regionRead = region, true
	return region, nil
}

// unread says what is wrong with a number. It does not repeat what was written.
func (c *client) unread(err error) string {
	if !errors.Is(err, e164.ErrSyntax) {
		return c.trouble(err)
	}
	place := ""
	if c.do == checkMany {
		place = strconv.Itoa(c.words-2-c.left) + " "
	}
	return "ERR number " + place + "cannot be read: " + err.Error()
}

// trouble says what an error means for who asks, and logs what is none of theirs.
func (c *client) trouble(err error) string {
	switch {
	case errors.Is(err, dnc.ErrUnready):
		return errUnready
	case errors.Is(err, dnc.ErrNoEnvironment):
		return errNoList
	}
	c.server.Log.ErrorContext(c.ctx, "request of a client of Redis", "err", err)
	return errFailed
}

// finish answers the request, which has been read whole. Requests for one number
// are kept until there is something else to answer.
func (c *client) finish() {
	if c.do == checkMany && (c.fault != "" || !c.known()) {
		c.numbers = c.numbers[:0]
		c.error(cmp.Or(c.fault, c.refusal))
		return
	}
	switch {
	case c.do == other:
		c.ask()
		c.command()
	case c.do == checkMany:
		c.askMany()
	case c.fault != "":
		c.ask()
		c.error(c.fault)
	case len(c.numbers) >= askSize:
		c.ask()
	}
}

// ask answers the requests for one number that have been read whole.
func (c *client) ask() {
	if len(c.numbers) == 0 || c.do == checkMany && c.left > 0 {
		return
	}
	if err := c.check(); err != nil {
		c.answerInDoubt(c.trouble(err))
	} else {
		c.answerEach()
	}
	c.asked()
}

// askMany answers a request for many numbers.
func (c *client) askMany() {
	if err := c.check(); err != nil {
		c.error(c.trouble(err))
	} else {
		c.header('*', len(c.verdicts))
		c.answerEach()
	}
	c.asked()
}

// check asks the list and its registries for the numbers.
func (c *client) check() error {
	c.verdicts = slices.Grow(c.verdicts[:0], len(c.numbers))[:len(c.numbers)]
	return c.server.List.VerdictMany(c.identity.Environment, c.numbers, time.Now(), c.verdicts)
}

func (c *client) answerEach() {
	for _, v := range c.verdicts {
		c.integer(v != dnc.Clear)
	}
}

// answerInDoubt answers 1 for what is not clear for sure, and else the error.
func (c *client) answerInDoubt(text string) {
	for _, v := range c.verdicts {
		if v != dnc.Clear {
			c.integer(true)
		} else {
			c.error(text)
		}
	}
}

// asked forgets what was asked for.
func (c *client) asked() {
	c.numbers = c.numbers[:0]
	if cap(c.numbers) > 2*askSize { // for many, which is not what comes next
		c.numbers, c.verdicts = nil, nil
	}
	if len(c.out) > outSize {
		c.flush()
	}
}
