package store

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestMeeting has two readers go through a list from both ends, in parcels of
// all sizes and in any order of turns: between them they hand over each entry
// once.
func TestMeeting(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		list := make([]packed, r.IntN(60))
		for i := range list {
			list[i] = packed{int64(1 + i/5), int64(1 + i)} // five at one time
		}
		m := new(meeting)
		var oldest, newest []packed
		up, down := slices.Clone(list), slices.Clone(list)
		slices.Reverse(down)
		moreUp, moreDown := true, true
		for moreUp || moreDown {
			switch n := 1 + r.IntN(9); {
			case moreUp && (r.IntN(2) == 0 || !moreDown):
				var taken []packed
				taken, moreUp = m.up(up[:min(n, len(up))])
				oldest = append(oldest, taken...)
				up = up[len(taken):]
				moreUp = moreUp && len(up) > 0
			case moreDown:
				var taken []packed
				taken, moreDown = m.down(down[:min(n, len(down))])
				newest = append(newest, taken...)
				down = down[len(taken):]
				moreDown = moreDown && len(down) > 0
			}
		}
		slices.Reverse(newest)
		if got := append(oldest, newest...); !slices.Equal(got, list) {
			t.Fatalf("handed over %v, want %v", got, list)
		}
	}
}
