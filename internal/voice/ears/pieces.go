package ears

import (
	"bytes"
	"time"

	"nocall/internal/voice"
)

// When somebody speaks, in frames.
const (
	preRoll     = int(200 * time.Millisecond / voice.FrameTime) // kept before the first loud frame
	onset       = int(60 * time.Millisecond / voice.FrameTime)  // loud frames in a row: speech
	hangover    = int(600 * time.Millisecond / voice.FrameTime) // quiet frames in a row: its end
	leastVoiced = int(100 * time.Millisecond / voice.FrameTime) // loud frames; fewer are a click
	mostFrames  = int(15 * time.Second / voice.FrameTime)       // a piece is cut there
)

// pieces cuts sound into pieces by how loud it is.
type pieces struct {
	cut func(sound []byte) // is given each piece

	level  level
	before [][]byte // the frames before speech
	sound  []byte   // what has been said; nil while nobody speaks
	loud   int      // loud frames in a row while nobody speaks, and then those of the piece
	quiet  int      // quiet frames in a row while somebody speaks
}

// hear takes in sound.
func (p *pieces) hear(sound []byte) {
	for len(sound) > 0 {
		n := min(len(sound), voice.FrameBytes)
		p.frame(sound[:n])
		sound = sound[n:]
	}
}

func (p *pieces) frame(frame []byte) {
	loud := p.level.loud(frame)
	if p.sound == nil {
		p.wait(frame, loud)
		return
	}
	p.sound = append(p.sound, frame...)
	if loud {
		p.loud++
		p.quiet = 0
	} else {
		p.quiet++
	}
	switch {
	case p.quiet >= hangover:
		p.end()
	case len(p.sound) >= mostFrames*voice.FrameBytes:
		p.end()
		p.sound = []byte{} // the speaker goes on
	}
}

// wait looks for the beginning of speech.
func (p *pieces) wait(frame []byte, loud bool) {
	p.before = append(p.before, bytes.Clone(frame))
	if over := len(p.before) - preRoll - onset; over > 0 {
		p.before = p.before[over:]
	}
	if !loud {
		p.loud = 0
		return
	}
	if p.loud++; p.loud == onset {
		p.sound = bytes.Join(p.before, nil)
		p.before = nil
	}
}

// end gives away the piece, if there is one.
func (p *pieces) end() {
	if p.loud >= leastVoiced && len(p.sound) > 0 {
		p.cut(p.sound)
	}
	p.sound, p.loud, p.quiet = nil, 0, 0
}

// How loud speech is, as the square of samples on average.
const (
	aboveNoise = 8     // 9 dB
	leastNoise = 1e2   // -70 dB of full scale
	mostNoise  = 3e5   // -35 dB
	leastLoud  = 1e4   // -50 dB
	noiseRises = 1.003 // for a frame: 0.65 dB a second
	noiseFalls = 0.2
)

// level follows the noise of a line, which is what remains when nobody speaks.
type level struct{ noise float64 }

// loud reports whether a frame stands out from the noise.
func (l *level) loud(frame []byte) bool {
	now := power(frame)
	if now < l.noise {
		l.noise += (now - l.noise) * noiseFalls
	} else {
		l.noise *= noiseRises
	}
	l.noise = min(max(l.noise, leastNoise), mostNoise)
	return now > leastLoud && now > aboveNoise*l.noise
}

func power(frame []byte) float64 {
	sum := 0.0
	for _, code := range frame {
		sample := float64(linear[code])
		sum += sample * sample
	}
	return sum / float64(max(len(frame), 1))
}
