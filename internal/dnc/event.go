package dnc

import (
	"time"

	"nocall/internal/e164"
)

// EventKind says what an event of the trail tells.
type EventKind string

// What happens to a list.
const (
	Added              EventKind = "added"
	AddedAgain         EventKind = "added_again" // the number was listed already; nothing changed
	Confirmed          EventKind = "confirmed"   // a provisional entry is provisional no more
	Edited             EventKind = "edited"
	Removed            EventKind = "removed"
	Exempted           EventKind = "exempted"        // may be called although a registry has it
	ExemptionEnded     EventKind = "exemption_ended" // before its time
	Imported           EventKind = "imported"        // many were added at once
	ImportUndone       EventKind = "import_undone"   // and removed
	EnvironmentAdded   EventKind = "environment_added"
	EnvironmentEdited  EventKind = "environment_edited"
	EnvironmentRemoved EventKind = "environment_removed"
)

// Event is one line of the trail, the append-only history of an environment.
//
// Events of one environment are numbered by Revision from 1 without holes, in
// the order in which they came into force. An [Index] follows them.
type Event struct {
	Environment  Environment
	Revision     int64
	Kind         EventKind
	Number       e164.Number // or as it was before an edit; zero for an environment
	NewNumber    e164.Number // after an edit; equal to Number where only the reason changed
	CreatedBy    CreatedBy   // of the entry; "" for an environment
	CreatedAt    time.Time   // of the entry; what the index orders by
	ReasonBefore string      // edited, removed
	ReasonAfter  string      // added, added again, edited; why it was confirmed or removed
	By           string      // the user or key that did it; "" for the system
	CallID       string      // the call in which an opt-out was heard
	At           time.Time   // UTC, whole microseconds, later than any event before it
	Provisional  bool        // added: until a person has reviewed what was heard
	Import       string      // the import it tells of, or came of; "" for none

	// Numbers are those of an import that was done or undone, as long as the
	// event is news; the trail does not have them.
	Numbers *EventNumbers
}
