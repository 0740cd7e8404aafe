package media

import (
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// inbox notes what comes out of a reorder: the number in each packet, -1 for a
// loss.
func inbox(r *reorder) *[]int {
	var got []int
	r.out = func(is kind, sound []byte) {
		if is == 0 {
			got = append(got, -1)
			return
		}
		got = append(got, int(binary.BigEndian.Uint32(sound)))
	}
	return &got
}

func numbered(i int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(i)) }

func TestReorder(t *testing.T) {
	for _, c := range []struct {
		name string
		come []int
		want []int
	}{
		{"in order", []int{0, 1, 2, 3}, []int{0, 1, 2, 3}},
		{"two swapped", []int{0, 2, 1, 3}, []int{0, 1, 2, 3}},
		{"one twice", []int{0, 1, 1, 2, 0}, []int{0, 1, 2}},
		{"held one twice", []int{0, 2, 2, 1}, []int{0, 1, 2}},
		{"one lost", []int{0, 1, 3, 4, 5, 6, 7}, []int{0, 1, -1, 3, 4, 5, 6, 7}},
		{"two lost apart", []int{0, 2, 4, 5, 6, 7, 8}, []int{0, -1, 2, -1, 4, 5, 6, 7, 8}},
		{"late", []int{0, 2, 3, 4, 5, 6, 1, 7}, []int{0, -1, 2, 3, 4, 5, 6, 7}},
		{"many lost", []int{0, 20, 21, 22}, slices.Concat([]int{0}, losses(19), []int{20, 21, 22})},
		{"stray far off", []int{0, 1, 9000, 2, 3}, []int{0, 1, 2, 3}},
		{"begun anew", []int{0, 1, 9000, 9001, 9002}, []int{0, 1, 9001, 9002}},
		{"begun anew, back", []int{9000, 1, 2, 3}, []int{9000, 2, 3}},
	} {
		for _, base := range []uint16{0, 65534} { // and over the end of 16 bits
			var r reorder
			got := inbox(&r)
			now := time.Time{}
			for _, i := range c.come {
				r.put(base+uint16(i), mulaw, numbered(i), now)
				now = now.Add(20 * time.Millisecond)
			}
			r.giveUp(now.Add(patience))
			if !slices.Equal(*got, c.want) {
				t.Errorf("%s from %d: %v, want %v", c.name, base, *got, c.want)
			}
		}
	}
}

func losses(n int) []int { return slices.Repeat([]int{-1}, n) }

// TestReorderAnyOrder mixes packets up, within reason, and loses and repeats
// some: all that came must come out once, in order, with a loss for each other.
func TestReorderAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 300).Draw(t, "packets")
		base := rapid.Uint16().Draw(t, "base")
		lost := make(map[int]bool)
		for _, i := range rapid.SliceOfN(rapid.IntRange(1, n-1), 0, n/4).Draw(t, "lost") {
			lost[i] = true
		}
		lost[n-1] = false // else nobody could know
		come := []int{0}
		for i := 1; i < n; i++ {
			for range rapid.SampledFrom([]int{1, 1, 1, 1, 2}).Draw(t, "times") {
				if !lost[i] {
					come = append(come, i)
				}
			}
		}
		for i := 1; i+1 < len(come); i += rapid.IntRange(1, 4).Draw(t, "swap") {
			if j := i + rapid.IntRange(0, 2).Draw(t, "by"); j < len(come) {
				come[i], come[j] = come[j], come[i]
			}
		}
		var r reorder
		got := inbox(&r)
		for _, i := range come {
			r.put(base+uint16(i), mulaw, numbered(i), time.Time{})
		}
		r.giveUp(time.Time{}.Add(patience))
		for i := range n {
			want := i
			if lost[i] {
				want = -1
			}
			if len(*got) != n || (*got)[i] != want {
				t.Fatalf("came %v lost %v: got %v", come, lost, *got)
			}
		}
	})
}

func TestReorderStream(t *testing.T) {
	var r reorder
	got := inbox(&r)
	for i, c := range []struct {
		ssrc     uint32
		sequence uint16
		changed  bool
	}{
		{1, 10, false},
		{1, 12, false}, // 11 is missing
		{2, 5000, true},
		{2, 5001, false},
	} {
		if changed := r.stream(c.ssrc); changed != c.changed {
			t.Errorf("packet %d: stream changed: %v", i, changed)
		}
		r.put(c.sequence, mulaw, numbered(i), time.Time{})
	}
	if want := []int{0, -1, 1, 2, 3}; !slices.Equal(*got, want) {
		t.Errorf("got %v, want %v", *got, want)
	}
}
