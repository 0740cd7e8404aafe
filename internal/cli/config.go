package cli

import (
	"fmt"
	"net/url"
	"reflect"

	"github.com/alecthomas/kong"
)

const configUsage = `Usage:
    nocall config [OPTION OF SERVE]... [-json]

Prints every setting of "nocall serve" as it would be in force, and where it is
from: the command line, the environment, the file that -config names, or the
default. Secrets are not shown.

Options:
    -json                an object for each setting

and those of serve; see "nocall help serve".

Example:
    $ NOCALL_LISTEN=:80 nocall config -config nocall.conf
    data                  ./nocall-data    default
    listen                :80              NOCALL_LISTEN
`

type configCommand struct {
	serveFlags
	asJSON
}

// setting is one setting in force.
type setting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	From  string `json:"from"`
}

// Run prints the settings.
func (k *configCommand) Run(in *Invocation, parsed *kong.Context) error {
	for _, flag := range parsed.Flags() {
		if !flag.Tag.Has("setting") {
			continue
		}
		s := setting{flag.Name, shown(flag), "default"}
		if from, _ := in.settings.onLine(flag.Name); from != "" {
			s.From = from
		}
		line := fmt.Sprintf("%-22s%-25s  %s", s.Name, s.Value, s.From)
		if err := k.print(in.Stdout, s, line); err != nil {
			return err
		}
	}
	password := setting{"admin-password", "(random)", "default"}
	if value, _ := in.Env(passwordVariable); value != "" {
		password.Value, password.From = "(hidden)", passwordVariable
	}
	return k.print(in.Stdout, password, fmt.Sprintf("%-22s%-25s  %s",
		password.Name, password.Value, password.From))
}

// shown is the value of a flag, without the password in a database's address.
func shown(flag *kong.Flag) string {
	value := fmt.Sprint(reflect.Indirect(flag.Target).Interface())
	if u, err := url.Parse(value); err == nil && flag.Name == "database" {
		return u.Redacted()
	}
	return value
}
