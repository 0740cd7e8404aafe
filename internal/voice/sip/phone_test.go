package sip

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"nocall/internal/voice"
	"nocall/internal/voice/sip/media"
)

// phone is a baresip: a telephone as somebody else has written it.
type phone struct {
	*peer
	control net.Conn
	process *os.Process
}

// phonePorts are eight for each phone: the first for SIP, the next for SIP over
// TLS, one to control the phone by, and from the fifth on those of its sound.
var phonePorts = &ports{low: 24400, count: 80, step: 8}

// phoneConfig has a phone speak from a file and write down what comes in, as it
// has neither microphone nor loudspeaker.
const phoneConfig = `sip_listen %[1]s
net_interface 127.0.0.1
rtp_ports %[2]d-%[3]d
jitter_buffer_delay 0-0
audio_source aufile,%[4]s/says.wav
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
snd_path %[4]s
module_path %[5]s
module g711.so
module aufile.so
module sndfile.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:%[6]d
`

// newPhone plugs in the phone of the contact. It speaks as long as it is on a
// call, and is picked up at once ("auto") or not at all ("manual").
func newPhone(t *testing.T, answers string, says []byte) *phone {
	t.Helper()
	baresip, err := exec.LookPath("baresip")
	modules, _ := filepath.Glob("/usr/lib*/baresip/modules")
	if err != nil || len(modules) == 0 {
		t.Skip("baresip is missing: apt-get install baresip-core (or scripts/tools)")
	}
	dir, port := t.TempDir(), phonePorts.next(t)
	control := port + 2
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	var wav bytes.Buffer
	if err := (&voice.Recording{Audio: says}).WriteWAV(&wav); err != nil {
		t.Fatal(err)
	}
	account := "<sip:%s@%s>;regint=0;answermode=%s;audio_codecs=PCMU/8000/1\n"
	for name, text := range map[string]string{
		"says.wav": wav.String(),
		"accounts": fmt.Sprintf(account, contact, addr, answers),
		"config":   fmt.Sprintf(phoneConfig, addr, port+4, port+7, dir, modules[0], control),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := &phone{peer: &peer{addr: addr, done: make(chan error, 1), dir: dir}}
	p.start(t, exec.Command(baresip, "-4", "-v", "-s", "-f", dir))
	p.control = p.connect(t, net.JoinHostPort("127.0.0.1", strconv.Itoa(control)))
	t.Cleanup(func() { p.control.Close() })
	return p
}

// start starts baresip. It ends with the test, and what it wrote is shown if the
// test fails.
func (p *phone) start(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	log, err := os.Create(filepath.Join(p.dir, "baresip.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd.Dir, cmd.Stdout, cmd.Stderr = p.dir, log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.process = cmd.Process
	go func() { p.done <- cmd.Wait() }()
	t.Cleanup(func() {
		p.process.Kill()
		_ = p.wait() // it was killed
		if t.Failed() {
			t.Log(p.trace("baresip.log"))
		}
	})
}

// connect connects to where baresip takes orders, once it does: then it also
// takes calls.
func (p *phone) connect(t *testing.T, addr string) net.Conn {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for range 2000 {
		if conn, err := net.Dial("tcp", addr); err == nil {
			return conn
		}
		select {
		case err := <-p.done:
			p.done <- err
			t.Fatalf("baresip ended: %v", err)
		case <-tick.C:
		}
	}
	t.Fatal("baresip takes no orders")
	return nil
}

// does has the phone do something, as by its buttons.
func (p *phone) does(t *testing.T, command, params string) {
	t.Helper()
	text := fmt.Sprintf(`{"command":%q,"params":%q}`, command, params)
	if _, err := fmt.Fprintf(p.control, "%d:%s,", len(text), text); err != nil {
		t.Error(err)
	}
}

// dumps is the name of what a phone writes down of a call.
const dumps = "dump-*-dec.wav"

// hears waits until sound of some length has come in.
func (p *phone) hears(t *testing.T, lasts time.Duration) {
	t.Helper()
	tick := time.NewTicker(voice.FrameTime)
	defer tick.Stop()
	want := int(lasts/voice.FrameTime) * voice.FrameBytes * 2 // of 16 bits
	for range 500 {
		<-tick.C
		if len(p.trace(dumps)) > want {
			return
		}
	}
	t.Errorf("phone has not heard %v of sound", lasts)
}

// heard unplugs the phone and returns all that came in on its one call.
func (p *phone) heard(t *testing.T) []byte {
	t.Helper()
	if err := p.process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.wait(); err != nil {
		t.Errorf("baresip: %v", err)
	}
	sound, err := media.ReadWAV(strings.NewReader(p.trace(dumps)), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return sound
}

// answers calls a phone, has something done while the call is there, and wants
// it to be answered.
func (p *phone) answers(t *testing.T, h *house, leg voice.Leg, does func()) {
	t.Helper()
	ctx, _, c := h.clear(t)
	over := make(chan struct{})
	var got voice.Outcome
	var err error
	go func() {
		defer close(over)
		got, err = h.provider(t).Place(ctx, c, leg)
	}()
	does()
	select {
	case <-over:
	case <-time.After(10 * time.Second):
		t.Fatal("the call does not end")
	}
	if got != voice.Answered || err != nil {
		t.Errorf("Place = %q, %v; want answered", got, err)
	}
}

// noise is sound of which no frame is like another. Each sample comes through a
// phone as it is: there is no zero among them, of which mu-law has two.
func noise(seed uint64, lasts time.Duration) []byte {
	random := rand.New(rand.NewPCG(seed, seed))
	sound := tone(0, lasts)
	for i := range sound {
		sound[i] = byte(random.UintN(0x7f) | random.UintN(2)<<7)
	}
	return sound
}

// still is half a second in which nothing is said.
func still() []byte { return tone(0xff, 500*time.Millisecond) }

// wantSound wants a sound heard, sample by sample and without a gap.
func wantSound(t *testing.T, heard, sound []byte) {
	t.Helper()
	if bytes.Contains(heard, sound) {
		return
	}
	found := 0
	for frame := range slices.Chunk(sound, voice.FrameBytes) {
		if bytes.Contains(heard, frame) {
			found++
		}
	}
	t.Errorf("heard %d frames, among them %d of the %d that were said, not in one piece",
		len(heard)/voice.FrameBytes, found, len(sound)/voice.FrameBytes)
}

// recorder are ears that write nothing down, but keep what they hear.
type recorder struct{ sound []byte }

func (r *recorder) Listen(
	_ context.Context, frames <-chan []byte, _ func(text, language string),
) error {
	for frame := range frames {
		r.sound = append(r.sound, frame...)
	}
	return nil
}

// TestPhoneHears plays a recording to a phone, which speaks all the while: each
// side hears what the other says. Then the contact hangs up.
func TestPhoneHears(t *testing.T) {
	t.Parallel()
	says, hello := noise(1, 30*time.Second), noise(2, 1200*time.Millisecond)
	far := newPhone(t, "auto", says)
	h, ears := newHouse(t, carrier(far.peer)), new(recorder)
	h.Ears = ears
	h.Recordings = prompts{"hello": slices.Concat(still(), hello)}
	h.run(t)
	calls := newHeard()
	leg := calls.leg()
	leg.Agent = voice.Agent{Kind: voice.Recorded, Recording: "hello"}
	far.answers(t, h, leg, func() {
		far.hears(t, 2*time.Second)
		far.does(t, "hangup", "")
	})
	calls.want(t, voice.Ringing, voice.Picked)
	wantSound(t, far.heard(t), hello)
	const second = 50 * voice.FrameBytes // the first half of one may fall to the set-up
	wantSound(t, ears.sound, says[second/2:second*3/2])
}

// TestPhonePresses has the contact press a key on a phone while a recording
// plays: the key counts once, the recording gives way to the confirmation, and
// we hang up.
func TestPhonePresses(t *testing.T) {
	t.Parallel()
	hello, bye := noise(2, 30*time.Second), noise(3, time.Second)
	far := newPhone(t, "auto", noise(1, 30*time.Second))
	h := newHouse(t, carrier(far.peer))
	h.Recordings = prompts{
		"hello": slices.Concat(still(), hello), "bye": slices.Concat(bye, still()),
	}
	h.run(t)
	calls := newHeard()
	calls.optOut = true
	leg := calls.leg()
	leg.Agent = voice.Agent{Kind: voice.Recorded, Recording: "hello", Confirmation: "bye"}
	far.answers(t, h, leg, func() {
		far.hears(t, time.Second)
		far.does(t, "sndcode", "9")
	})
	calls.want(t, voice.Ringing, voice.Picked, voice.Pressed)
	if keys := calls.events[len(calls.events)-1].Keys; keys != "9" {
		t.Errorf("key %q, want 9", keys)
	}
	heard := far.heard(t)
	wantSound(t, heard, hello[:10*voice.FrameBytes])
	wantSound(t, heard, bye)
	_, after, _ := bytes.Cut(heard, bye)
	for frame := range slices.Chunk(hello, voice.FrameBytes) {
		if bytes.Contains(after, frame) {
			t.Fatal("the recording went on after the confirmation")
		}
	}
}

// TestPhoneDeclines calls a contact who declines. This phone says 486 then, as
// if it were busy; in no case is it an opt-out.
func TestPhoneDeclines(t *testing.T) {
	t.Parallel()
	far := newPhone(t, "manual", noise(1, time.Second))
	trunk := carrier(far.peer)
	trunk.Unwanted = true
	h := newHouse(t, trunk).run(t)
	ctx, _, c := h.clear(t)
	calls := newHeard()
	leg := calls.leg()
	hear := leg.Hear
	leg.Hear = func(ctx context.Context, ev voice.Event) (bool, error) {
		if ev.Kind == voice.Ringing {
			far.does(t, "hangup", "")
		}
		return hear(ctx, ev)
	}
	if got, err := h.provider(t).Place(ctx, c, leg); got != voice.Busy || err != nil {
		t.Errorf("Place = %q, %v; want busy", got, err)
	}
	calls.want(t, voice.Ringing)
}
