package ears

import (
	"bytes"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"nocall/internal/optout"
	"nocall/internal/voice"
)

func FuzzParseResult(f *testing.F) {
	f.Add([]byte(`{"type":"Results","is_final":true,"speech_final":true,"start":1,"duration":2.5,` +
		`"channel":{"alternatives":[{"transcript":"stop","languages":["en"]}]}}`))
	f.Add([]byte(`{"type":"UtteranceEnd","channel":[0,1],"last_word_end":2.1}`))
	f.Add([]byte(`{"type":"Results","start":-1e308,"duration":1e308,"channel":null}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := parseResult(text)
		if err != nil {
			return
		}
		if n := r.bytes(); n < 0 {
			t.Errorf("parseResult(%q) ends at %d", text, n)
		}
		joined := turn{said: func(text, language string) {
			err := voice.Turn{Speaker: optout.Contact, Text: text}.Validate()
			if err != nil || strings.ContainsRune(text, 0) || len(language) > longestTag {
				t.Errorf("said %q in %q: %v", text, language, err)
			}
		}}
		joined.add(r)
		joined.end()
	})
}

func FuzzAnswer(f *testing.F) {
	f.Add([]byte(`{"text":"stop","language":"en"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		said, _, err := new(windows).readAnswer(bytes.NewReader(text))
		if err != nil && said != "" {
			t.Errorf("readAnswer(%q) = %q, %v", text, said, err)
		}
	})
}

// FuzzPieces holds that pieces of any sound are parts of it, and not too long.
func FuzzPieces(f *testing.F) {
	f.Add(bytes.Repeat([]byte("a"), 160*40))
	f.Fuzz(func(t *testing.T, sound []byte) {
		p := pieces{cut: func(piece []byte) {
			if !bytes.Contains(sound, piece) || len(piece) > mostFrames*voice.FrameBytes {
				t.Errorf("cut %d bytes out of %d", len(piece), len(sound))
			}
		}}
		p.hear(sound)
		p.end()
	})
}

// TestPieces cuts what somebody says. Loud is how many frames; rest is quiet.
func TestPieces(t *testing.T) {
	type part struct {
		sound  byte
		frames int
	}
	const loud, quiet = 'a', 0xFF
	tests := []struct {
		name  string
		parts []part
		want  []int // frames of each piece
	}{
		{"nobody", []part{{quiet, 500}}, nil},
		{"somebody", []part{{quiet, 50}, {loud, 50}, {quiet, 50}}, []int{10 + 50 + 30}},
		{"at once", []part{{loud, 50}, {quiet, 50}}, []int{50 + 30}},
		{"to the end", []part{{quiet, 50}, {loud, 50}, {quiet, 10}}, []int{10 + 50 + 10}},
		{"a click", []part{{quiet, 50}, {loud, 2}, {quiet, 50}, {loud, 4}, {quiet, 50}}, nil},
		{"a short word", []part{{quiet, 50}, {loud, 5}, {quiet, 50}}, []int{10 + 5 + 30}},
		{
			"a pause",
			[]part{{quiet, 50}, {loud, 50}, {quiet, 29}, {loud, 50}, {quiet, 50}},
			[]int{10 + 50 + 29 + 50 + 30},
		},
		{
			"two",
			[]part{{loud, 50}, {quiet, 35}, {loud, 50}, {quiet, 50}},
			[]int{50 + 30, 5 + 50 + 30}, // what is before the second belonged to the first
		},
		{"a speech", []part{{loud, 1000}, {quiet, 50}}, []int{750, 250 + 30}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []int
			p := pieces{cut: func(piece []byte) { got = append(got, len(piece)/voice.FrameBytes) }}
			for _, part := range test.parts {
				p.hear(bytes.Repeat(frame(part.sound), part.frames))
			}
			p.end()
			if len(got) != len(test.want) {
				t.Fatalf("cut %v, want %v", got, test.want)
			}
			for i := range got {
				if got[i] != test.want[i] {
					t.Fatalf("cut %v, want %v", got, test.want)
				}
			}
		})
	}
}

// TestNoise has somebody who speaks in a noisy room. Once the noise is known,
// it is not taken for speech.
func TestNoise(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	codes := make(map[int]byte)
	for sample := -4000; sample <= 4000; sample++ {
		codes[sample] = mulaw(sample)
	}
	noise := func(loud int) []byte {
		sound := make([]byte, voice.FrameBytes)
		for i := range sound {
			sound[i] = codes[random.IntN(2*loud+1)-loud]
		}
		return sound
	}
	var cut [][]byte
	p := pieces{cut: func(piece []byte) { cut = append(cut, piece) }}
	for range 50 * 30 {
		p.hear(noise(300))
	}
	p.end()
	cut = nil
	for range 3 {
		for range 50 {
			p.hear(noise(4000))
		}
		for range 50 {
			p.hear(noise(300))
		}
	}
	if len(cut) != 3 {
		t.Errorf("cut %d pieces, want 3", len(cut))
	}
}

