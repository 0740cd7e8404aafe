package media

import (
	"bytes"
	"testing"

	"nocall/internal/voice"
)

// TestTap keeps the far side in step with ours: silence where nothing came, and
// never more than a second behind.
func TestTap(t *testing.T) {
	var heard []byte
	tp := &tap{take: func(h, spoken []byte) {
		if len(h) != voice.FrameBytes || len(spoken) != voice.FrameBytes || spoken[0] != 7 {
			t.Errorf("took %d and %d bytes", len(h), len(spoken))
		}
		heard = append(heard, h[0])
	}}
	frame := func(of byte) []byte { return bytes.Repeat([]byte{of}, voice.FrameBytes) }
	ours := [voice.FrameBytes]byte(frame(7))
	tp.tick(ours)
	tp.hear(frame(1))
	tp.hear(frame(2))
	tp.tick(ours)
	tp.tick(ours)
	tp.tick(ours)
	if want := []byte{silence, 1, 2, silence}; !bytes.Equal(heard, want) {
		t.Errorf("heard %v, want %v", heard, want)
	}
	heard = nil
	for i := range mostAhead + 10 {
		tp.hear(frame(byte(i)))
	}
	for range mostAhead + 1 {
		tp.tick(ours)
	}
	if heard[0] != 10 || heard[mostAhead-1] != mostAhead+9 || heard[mostAhead] != silence {
		t.Errorf("heard %v, want the oldest dropped", heard)
	}
}
