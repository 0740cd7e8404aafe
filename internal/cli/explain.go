package cli

import "nocall/internal/optout"

// explained is how a turn of the contact was read in one language.
type explained struct {
	Turn       int         `json:"turn"`
	Language   string      `json:"language"`
	Words      string      `json:"words"` // as the phrases see them
	Candidates []candidate `json:"candidates,omitempty"`
}

// candidate is words that a phrase proposed as a request.
type candidate struct {
	Phrase  string `json:"phrase"`
	Words   string `json:"words"`
	Asked   bool   `json:"asked,omitempty"`   // by the agent
	Refused string `json:"refused,omitempty"` // the rule that spoke against it
	Scope   string `json:"scope,omitempty"`   // the rule that limits it
	Offered bool   `json:"offered,omitempty"` // another time or way is offered
	Family  string `json:"family,omitempty"`
}

func explainedOf(x optout.Explanation) []explained {
	all := []explained{}
	for i, t := range x.Turns {
		for _, r := range t.Readings {
			e := explained{Turn: i, Language: r.Language, Words: r.Words}
			for _, c := range r.Candidates {
				e.Candidates = append(e.Candidates, candidate(c))
			}
			all = append(all, e)
		}
	}
	return all
}
