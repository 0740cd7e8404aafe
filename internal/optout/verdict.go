package optout

// Version is the version of the engine and its phrases, kept with each finding.
// It changes whenever a sentence may be judged otherwise than before.
const Version = "4"

// Verdict says what a conversation, or a part of it, comes to.
type Verdict string

// The verdicts, from the strongest to the weakest.
const (
	OptOut Verdict = "opt_out" // the contact asked not to be called again
	Review Verdict = "review"  // they may have; a person should look
	Scoped Verdict = "scoped"  // not at that time, place, topic or channel only
	None   Verdict = "none"
)

// Doubt says why a finding wants a person's review.
type Doubt string

// The doubts.
const (
	Ambiguous Doubt = "ambiguous" // its family can be meant either way, see Finding.Family
	Unlikely  Doubt = "unlikely"  // the words match, but the model has seldom seen that meant
	Likely    Doubt = "likely"    // no words match, but the model has seen it meant
	Withdrawn Doubt = "withdrawn" // taken back in a later turn; Finding.Before is the request
	Echo      Doubt = "echo"      // the agent had just said the same words
)

// Slot is a part of a request that says of what it speaks.
type Slot struct {
	Name string // "action", "object", "list", "time", "place", "channel", "topic" or "person"
	Text string // the words, as they were said; runs of digits are masked
}

// Span is a piece of a turn.
type Span struct {
	Turn       int
	Start, End int // byte offsets in the turn's text
	Quote      string
}

// Preset says what becomes of the ambiguous families and of what is in doubt.
type Preset string

// The presets.
const (
	Strict   Preset = "strict"   // ambiguous families are nothing; only clear requests suppress
	Balanced Preset = "balanced" // they are for review, and suppress nothing
	Cautious Preset = "cautious" // they are for review, and suppress until a person has looked
)

// Options are what is known of a conversation, and how it is to be judged.
type Options struct {
	Language string // IETF tag such as "en-US"; "" if not known: then all languages are tried
	Preset   Preset // "" is Cautious
}

// Suppresses reports whether a number is to be listed for f: for good for
// [OptOut], provisionally for what else it is true of.
func (p Preset) Suppresses(f Finding) bool {
	switch f.Verdict {
	case OptOut:
		return true
	case Review:
		return p == Cautious || p == ""
	case Scoped:
		return (p == Cautious || p == "") && f.Family != ""
	}
	return false
}
