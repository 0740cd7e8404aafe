package ears

import (
	"bytes"
	"context"
	"time"

	"nocall/internal/voice"
)

const (
	gapAfter = 100 * time.Millisecond // without a frame
	maxGap   = 2 * time.Second        // filled up; services end a turn well before
)

// silence is what fills a gap: 100 ms.
var silence = bytes.Repeat([]byte{0xFF}, int(gapAfter/voice.FrameTime)*voice.FrameBytes)

// eachSound gives the sound of frames to hear until they end or ctx is done.
// Phones may send nothing while nobody speaks; as services end a turn when they
// hear silence, the beginning of such a gap is filled with it.
func eachSound(ctx context.Context, frames <-chan []byte, hear func([]byte)) {
	gap := time.NewTimer(gapAfter)
	defer gap.Stop()
	filled := time.Duration(0)
	for {
		select {
		case <-ctx.Done():
			return
		case frame, ok := <-frames:
			if !ok {
				return
			}
			hear(frame)
			filled = 0
			gap.Reset(gapAfter)
		case <-gap.C:
			hear(silence)
			if filled += gapAfter; filled < maxGap {
				gap.Reset(gapAfter)
			}
		}
	}
}
