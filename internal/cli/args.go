package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// doubleDashes writes long flags as package kong wants them: -reason becomes
// --reason. What is no flag stays: "-", numbers such as -1, letters alone such
// as -h, and everything after "--".
func doubleDashes(args []string) []string {
	args = slices.Clone(args)
	for i, arg := range args {
		if arg == "--" {
			break
		}
		if len(arg) > 2 && arg[0] == '-' && isLetter(arg[1]) {
			args[i] = "-" + arg
		}
	}
	return args
}

// singleDashes writes the flags in a message as the manual does.
func singleDashes(text string) string { return strings.ReplaceAll(text, "--", "-") }

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// helpAsked reports whether args ask for the usage text, and of which command;
// "" is the whole program.
func helpAsked(args []string) (topic string, ok bool) {
	if len(args) > 0 && args[0] == "help" {
		return strings.Join(args[1:min(len(args), 2)], ""), true
	}
	for _, arg := range args {
		switch arg {
		case "--":
			return "", false
		case "-h", "-help", "--help":
			if args[0] == arg {
				return "", true
			}
			return args[0], true
		}
	}
	return "", false
}

// help writes the usage text of a command.
func help(w io.Writer, topic string) error {
	text, ok := usages()[topic]
	if !ok {
		return usageError{fmt.Sprintf("there is no command %q", topic)}
	}
	_, err := io.WriteString(w, text)
	return err
}