// mulaw returns the code nearest to a sample.
func mulaw(sample int) byte {
	best, far := 0, math.MaxInt
	for code, s := range linear {
		if d := max(int(s)-sample, sample-int(s)); d < far {
			best, far = code, d
		}
	}
	return byte(best)
}

// TestLinear knows some values of G.711.
func TestLinear(t *testing.T) {
	for code, want := range map[byte]int16{
		0x00: -32124, 0x80: 32124, 0x7F: 0, 0xFF: 0, 0x7E: -8, 0xFE: 8, 0x0F: -16764, 0x55: -716,
	} {
		if got := linear[code]; got != want {
			t.Errorf("linear[%#x] = %d, want %d", code, got, want)
		}
	}
}

func TestGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		frames := make(chan []byte)
		go func() {
			defer close(frames)
			for range 50 {
				frames <- frame('a')
				pause(t.Context(), 30*time.Millisecond) // late, but no gap
			}
			pause(t.Context(), 10*time.Second)
			frames <- frame('b')
			pause(t.Context(), 350*time.Millisecond)
		}()
		var got []byte
		eachSound(t.Context(), frames, func(sound []byte) { got = append(got, sound...) })
		want := bytes.Repeat(frame('a'), 50)
		want = append(want, bytes.Repeat([]byte{0xFF}, 2*8000)...)
		want = append(want, frame('b')...)
		want = append(want, bytes.Repeat([]byte{0xFF}, 300*8)...)
		if !bytes.Equal(got, want) {
			t.Errorf("heard %d bytes, want %d", len(got), len(want))
		}
	})
}

// TestTape holds a tape against what it should do: what is played is what was
// recorded, from what was confirmed on, and no byte is both lost and kept.
func TestTape(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tape := newTape()
		recorded := 0
		t.Repeat(map[string]func(*rapid.T){
			"record": func(t *rapid.T) {
				sound := make([]byte, rapid.IntRange(1, 50_000).Draw(t, "size"))
				for i := range sound {
					sound[i] = byte((recorded + i) % 251)
				}
				tape.record(sound)
				recorded += len(sound)
			},
			"play": func(t *rapid.T) {
				sound, _ := tape.next()
				from := tape.head - len(sound)
				if len(sound) > 0 && sound[0] != byte(from%251) {
					t.Fatalf("played %d at %d", sound[0], from)
				}
			},
			"confirm": func(t *rapid.T) {
				tape.confirm(rapid.IntRange(0, recorded+10).Draw(t, "position"))
			},
			"rewind": func(t *rapid.T) {
				if at := tape.rewind(); at != tape.heard || at < tape.begin {
					t.Fatalf("rewound to %d, heard %d, kept from %d", at, tape.heard, tape.begin)
				}
			},
			"": func(t *rapid.T) {
				if tape.begin+len(tape.sound) != recorded || len(tape.sound) > maxTape ||
					tape.heard > tape.head || tape.lost > tape.heard {
					t.Fatalf("%d recorded, tape %+v", recorded, tape)
				}
			},
		})
	})
}

func TestTag(t *testing.T) {
	for language, want := range map[string]string{
		"en": "en", "en-US": "en-US", "sr-Latn-RS": "sr-Latn-RS", "": "", "multi": "",
		"en_US": "", "English (US)": "", strings.Repeat("e", 36): "", "e\x00n": "",
	} {
		if got := tag(language); got != want {
			t.Errorf("tag(%q) = %q, want %q", language, got, want)
		}
	}
}

func TestTurn(t *testing.T) {
	var got []said
	joined := turn{
		language: "en",
		said:     func(text, language string) { got = append(got, said{text, language}) },
	}
	joined.add(result{text: "please", final: true})
	joined.add(result{text: "do not", final: false})
	joined.add(result{text: "don't call", final: true, language: "de"})
	joined.add(result{ends: true})
	joined.add(result{ends: true})
	joined.add(result{text: strings.Repeat("on and ", 200), final: true})
	joined.add(result{text: "bye", final: true})
	joined.end()
	want := []said{
		{"please don't call", "de"},
		{strings.TrimSpace(strings.Repeat("on and ", 200)), "en"},
		{"bye", "en"},
	}
	checkTurns(t, got, want)
}
