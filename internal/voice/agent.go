package voice

import (
	"errors"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/e164"
)

// Errors of what calls are made with.
var (
	ErrNoProvider  = errors.New("voice: no such provider")
	ErrNoAgent     = errors.New("voice: no such agent")
	ErrNoRecording = errors.New("voice: no such recording")
	ErrNoNumber    = errors.New("voice: not one of our numbers")
	ErrExists      = errors.New("voice: exists already")
	ErrInUse       = errors.New("voice: still in use")
	ErrCallerID    = errors.New("voice: caller ID is none of our numbers on that trunk")
)

// AgentKind says what speaks on our side of a call.
type AgentKind string

// The kinds of agents.
const (
	Recorded AgentKind = "recording" // plays a recording and hears keys
	Bridged  AgentKind = "bridge"    // is called at a SIP address once the contact has answered
	Streamed AgentKind = "stream"    // a program, over a WebSocket
)

// Agent is who speaks on our side of a call.
type Agent struct {
	Environment  dnc.Environment
	Name         string // [a-z0-9][a-z0-9-]{0,62}
	Kind         AgentKind
	Recording    string        // the ID of what is played; for Recorded
	Confirmation string        // the ID of what is played to who opted out; "" for silence
	OptOutKey    string        // the key that opts out, as "9"; "" for none
	Address      string        // as sip:agent@example.com; for Bridged
	URL          string        // as wss://agent.example.com; for Streamed
	RingFor      time.Duration // how long a Bridged one is rung; 0 as usual
	CreatedAt    time.Time
}

// DefaultRingFor is how long a [Bridged] agent is rung, while the contact waits.
const DefaultRingFor = 20 * time.Second

// Chime in the place of a recording's ID is a sound that is always there, for a
// call that only tries whether there is sound.
const Chime = "chime"

// Recording is a prompt: speech at 8,000 samples a second in G.711 mu-law.
type Recording struct {
	Environment dnc.Environment
	ID          string
	Name        string
	Audio       []byte // one byte for each sample; nil in lists
	Duration    time.Duration
	CreatedAt   time.Time
}

// OwnNumber is one of our own numbers: a caller ID, and one that is called.
type OwnNumber struct {
	Environment  dnc.Environment
	Number       e164.Number
	Provider     string // the name of the one that carries it
	Label        string
	Tags         []string
	InboundAgent string // the name of who answers; "" for nobody
	Pace         Pace   // how often it is shown
	CreatedAt    time.Time
}

// Trunk is what is set of a provider that speaks SIP.
type Trunk struct {
	Environment dnc.Environment
	Name        string   // [a-z0-9][a-z0-9-]{0,62}; not simulator or external
	Kind        string   // SIP
	Address     string   // host:port
	Transport   string   // udp, tcp or tls
	Username    string   // for digest authentication (RFC 8760); "" for none
	Password    string   // kept sealed; never shown
	Register    bool     // whether we register there (RFC 3261, section 10)
	Proxy       string   // host:port of an outbound proxy; "" for none
	Failover    []string // host:port of others to be tried in order when the first fails
	TechPrefix  string   // digits before the number, as the carrier wants them
	CallerID    e164.Number
	SRTP        bool // whether media is encrypted (RFC 4568)
	Unwanted    bool // whether 607 Unwanted (RFC 8197) opts out
	MaxCalls    int  // at once; 0 for no limit beside the environment's
	CreatedAt   time.Time
}

// SIP is the kind of a [Trunk].
const SIP = "sip"

// Names of the providers that are always there: a make-believe network, and a
// platform that dials by itself, with a signed clearance.
const (
	Simulator = "simulator"
	External  = "external"
)

// Arrival is an inbound call as it comes in on a trunk.
type Arrival struct {
	Trunk       string // its name
	Environment dnc.Environment
	Caller      e164.Number // zero if withheld
	Called      e164.Number // one of our numbers; zero if it cannot be read

	// HangUp ends the call. It is called from another goroutine, does not
	// wait, and may be called after the end.
	HangUp func()
}
