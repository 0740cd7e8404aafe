package resp

import (
	"strconv"
	"strings"
)

// maxArgs is how many words are kept of a request that is no check. None that is
// answered has more.
const maxArgs = 8

// spoken is the version of Redis whose requests and answers these are.
const spoken = "7.0.0"

// takeOther takes a word of a request that is no check.
func (c *client) takeOther(word []byte) {
	if len(c.args) < maxArgs {
		c.args = append(c.args, string(word))
	}
}

// command answers a request that is no check.
func (c *client) command() {
	name, args := strings.ToUpper(c.args[0]), c.args[1:]
	switch name {
	case "AUTH":
		c.auth(args)
	case "HELLO":
		c.hello(args)
	case "QUIT":
		c.ok()
		c.leaves = true
	case "RESET":
		c.logout()
		c.protocol = 2
		c.out = append(c.out, "+RESET\r\n"...)
	default:
		if !c.known() {
			c.error(c.refusal)
			return
		}
		c.ordinary(name, args)
	}
}

// ordinary answers one who is known.
func (c *client) ordinary(name string, args []string) {
	switch {
	case name == "PING" && len(args) == 0:
		c.out = append(c.out, "+PONG\r\n"...)
	case name == "PING" && len(args) == 1, name == "ECHO" && len(args) == 1:
		c.bulk(args[0])
	case name == "SELECT" && len(args) == 1:
		c.choose(args[0])
	case name == "CLIENT" && len(args) > 0:
		c.about(strings.ToUpper(args[0]), args[1:])
	case name == "COMMAND":
		c.header('*', 0) // those who ask it get along without an answer
	case name == "INFO":
		c.info()
	case name == "PING", name == "ECHO", name == "SELECT", name == "CLIENT":
		c.error("ERR wrong number of arguments for '" + strings.ToLower(name) + "' command")
	default:
		c.error(errCommand)
	}
}

// auth answers AUTH with a key, which may have a user's name before it: the key
// says who it is.
func (c *client) auth(args []string) {
	if len(args) < 1 || len(args) > 2 {
		c.error("ERR wrong number of arguments for 'auth' command")
		return
	}
	if c.login(args[len(args)-1]) {
		c.ok()
	}
}

// hello answers HELLO [2|3 [AUTH NAME KEY] [SETNAME NAME]].
func (c *client) hello(args []string) {
	protocol := c.protocol
	if len(args) > 0 {
		version, err := strconv.Atoi(args[0])
		if err != nil || version < 2 || version > 3 {
			c.error(errProtocol)
			return
		}
		protocol, args = version, args[1:]
	}
	for len(args) > 0 {
		switch option := strings.ToUpper(args[0]); {
		case option == "AUTH" && len(args) > 2:
			if !c.login(args[2]) {
				return
			}
			args = args[3:]
		case option == "SETNAME" && len(args) > 1:
			args = args[2:]
		default:
			c.error(errOption)
			return
		}
	}
	if !c.known() {
		c.error(c.refusal)
		return
	}
	c.protocol = protocol
	c.greet()
}

// greet answers HELLO with what clients look for.
func (c *client) greet() {
	c.fields(7)
	c.bulk("server")
	c.bulk("redis")
	c.bulk("version")
	c.bulk(spoken)
	c.bulk("proto")
	c.header(':', c.protocol)
	c.bulk("id")
	c.header(':', c.id)
	c.bulk("mode")
	c.bulk("standalone")
	c.bulk("role")
	c.bulk("master")
	c.bulk("modules")
	c.header('*', 0)
}

// choose answers SELECT. There is one database.
func (c *client) choose(database string) {
	if database != "0" {
		c.error(errDatabase)
		return
	}
	c.ok()
}

// about answers CLIENT: a client may say what it is, and is not asked.
func (c *client) about(what string, args []string) {
	switch {
	case what == "SETNAME" && len(args) == 1, what == "SETINFO" && len(args) == 2:
		c.ok()
	case what == "GETNAME" && len(args) == 0:
		c.null()
	case what == "ID" && len(args) == 0:
		c.header(':', c.id)
	default:
		c.error(errOption)
	}
}

// info answers INFO with what clients look for: whether to wait.
func (c *client) info() {
	loading := 0
	if c.server.Ready() != nil {
		loading = 1
	}
	c.bulk("# Server\r\nredis_version:" + spoken + "\r\nredis_mode:standalone\r\n" +
		"# Persistence\r\nloading:" + strconv.Itoa(loading) + "\r\n" +
		"# Replication\r\nrole:master\r\n")
}
