package voice

import "nocall/internal/optout"

// doubts say in plain words why a finding wants a person's review.
var doubts = map[optout.Doubt]string{
	optout.Withdrawn: "They asked not to be called again, and took it back later on.",
	optout.Echo: "The agent had just said the same words: this may be an echo of the agent, " +
		"and not the contact.",
	optout.Unlikely: "The words are those of a request, but in sentences like this they are " +
		"seldom meant as one.",
	optout.Likely: "No phrase that is known was said, but requests are often worded like this.",
}

// families say in plain words in which two ways the words of one can be meant.
var families = map[string]string{
	"stop":        "“Stop” alone can mean the calls, or only what was being said.",
	"please_dont": "“Please don’t” alone does not say what not to do.",
	"leave_alone": "“Leave me alone” can mean for good, or just now.",
	"frequency":   "They do not want so many calls: perhaps none, perhaps fewer.",
	"how_off":     "They ask how to get off the list, and have not asked to be taken off it yet.",
	"registry":    "They say that they are on a do-not-call registry, and ask for nothing.",
	"threat":      "They threaten, and do not say that the calls shall stop.",
	"erasure": "They want their data erased: that may include the calls, and is a request of " +
		"its own in any case.",
	"keypad":   "They say a key aloud instead of pressing it.",
	"say_stop": "They repeat the word that the agent offered, or talk about it.",
	"reversal": "They asked not to be called again, and took it back later on.",
	"reported": "They speak of what somebody said: perhaps to others, perhaps to you.",
	"object":   "They may mean another thing than the calls.",
	"no_need":  "They say that there is no need to call: that may be for good, or for now.",
	"call_you": "They would rather call themselves: that may be a request, or a polite goodbye.",

	"number_scope":  "They do not want calls to this number, and name no other.",
	"topic_scope":   "They do not want calls about this, and say nothing of others.",
	"time_scope":    "They do not want calls at this time, and name no better one.",
	"place_scope":   "They do not want calls at this place, and name no other.",
	"channel_scope": "They do not want to be reached in this way, and name no other.",
	"person_scope":  "They do not want this person called, and name nobody else.",
}

// Why says in plain words, in a sentence, why a finding is what it is.
func Why(f optout.Finding) string {
	if why, ok := doubts[f.Doubt]; ok {
		return why
	}
	if why, ok := families[f.Family]; ok {
		return why
	}
	switch {
	case f.Verdict == optout.OptOut:
		return "They asked not to be called again."
	case f.Verdict == optout.Scoped && f.Family == "":
		return "They do not want calls at one time, at one place, about one thing or in one " +
			"way, and named another: they may be called."
	case f.Verdict == optout.None || f.Verdict == "":
		return "No request not to be called again was heard."
	}
	return "This can be meant as a request not to be called again, or otherwise."
}
