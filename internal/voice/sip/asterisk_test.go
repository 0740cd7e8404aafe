package sip

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nocall/internal/e164"
	"nocall/internal/voice"
)

// exchange is an Asterisk: a telephone exchange as somebody else has written it.
// It is our carrier, whose phones do as the last two digits of their number say:
// 09 press 9, 08 are recorded, 70 are busy and 90 decline.
type exchange struct {
	root  string // the folder that is its world
	dir   string // within that, what the test gives it and gets back
	plain string // where it listens, UDP
	safe  string // TLS
	roots *x509.CertPool
}

// exchangePorts are two for signalling, and from the fourth on those of sound.
var exchangePorts = &ports{low: 23400, count: 12, step: 64}

// startExchange starts the Asterisk that scripts/asterisk has installed.
func startExchange(t *testing.T) *exchange {
	t.Helper()
	root := os.Getenv("TEST_ASTERISK")
	if root == "" {
		t.Skip("TEST_ASTERISK is not set: TEST_ASTERISK=$(scripts/asterisk)")
	}
	if os.Getuid() != 0 {
		t.Skip("Asterisk is started by root only: it lives in a folder of its own")
	}
	dir, err := os.MkdirTemp(filepath.Join(root, "tmp"), "nocall-*")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	port := exchangePorts.next(t)
	x := &exchange{
		root: root, dir: dir, plain: fmt.Sprintf("127.0.0.1:%d", port),
		safe: fmt.Sprintf("127.0.0.1:%d", port+1),
	}
	x.furnish(t, port)
	cmd := exec.Command("chroot", root, "/usr/sbin/asterisk", "-f", "-n", "-C",
		x.inside("asterisk.conf"))
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		cmd.Wait() //nolint:errcheck // it is killed
	}()
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-ended
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(dir, "log", "full"))
			t.Logf("Asterisk:\n%s\n%s", said.Bytes(), log)
		}
	})
	(&peer{done: make(chan error, 1)}).listens(t, port)
	x.ask(t, "core waitfullybooted")
	return x
}

// inside returns the path of a file as Asterisk sees it.
func (x *exchange) inside(name string) string {
	return strings.TrimPrefix(filepath.Join(x.dir, name), x.root)
}

