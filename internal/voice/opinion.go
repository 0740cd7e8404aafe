package voice

import (
	"context"
	"strings"
	"time"
	"unicode"

	"nocall/internal/optout"
)

// Opinion is what somebody else than the detector thinks of a finding that
// waits for review.
type Opinion struct {
	OptOut bool   // that the contact asked not to be called again
	Quote  string // the contact's words that say so
	By     string // who thinks so, such as the name of a model
	At     time.Time
}

// SecondOpinion asks somebody else, outside of the program, about a finding. It
// may be used by many goroutines at once.
type SecondOpinion interface {
	// Ask shows the turns of a call, and returns what is thought of the finding
	// among them.
	Ask(ctx context.Context, turns []Turn, f Finding) (Opinion, error)
}

// leastQuote is the fewest letters that a quote must have.
const leastQuote = 4

// Quoted reports whether the contact said the words that the opinion rests on:
// they stand in one of their turns as they are, but for case, punctuation and
// white space. An opinion that is not quoted counts for nothing.
func (o Opinion) Quoted(turns []Turn) bool {
	quote := bareWords(o.Quote)
	if len(strings.ReplaceAll(quote, " ", "")) < leastQuote {
		return false
	}
	for _, t := range turns {
		said := " " + bareWords(t.Text) + " "
		if t.Speaker == optout.Contact && strings.Contains(said, " "+quote+" ") {
			return true
		}
	}
	return false
}

// bareWords returns the words of a text in lower case, with a space between
// them.
func bareWords(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), " ")
}
