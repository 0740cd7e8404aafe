package cli

import (
	"errors"
	"io/fs"
	"net"
	"strings"
	"syscall"

	"nocall/client"
	"nocall/internal/resp"
	"nocall/internal/store"
)

// plainly writes an error without the names of packages and requests that
// only a programmer wants to see.
func plainly(err error) string {
	if refused, ok := errors.AsType[*net.OpError](err); ok && refused.Op == "dial" {
		return "no server at " + refused.Addr.String() + ": " + refused.Err.Error()
	}
	text := err.Error()
	for _, prefix := range []string{
		"access: ", "client: ", "dialer: ", "dnc: ", "registry: ", "store: ",
	} {
		text = strings.ReplaceAll(text, prefix, "")
	}
	return text
}

// hint returns what may help against err, or "".
func (in *Invocation) hint(err error) string {
	if _, ok := errors.AsType[usageError](err); ok {
		if len(in.Args) > 0 && usages()[in.Args[0]] != "" {
			return `see "nocall help ` + in.Args[0] + `"`
		}
		return `see "nocall help"`
	}
	switch {
	case errors.Is(err, resp.ErrPlain):
		return "give -redis-cert and -redis-key, or -redis-plain if the network is yours"
	case errors.Is(err, syscall.EADDRINUSE):
		return "something listens there already; choose another address with -listen"
	case errors.Is(err, syscall.ECONNREFUSED):
		return `start it with "nocall serve", or say where it is with -server`
	case errors.Is(err, store.ErrInUse):
		return "end the other one first, or name another folder with -data"
	case errors.Is(err, client.ErrKey):
		return "give a key with -key-file or NOCALL_KEY; serve prints the first ones once"
	case errors.Is(err, client.ErrDenied):
		return "a key is for one environment, and its role says what it may do"
	case errors.Is(err, client.ErrUnready):
		return "the server says on /readyz when it has read the list; until then do not call"
	case errors.Is(err, fs.ErrPermission):
		return "look at the owner and the mode of that file or folder"
	}
	return ""
}
