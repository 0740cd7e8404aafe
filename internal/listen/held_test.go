package listen_test

import (
	"errors"
	"testing"

	"nocall/internal/dnc"
	"nocall/internal/optout"
	"nocall/internal/voice"
)

// TestFullDisk shows that an opt-out is in force though nothing can be written
// down, and is written down once it can be.
func TestFullDisk(t *testing.T) {
	for _, tt := range []struct {
		name string
		hear func(h *house, id string) error
	}{
		{"turn", func(h *house, id string) error {
			_, err := h.Turn(t.Context(), production, id, voice.Turn{
				Speaker: optout.Contact, Text: "please don't call me again", At: start,
			})
			return err
		}},
		{"key", func(h *house, id string) error {
			_, err := h.Keys(t.Context(), production, id, voice.Keys{Pressed: "9", At: start})
			return err
		}},
		{"unwanted", func(h *house, id string) error {
			_, err := h.Unwanted(t.Context(), production, id, start)
			return err
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t)
			id := h.call(t, func(c *voice.Call) { c.Status = voice.IsRinging })
			h.store.add.Store(true)
			h.store.turn.Store(true)
			h.store.change.Store(true)
			if err := tt.hear(h, id); !errors.Is(err, voice.ErrHeld) {
				t.Errorf("heard with %v, want ErrHeld", err)
			}
			if listed, err := h.List.Check(production, h.contact); !listed || err != nil {
				t.Errorf("Check = %v, %v; want listed", listed, err)
			}
			h.store.add.Store(false)
			if err := h.List.WriteHeld(t.Context()); err != nil {
				t.Fatal(err)
			}
			e, err := h.List.Entry(t.Context(), production, h.contact)
			if err != nil || e.CreatedBy != dnc.System || e.CallID != id {
				t.Errorf("entry = %+v, %v; want the system's, of the call", e, err)
			}
		})
	}
}
