package media

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
)

// eventPacket is what a telephone event packet says.
type eventPacket struct {
	began  uint32
	first  bool
	code   byte
	lasted uint16
	end    bool
}

func (e eventPacket) payload() []byte {
	b := []byte{e.code, volume, 0, 0}
	if e.end {
		b[1] |= endOfEvent
	}
	binary.BigEndian.PutUint16(b[2:], e.lasted)
	return b
}

// pressed are the packets of a key that is pressed for n frames.
func pressedKey(began uint32, code byte, n int) []eventPacket {
	var packets []eventPacket
	for i := range n + endTicks - 1 {
		packets = append(packets, eventPacket{
			began: began, first: i == 0, code: code,
			lasted: uint16(min(i+1, n) * 160), end: i >= n-1,
		})
	}
	return packets
}

func read(k *keys, packets ...eventPacket) string {
	seen := ""
	for _, p := range packets {
		if key, ok := k.take(p.began, p.first, p.payload()); ok {
			seen += key
		}
	}
	return seen
}

func join(parts ...[]eventPacket) []eventPacket {
	var all []eventPacket
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

func TestKeys(t *testing.T) {
	nine, again := pressedKey(1000, 9, 5), pressedKey(3000, 9, 5)
	for _, c := range []struct {
		name    string
		packets []eventPacket
		want    string
	}{
		{"one", nine, "9"},
		{"the same twice", join(nine, again), "99"},
		{"all of them", join(nine, pressedKey(3000, 10, 3), pressedKey(5000, 15, 3)), "9*D"},
		{"ends lost", join(nine[:4], again[:4]), "99"},
		{"beginning lost", nine[3:], "9"},
		{"only one end there", nine[6:], "9"},
		{"only one end there, of each", join(nine[6:], again[6:]), "99"},
		{"all twice", join(nine, nine), "9"},
		{"ends late, within the next", join(nine[:5], again[:2], nine[5:], again[2:]), "99"},
		{"ends late, within another", join(nine[:4], pressedKey(3000, 1, 3), nine[4:]), "91"},
		{"flash is no key", []eventPacket{{began: 1, code: 16, lasted: 160}}, ""},
		{"time wraps", join(pressedKey(0xFFFFFF00, 1, 5), pressedKey(0x600, 1, 5)), "11"},
		{
			"held for 20 s, in three parts", []eventPacket{
				{1000, true, 5, 160, false},
				{1000, false, 5, 0xFFFF, false},
				{1000 + 0xFFFF, false, 5, 160, false},
				{1000 + 0xFFFF, false, 5, 0xFFFF, false},
				{1000 + 2*0xFFFF, false, 5, 160, false},
				{1000 + 2*0xFFFF, false, 5, 28930, true},
			}, "5",
		},
		{
			"held for long, the end of a part lost", []eventPacket{
				{1000, true, 5, 160, false},
				{1000, false, 5, 0xFFFF - 480, false},
				{1000 + 0xFFFF, false, 5, 160, false},
			}, "5",
		},
		{
			"timestamp wrongly goes on", []eventPacket{
				{1000, true, 7, 160, false},
				{1160, false, 7, 320, false},
				{1320, false, 7, 480, false},
				{1480, false, 7, 640, true},
				{1640, false, 7, 640, true},
				{1800, false, 7, 640, true},
			}, "7",
		},
		{
			"timestamp of the ends wrongly goes on", []eventPacket{
				{1000, true, 7, 160, false},
				{1000, false, 7, 800, false},
				{1800, false, 7, 800, true},
				{1960, false, 7, 800, true},
			}, "7",
		},
	} {
		var k keys
		if got := read(&k, c.packets...); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestKeysLossy loses, repeats and swaps packets of keys, never all of a key,
// and wants each key once.
func TestKeysLossy(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 2000 {
		var k keys
		var packets []eventPacket
		want := ""
		began := random.Uint32()
		for range 1 + random.IntN(12) {
			code := byte(random.IntN(len(keypad)))
			want += keypad[code : code+1]
			length := 2 + random.IntN(20)
			all := pressedKey(began, code, length)
			began += uint32(160 * (length + 3 + random.IntN(50)))
			sure := random.IntN(len(all))
			for i, p := range all {
				if i == sure || random.IntN(3) > 0 {
					packets = append(packets, p)
				}
				if random.IntN(10) == 0 && len(packets) > 1 {
					packets = append(packets, packets[len(packets)-1-random.IntN(2)])
				}
			}
		}
		if got := read(&k, packets...); got != want {
			t.Fatalf("round %d: %q, want %q", round, got, want)
		}
	}
}

// TestKeysRestart lets the far side's stream begin anew, with other timestamps.
func TestKeysRestart(t *testing.T) {
	var k keys
	first := pressedKey(1_000_000, 9, 9)
	got := read(&k, first[:3]...)
	k.restart() // while the key is pressed
	for i := range first {
		first[i].began = 77
	}
	got += read(&k, first[3:]...)
	k.restart() // after it
	got += read(&k, pressedKey(50, 9, 5)...)
	k.restart() // and again, with what was there already
	got += read(&k, pressedKey(50, 9, 5)...)
	if got != "99" {
		t.Errorf("%q, want 99", got)
	}
}

// TestPresses holds what we send against what we read.
func TestPresses(t *testing.T) {
	var p presses
	if p.add("12x") || p.add("") || !p.add("1991*") || p.add(string(make([]byte, 64))) {
		t.Error("took keys that are none, or refused some that are")
	}
	var k keys
	seen, idle, firsts, packets := "", 0, 0, 0
	for now := uint32(500); p.keys != ""; now += 160 {
		e, ok := p.next(now)
		if !ok {
			idle++
			continue
		}
		packets++
		if e.tick == 0 {
			firsts++
		}
		if key, ok := k.take(e.began, e.tick == 0, e.payload[:]); ok {
			seen += key
		}
	}
	if seen != "1991*" || firsts != 5 {
		t.Errorf("read %q in %d beginnings, want 1991*", seen, firsts)
	}
	if packets != 5*(pressTicks+endTicks-1) || idle != 5*pauseTicks {
		t.Errorf("%d packets and %d without", packets, idle)
	}
}

func FuzzKeys(f *testing.F) {
	f.Add(uint32(1), true, []byte{9, 0x80, 3, 32}, uint32(2), false, []byte{9, 0, 3, 32})
	f.Fuzz(func(t *testing.T, t1 uint32, f1 bool, p1 []byte, t2 uint32, f2 bool, p2 []byte) {
		var k keys
		k.take(t1, f1, p1)
		k.take(t2, f2, p2)
		if key, again := k.take(t2, f2, p2); again {
			t.Errorf("%q twice", key)
		}
	})
}
