package voice

import "nocall/internal/campaign"

// Counts tells how the calls of an environment went.
type Counts struct {
	Calls       int
	OptOuts     int // calls in which an opt-out was heard
	Direction   map[Direction]int
	Disposition map[campaign.Disposition]int // of ended calls
	SkipReason  map[campaign.SkipReason]int
}
