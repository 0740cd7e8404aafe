package resp

import "strconv"

// Errors as Redis has them: a word in capitals, and what there is to say.
const (
	errNoAuth   = "NOAUTH Authentication required."
	errWrongKey = "WRONGPASS invalid username-password pair or user is disabled."
	errNotYours = "NOPERM the name of the environment of your API key is wanted as the key"
	errUnready  = "LOADING the list is not ready: nothing is cleared"
	errNoList   = "ERR there is no such environment"
	errFailed   = "ERR it cannot be said now: nothing is cleared"
	errCommand  = "ERR unknown command"
	errOption   = "ERR unknown subcommand or option"
	errProtocol = "NOPROTO unsupported protocol version"
	errDatabase = "ERR DB index is out of range"
)

func (c *client) error(text string) {
	c.out = append(c.out, '-')
	c.out = append(c.out, text...)
	c.out = append(c.out, "\r\n"...)
}

func (c *client) ok() { c.out = append(c.out, "+OK\r\n"...) }

// integer writes 1 for true and 0 for false.
func (c *client) integer(b bool) {
	digit := byte('0')
	if b {
		digit = '1'
	}
	c.out = append(c.out, ':', digit, '\r', '\n')
}

// header writes how many of what sign stands for follow.
func (c *client) header(sign byte, n int) {
	c.out = append(c.out, sign)
	c.out = strconv.AppendInt(c.out, int64(n), 10)
	c.out = append(c.out, "\r\n"...)
}

func (c *client) bulk(text string) {
	c.header('$', len(text))
	c.out = append(c.out, text...)
	c.out = append(c.out, "\r\n"...)
}

func (c *client) null() {
	if c.protocol == 3 {
		c.out = append(c.out, "_\r\n"...)
		return
	}
	c.out = append(c.out, "$-1\r\n"...)
}

// fields begins n pairs of names and values.
func (c *client) fields(n int) {
	if c.protocol == 3 {
		c.header('%', n)
		return
	}
	c.header('*', 2*n)
}
