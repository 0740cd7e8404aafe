package optout

import (
	"fmt"
	"slices"
)

// Families are the names of what can be meant either way; see [Finding].
// Phrases of all languages call them so.
func Families() []string { return slices.Clone(families) }

var families = []string{
	"stop", "please_dont", "leave_alone", "frequency", "how_off", "registry", "threat",
	"erasure", "keypad", "say_stop", "reversal", "reported", "object", "no_need", "call_you",
	"number_scope", "topic_scope", "time_scope", "place_scope", "channel_scope", "person_scope",
}

// checkFamily reports a family that is none.
func checkFamily(name string) error {
	if !slices.Contains(families, name) {
		return fmt.Errorf("there is no family %s; there are %q", name, families)
	}
	return nil
}