// furnish writes what Asterisk is configured by.
func (x *exchange) furnish(t *testing.T, port int) {
	t.Helper()
	modules, err := filepath.Glob(filepath.Join(x.root, "usr/lib/*/asterisk/modules"))
	if err != nil || len(modules) != 1 {
		modules = []string{filepath.Join(x.root, "usr/lib/asterisk/modules")} // before 18
	}
	der, key, roots := selfSigned(t)
	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	x.roots = roots
	inPEM := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	files := map[string]string{
		"cert.pem": inPEM("CERTIFICATE", der), "key.pem": inPEM("EC PRIVATE KEY", keyDER),
	}
	configs, err := filepath.Glob("testdata/asterisk/*.conf")
	if err != nil || len(configs) == 0 {
		t.Fatal("no configuration of Asterisk", err)
	}
	fill := strings.NewReplacer(
		"@DIR@", x.inside(""), "@MODULES@", strings.TrimPrefix(modules[0], x.root),
		"@UDP@", x.plain, "@TLS@", x.safe,
		"@LOW@", fmt.Sprint(port+4), "@HIGH@", fmt.Sprint(port+63))
	for _, name := range configs {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(name)] = fill.Replace(string(text))
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(x.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"db", "spool", "run", "log"} {
		if err := os.Mkdir(filepath.Join(x.dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
}

// ask has Asterisk do something, and returns what it says. It waits until
// Asterisk can be asked.
func (x *exchange) ask(t *testing.T, what string) string {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	var text []byte
	var err error
	for range 300 {
		text, err = exec.CommandContext(t.Context(), "chroot", x.root, "/usr/sbin/asterisk",
			"-C", x.inside("asterisk.conf"), "-rx", what).CombinedOutput()
		if err == nil {
			return string(text)
		}
		<-tick.C
	}
	t.Fatalf("Asterisk, %s: %v\n%s", what, err, text)
	return ""
}

// trunk is the trunk at the exchange.
func (x *exchange) trunk() voice.Trunk {
	return voice.Trunk{
		Environment: sandbox, Name: "carrier", Kind: voice.SIP, Address: x.plain,
		Transport: "udp", Username: "acme", Password: "s3cret", Register: true,
		CallerID: e164.FromUint64(1_202_555_0100),
	}
}

// house is trunks at work that have one at the exchange.
func (x *exchange) house(t *testing.T, trunk voice.Trunk, p prompts) *house {
	t.Helper()
	h := newHouse(t, trunk)
	h.Recordings = p
	h.TLS = &tls.Config{RootCAs: x.roots}
	return h
}

// call calls a phone of the exchange, of which the last digits are given.
func (h *house) call(
	t *testing.T, digits uint64, leg voice.Leg,
) (voice.Outcome, error) {
	t.Helper()
	late, cancel := context.WithTimeoutCause(t.Context(), 20*time.Second, errSilent)
	defer cancel()
	ctx, hangUp := context.WithCancelCause(late)
	defer hangUp(nil)
	c, err := h.list.Clear(sandbox, e164.FromUint64(1_415_555_0100+digits), time.Now(),
		func() { hangUp(errRecalled) })
	if err != nil {
		t.Fatal(err)
	}
	return h.provider(t).Place(ctx, c, leg)
}

// TestAsterisk registers with an exchange, and calls its phones and is called.
func TestAsterisk(t *testing.T) {
	t.Parallel()
	x := startExchange(t)
	prompt := noise(5, 4*time.Second)
	h := x.house(t, x.trunk(), prompts{"hello": prompt, "bye": tone(goodbye, time.Second)})
	called := h.answers()
	h.run(t)
	h.registers(t)
	t.Run("refused", func(t *testing.T) {
		for digits, want := range map[uint64]voice.Outcome{
			70: voice.Busy, 90: voice.Refused, 96: voice.Failed,
		} {
			leg := newHeard().leg()
			if got, err := h.call(t, digits, leg); got != want || err != nil {
				t.Errorf("...%d: Place = %q, %v; want %q", digits, got, err, want)
			}
		}
	})
	t.Run("key", func(t *testing.T) { x.wantKey(t, h) })
	t.Run("recorded", func(t *testing.T) {
		leg := newHeard().leg()
		leg.Agent = voice.Agent{Kind: voice.Recorded, Recording: "hello"}
		if got, err := h.call(t, 8, leg); got != voice.Answered || err != nil {
			t.Errorf("Place = %q, %v; want answered", got, err)
		}
		x.wantHeard(t, prompt)
	})
	t.Run("inbound", func(t *testing.T) { x.wantCall(t, "acme", called) })
}

// answered tells of an inbound call: that it has come, and how it ended.
type answered struct {
	arrived chan voice.Arrival
	ended   chan voice.Outcome
}

// answers has inbound calls answered.
func (h *house) answers() answered {
	a := answered{make(chan voice.Arrival, 1), make(chan voice.Outcome, 1)}
	h.Answer = func(
		_ context.Context, call voice.Arrival,
	) (voice.Leg, func(voice.Outcome), error) {
		a.arrived <- call
		return newHeard().leg(), func(o voice.Outcome) { a.ended <- o }, nil
	}
	return a
}

// wantCall has the exchange call us where the endpoint has registered.
func (x *exchange) wantCall(t *testing.T, endpoint string, called answered) {
	t.Helper()
	x.ask(t, "channel originate PJSIP/+12025550100@"+endpoint+" application Wait 2")
	select {
	case a := <-called.arrived:
		if a.Called != e164.FromUint64(1_202_555_0100) || a.Trunk != "carrier" {
			t.Errorf("arrival %+v", a)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("no call came in")
	}
	select {
	case got := <-called.ended:
		if got != voice.Answered {
			t.Errorf("inbound call: %q, want answered", got)
		}
	case <-time.After(20 * time.Second):
		t.Error("the inbound call did not end")
	}
}

// TestAsteriskEncrypted calls with TLS and SRTP, which the exchange insists on.
func TestAsteriskEncrypted(t *testing.T) {
	t.Parallel()
	x := startExchange(t)
	trunk := x.trunk()
	trunk.Address, trunk.Transport, trunk.SRTP = x.safe, "tls", true
	trunk.Username = "acmes"
	prompt := noise(5, 4*time.Second)
	h := x.house(t, trunk, prompts{"hello": prompt, "bye": tone(goodbye, time.Second)})
	called := h.answers()
	h.run(t)
	h.registers(t)
	x.wantCall(t, "acmes", called) // over our own connection
	x.wantKey(t, h)
	leg := newHeard().leg()
	leg.Agent = voice.Agent{Kind: voice.Recorded, Recording: "hello"}
	if got, err := h.call(t, 8, leg); got != voice.Answered || err != nil {
		t.Errorf("Place = %q, %v; want answered", got, err)
	}
	x.wantHeard(t, prompt)
}

// TestAsteriskPassword is told from a call that failed.
func TestAsteriskPassword(t *testing.T) {
	t.Parallel()
	x := startExchange(t)
	trunk := x.trunk()
	trunk.Password, trunk.Register = "wrong", false
	h := x.house(t, trunk, nil).run(t)
	if got, err := h.call(t, 9, newHeard().leg()); !errors.Is(err, voice.ErrTrunk) {
		t.Errorf("Place = %q, %v; want ErrTrunk", got, err)
	}
}

// registers waits until the trunk is registered.
func (h *house) registers(t *testing.T) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	var test voice.TrunkTest
	for range 200 {
		var err error
		if test, err = h.Test(t.Context(), sandbox, "carrier"); err != nil {
			t.Fatal(err)
		}
		if test.OK && test.Registration == registered {
			return
		}
		<-tick.C
	}
	t.Fatalf("not registered: %+v", test)
}

// wantKey calls a phone that presses 9 while a recording is played: it is cut
// short, the confirmation is played, and the call ends.
func (x *exchange) wantKey(t *testing.T, h *house) {
	t.Helper()
	calls := newHeard()
	calls.optOut = true
	leg := calls.leg()
	leg.Agent = voice.Agent{Kind: voice.Recorded, Recording: "hello", Confirmation: "bye"}
	began := time.Now()
	if got, err := h.call(t, 9, leg); got != voice.Answered || err != nil {
		t.Errorf("Place = %q, %v; want answered", got, err)
	}
	calls.want(t, voice.Ringing, voice.Picked, voice.Pressed)
	for _, ev := range calls.events {
		if ev.Kind == voice.Pressed && ev.Keys != "9" {
			t.Errorf("pressed %q, want 9", ev.Keys)
		}
	}
	if took := time.Since(began); took > 6*time.Second {
		t.Errorf("hung up after %s, want about 3s", took)
	}
}

// wantHeard holds what the exchange has recorded of a call against what was
// played: the same, but for a frame here and there.
func (x *exchange) wantHeard(t *testing.T, prompt []byte) {
	t.Helper()
	heard, err := os.ReadFile(filepath.Join(x.dir, "heard.ulaw"))
	if err != nil {
		t.Fatal(err)
	}
	there, all := 0, 0
	for at := 0; at+voice.FrameBytes <= len(prompt); at += voice.FrameBytes {
		all++
		if bytes.Contains(heard, prompt[at:at+voice.FrameBytes]) {
			there++
		}
	}
	if there < all*95/100 {
		t.Errorf("%d of %d frames were recorded, in %d bytes", there, all, len(heard))
	}
}
