package dnc

import (
	"time"

	"nocall/internal/e164"
)

// TrailQuery asks for one page of an environment's trail, newest first. Zero
// fields ask for everything.
type TrailQuery struct {
	Number e164.Number // as it was before or after
	Kind   EventKind
	Since  time.Time
	Until  time.Time // before
	After  int64     // the revision of the last event of the page before
	Limit  int       // events on a page, at least 1
}

// TrailPage is one page of a trail.
type TrailPage struct {
	Events []Event
	Total  int   // all that match, on every page
	Next   int64 // the TrailQuery.After of the next page; 0 after the last one
}
