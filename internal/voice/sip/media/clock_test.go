package media

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp"

	"nocall/internal/voice"
)

// TestClock lets ten seconds pass and counts ticks: one every 20 ms, each when
// it is due, and none after the session is off the clock.
func TestClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c clock
		sessions := make([]*Session, 9)
		for i := range sessions {
			sessions[i] = &Session{}
			sessions[i].sender.open()
			sessions[i].sender.time = 0
			c.add(sessions[i])
		}
		<-time.After(10*time.Second + time.Millisecond)
		for i, s := range sessions {
			c.remove(s)
			ticks := s.sender.time / voice.FrameBytes
			if ticks < 500 || ticks > 501 {
				t.Errorf("session %d: %d ticks in 10 s, want 500", i, ticks)
			}
		}
		<-time.After(time.Second)
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.running || sessions[0].sender.time > 501*voice.FrameBytes {
			t.Error("the clock runs on without sessions")
		}
	})
}

// talker is a sender that has agreed to send.
func talker() *sender {
	s := &sender{}
	s.open()
	s.agree(terms{takesKeys: true, events: 101}, netip.MustParseAddrPort("192.0.2.1:4000"), nil)
	return s
}

func onTime(i int) beat {
	due := time.Unix(0, 0).Add(time.Duration(i) * voice.FrameTime)
	return beat{due: due, now: due.Add(time.Millisecond)}
}

// TestSender looks at the packets of a second: numbers and timestamps go on
// without gaps, over sound, silence and keys.
func TestSender(t *testing.T) {
	s := talker()
	var last rtp.Packet
	for i := range 50 {
		switch i {
		case 3:
			s.play(make([]byte, 5*voice.FrameBytes+7))
		case 20:
			s.press("12", false)
		}
		b, far := s.tick(onTime(i))
		var p rtp.Packet
		if err := p.Unmarshal(b); err != nil || far != s.far {
			t.Fatal(err, far)
		}
		switch {
		case i > 0 && (p.SequenceNumber != last.SequenceNumber+1 || p.SSRC != last.SSRC):
			t.Errorf("packet %d: %v after %v", i, p, last)
		case p.PayloadType == 0 && p.Timestamp != s.time:
			t.Errorf("packet %d: time %d, want %d", i, p.Timestamp, s.time)
		case p.PayloadType == 0 && p.Marker != (i == 3):
			t.Errorf("packet %d: marker %v", i, p.Marker)
		case p.PayloadType == 0 && len(p.Payload) != voice.FrameBytes:
			t.Errorf("packet %d: %d bytes", i, len(p.Payload))
		case i == 8 && (p.Payload[6] != 0 || p.Payload[7] != silence):
			t.Errorf("the rest of a frame is % x", p.Payload[:9])
		case (p.PayloadType == 101) != (i >= 20 && i < 27 || i >= 30 && i < 37):
			t.Errorf("packet %d: payload type %d", i, p.PayloadType)
		}
		last = p
	}
}

// TestCatchUp lets the machine stand still: what is a little late is sent all
// the same, what is later is left out, and time goes on.
func TestCatchUp(t *testing.T) {
	s := talker()
	begun := s.time
	for i := range 10 {
		b := onTime(i)
		b.now = onTime(9).due // one after the other, as soon as it goes on
		packet, _ := s.tick(b)
		if sent := packet != nil; sent != (i >= 6) {
			t.Errorf("packet %d, %v late: sent %v", i, b.late(), sent)
		}
	}
	var stats Stats
	s.count(&stats)
	if s.time != begun+10*voice.FrameBytes || stats.Skipped != 6 {
		t.Errorf("time went on by %d, %d skipped", s.time-begun, stats.Skipped)
	}
}

func TestQueueBounds(t *testing.T) {
	var q queue
	n := 0
	for q.add([]byte{1}) {
		n++
	}
	if n != maxChunks {
		t.Errorf("took %d pieces, want %d", n, maxChunks)
	}
	q.drop()
	for n = 0; q.add(frameOf(1)); n++ {
	}
	if n != 3000 {
		t.Errorf("took %d frames, want a minute: 3000", n)
	}
	frame := make([]byte, voice.FrameBytes)
	for range 10_000 { // full for long
		q.take(frame)
		q.add(frame)
	}
	if c := cap(q.chunks); c > 4*3000 {
		t.Errorf("room for %d frames", c)
	}
	for n = 0; q.mark(func() {}); n++ {
	}
	if n != maxMarks {
		t.Errorf("took %d marks", n)
	}
}

// TestLateness holds quantiles against a sorted list.
func TestLateness(t *testing.T) {
	var l, other Lateness
	var all []time.Duration
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 10_000 {
		d := time.Duration(random.ExpFloat64()*3000) * time.Microsecond
		all = append(all, d)
		if i%2 == 0 {
			l.observe(d)
		} else {
			other.observe(d)
		}
	}
	l.Add(other)
	slices.Sort(all)
	for _, q := range []float64{0.01, 0.5, 0.9, 0.99, 1} {
		got, want := l.Quantile(q), all[int(q*10_000)-1]
		if got < want || float64(got) > 1.07*float64(want)+1000 {
			t.Errorf("Quantile(%v) = %v, want %v", q, got, want)
		}
	}
	var none Lateness
	none.observe(-time.Second)
	none.observe(time.Hour)
	if none.Quantile(0.5) != 0 || none.Quantile(1) < 16*time.Second || l.Count() != 10_000 {
		t.Errorf("the ends: %v, %v, %d", none.Quantile(0.5), none.Quantile(1), l.Count())
	}
}
