package resp

import (
	"errors"
	"time"

	"nocall/internal/access"
)

// keyPrefix may stand before the name of an environment, for clients that put
// one before all their keys.
const keyPrefix = "dnc:"

// maxWrong is how many wrong keys a client may come with.
const maxWrong = 3

// asker is who asks.
type asker struct {
	secret   string // the key; "" before there was a right one
	identity access.Identity
	refusal  string // what is answered to one who is not known; "" to one who is
	wrong    int    // keys that were not right
}

func (a *asker) known() bool { return a.refusal == "" }

// may reports whether who asks may ask for what key names.
func (a *asker) may(key []byte) bool {
	if len(key) > len(keyPrefix) && string(key[:len(keyPrefix)]) == keyPrefix {
		key = key[len(keyPrefix):]
	}
	return string(key) == string(a.identity.Environment) && a.identity.Role.Allows(access.Viewer)
}

// login takes the key that a client comes with. It returns false, and has
// answered, where it is not right.
func (c *client) login(secret string) bool {
	identity, err := c.server.Access.Authenticate(c.ctx, secret)
	if err != nil {
		c.refuse(err)
		return false
	}
	c.asker, c.head = asker{secret: secret, identity: identity}, c.head[:0]
	c.readUntil(time.Time{})
	return true
}

func (c *client) refuse(err error) {
	if !errors.Is(err, access.ErrUnknown) {
		c.error(c.trouble(err))
		return
	}
	c.error(errWrongKey)
	c.server.Log.DebugContext(c.ctx, "client of Redis with a wrong key",
		"address", c.conn.RemoteAddr().String())
	if c.wrong++; c.wrong >= maxWrong {
		c.leaves = true
	}
}

// recognize looks at the key of the client again: from the moment it is removed
// nothing is answered.
func (c *client) recognize() {
	c.regionRead = false
	if c.secret == "" {
		return
	}
	identity, err := c.server.Access.Authenticate(c.ctx, c.secret)
	switch {
	case err == nil:
		c.identity, c.refusal = identity, ""
	case errors.Is(err, access.ErrUnknown):
		c.logout()
	default:
		c.refusal = c.trouble(err)
	}
}

// logout forgets who asks.
func (c *client) logout() {
	c.asker = asker{refusal: errNoAuth, wrong: c.wrong}
	c.hurry()
}
