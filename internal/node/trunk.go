package node

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"nocall/internal/dialer"
	"nocall/internal/dnc"
	"nocall/internal/voice"
	"nocall/internal/voice/ears"
	"nocall/internal/voice/sip"
	"nocall/internal/voice/sip/media"
	"nocall/internal/voice/stream"
	"nocall/internal/voice/tape"
)

const (
	trunksEvery = time.Minute      // the trunks are read anew
	trunksLimit = 10 * time.Second // for reading them
	wavLimit    = 64 << 20         // bytes of a recording

	recordingsFolder = "recordings" // of calls, in the data folder
)

// providers are the make-believe network and the trunks.
type providers struct {
	network *network
	trunks  *sip.Trunks
}

// Provider implements [dialer.Providers].
func (p providers) Provider(env dnc.Environment, name string) (voice.Provider, bool) {
	if name == dialer.Simulator {
		return p.network, true
	}
	return p.trunks.Provider(env, name)
}

// newTrunks returns the trunks, of which there are none yet.
func newTrunks(c Config) (*sip.Trunks, error) {
	ports, err := parsePorts(c.SIPPorts)
	if err != nil {
		return nil, err
	}
	heard, err := newEars(c)
	if err != nil {
		return nil, err
	}
	ours, err := certificate(c)
	if err != nil {
		return nil, err
	}
	return &sip.Trunks{
		Listen: c.SIPListen, ListenTLS: c.SIPTLSListen, Server: ours, Ports: ports, Ears: heard,
		Streams: &stream.Agent{Log: c.Log}, Log: c.Log,
	}, nil
}

// certificate returns who we are to trunks that call us over TLS; nil where none
// may. The files are read for each connection: one that was renewed is in force.
func certificate(c Config) (*tls.Config, error) {
	if c.SIPTLSListen == "" {
		return nil, nil
	}
	read := func() (*tls.Certificate, error) {
		pair, err := tls.LoadX509KeyPair(c.SIPCert, c.SIPKey)
		if err != nil {
			return nil, fmt.Errorf("read certificate for SIP over TLS: %w", err)
		}
		return &pair, nil
	}
	if _, err := read(); err != nil {
		return nil, err
	}
	return &tls.Config{
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return read() },
	}, nil
}

// parsePorts reads a range of UDP ports, such as 16384-32767; "" is the usual
// one.
func parsePorts(text string) (media.Ports, error) {
	if text == "" {
		return media.Ports{}, nil
	}
	from, to, _ := strings.Cut(text, "-")
	low, err1 := strconv.ParseUint(from, 10, 16)
	high, err2 := strconv.ParseUint(to, 10, 16)
	if err1 != nil || err2 != nil || low == 0 || high <= low {
		return media.Ports{}, fmt.Errorf("ports for sound: %q: want a range, such as 16384-32767",
			text)
	}
	return media.Ports{Low: uint16(low), High: uint16(high)}, nil
}

// newEars returns what hears calls; nil where no service is named.
func newEars(c Config) (voice.Transcriber, error) {
	if c.EarsURL == "" {
		return nil, nil
	}
	key, err := readKeyFile(c.EarsKeyFile)
	if err != nil {
		return nil, fmt.Errorf("read key of ears: %w", err)
	}
	return ears.New(c.EarsURL, key, c.EarsLanguage)
}

// newShelf returns where recorded calls are kept.
func newShelf(c Config) *tape.Shelf {
	return &tape.Shelf{
		Dir: filepath.Join(c.Data, recordingsFolder), Keep: c.KeepRecordings,
		Limit: int64(c.RecordingsLimit * (1 << 30)), Log: c.Log,
	}
}

// readWAV reads a recording.
func readWAV(r io.Reader) ([]byte, error) { return media.ReadWAV(r, wavLimit) }

// call runs the dialer until ctx is done, the trunks a little longer, over which
// calls are hung up, and then what keeps the sound of those.
func (n *Node) call(ctx context.Context) error {
	carrying, stop := context.WithCancel(context.WithoutCancel(ctx))
	keeping, stopKeeping := context.WithCancel(context.WithoutCancel(ctx))
	carried, kept := make(chan error, 1), make(chan error, 1)
	go func() { carried <- n.trunks.Run(carrying) }()
	go func() { kept <- n.shelf.Run(keeping) }()
	err := n.dialer.Run(ctx)
	stop()
	err = errors.Join(err, <-carried)
	stopKeeping()
	return errors.Join(err, <-kept)
}

// keepTrunks keeps the trunks as they are in the database: others may change
// them, and it may be away for a while.
func (n *Node) keepTrunks(ctx context.Context) error {
	tick := time.NewTicker(trunksEvery)
	defer tick.Stop()
	for {
		n.setTrunks(ctx)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// trunksChanged has a change of the trunks be in force when it returns.
func (n *Node) trunksChanged() { n.setTrunks(context.Background()) }

// setTrunks reads the trunks. Those that cannot be read stay as they were. Of
// two who do so at once the later one reads what both have changed.
func (n *Node) setTrunks(ctx context.Context) {
	n.setting.Lock()
	defer n.setting.Unlock()
	ctx, cancel := context.WithTimeout(ctx, trunksLimit)
	defer cancel()
	trunks, err := n.store.AllTrunks(ctx)
	if err != nil {
		if context.Cause(ctx) != context.Canceled {
			n.config.Log.ErrorContext(ctx, "trunks not read", "err", err)
		}
		return
	}
	n.trunks.Set(trunks)
}
