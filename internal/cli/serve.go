package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"nocall/internal/node"
)

const serveUsage = `Usage:
    nocall serve [OPTION]...

Runs the server: the API, the page, and the gate. On an empty data folder it
makes the environments sandbox and production, a user and a key for each, and
shows them once. An interrupt ends it gently, a second one at once.

Options:
    -listen ADDR         where to listen (127.0.0.1:8080); port 0 is a free one
    -data DIR            folder of the database (./nocall-data)
    -database URL        PostgreSQL instead, such as postgres://user@host/nocall
    -platform NAME       shown for entries that the system added (Fluents)
    -bootstrap-key-file FILE
                         also write the first keys there, as JSON
    -requests-per-second N
                         of one key; 0 for the usual limit
    -secure-cookies      for a server that is reached by HTTPS only
    -secret-key-file FILE
                         key with which passwords in the database are sealed
                         (secrets.key in the data folder, made at first start)
    -sip-listen ADDR     where trunks find us (0.0.0.0:5060); opened once there
                         is a trunk
    -sip-tls-listen ADDR
                         where trunks find us over TLS, such as 0.0.0.0:5061;
                         without it nowhere
    -sip-cert FILE       who we are there, in PEM; read again when it is renewed
    -sip-key FILE        its key
    -sip-ports LOW-HIGH  UDP ports for sound (16384-32767)
    -ears-url URL        service that hears calls of trunks: wss:// for one that
                         listens to a stream, https:// for one that is sent
                         pieces; without it nobody hears what contacts say
    -ears-key-file FILE  its key
    -ears-language TAG   such as en-US; else the service finds out
    -opinion-url URL     service that is asked about words that can be meant
                         either way; only a yes of it counts
    -opinion-model NAME  ask it as OpenAI's chat is asked, for this model
    -opinion-key-file FILE
                         its key
    -redis-listen ADDR   where clients of Redis ask, such as 127.0.0.1:6379;
                         without it nowhere
    -redis-cert FILE     with its key, in PEM: they speak TLS
    -redis-key FILE      key of that certificate
    -redis-plain         let other machines in without TLS
    -keep-recordings DURATION
                         how long the sound of recorded calls stays (2160h,
                         which is 90 days); 0 for ever
    -recordings-limit GIB
                         what recorded calls may take in the data folder (20);
                         0 for no limit
    -simulator-speed N   times faster than life the simulator is (1)
    -simulator-script FILE
                         what simulated contacts do, as JSON
    -simulator-log FILE  add each number to it whose phone the simulator rings
    -log-level LEVEL     debug, info, warn or error (info)
    -log-format FORMAT   text or json (text)
    -config FILE         settings as lines "name = value", named like these

Each is also a variable: NOCALL_LISTEN, NOCALL_LOG_LEVEL and so on. The command
line goes before the variable, and that before the file; "nocall config" says
what is in force. NOCALL_ADMIN_PASSWORD is the password of the first user.

Example:
    $ nocall serve -data /var/lib/nocall -listen 127.0.0.1:8080
`

// passwordVariable has the password of the first user. It is no flag, for
// others on the machine can see those.
const passwordVariable = "NOCALL_ADMIN_PASSWORD"

// serveFlags is every setting of a node.
type serveFlags struct {
	Listen            string        `setting:"y" default:"127.0.0.1:8080"`
	Data              string        `setting:"y" default:"./nocall-data"`
	Database          string        `setting:"y"`
	Platform          string        `setting:"y" default:"Fluents"`
	BootstrapKeyFile  string        `setting:"y"`
	RequestsPerSecond float64       `setting:"y" default:"0"`
	SecureCookies     bool          `setting:"y"`
	SecretKeyFile     string        `setting:"y"`
	SIPListen         string        `name:"sip-listen" setting:"y" default:"0.0.0.0:5060"`
	SIPTLSListen      string        `name:"sip-tls-listen" setting:"y"`
	SIPCert           string        `name:"sip-cert" setting:"y"`
	SIPKey            string        `name:"sip-key" setting:"y"`
	SIPPorts          string        `name:"sip-ports" setting:"y" default:"16384-32767"`
	EarsURL           string        `name:"ears-url" setting:"y"`
	EarsKeyFile       string        `setting:"y"`
	EarsLanguage      string        `setting:"y"`
	OpinionURL        string        `name:"opinion-url" setting:"y"`
	OpinionModel      string        `setting:"y"`
	OpinionKeyFile    string        `setting:"y"`
	RedisListen       string        `setting:"y"`
	RedisCert         string        `setting:"y"`
	RedisKey          string        `setting:"y"`
	RedisPlain        bool          `setting:"y"`
	KeepRecordings    time.Duration `setting:"y" default:"2160h"`
	RecordingsLimit   float64       `setting:"y" default:"20"`
	SimulatorSpeed    float64       `setting:"y" default:"1"`
	SimulatorScript   string        `setting:"y"`
	SimulatorLog      string        `setting:"y"`
	LogLevel          string        `setting:"y" default:"info" enum:"debug,info,warn,error"`
	LogFormat         string        `setting:"y" default:"text" enum:"text,json"`
	Config            string
}

type serveCommand struct{ serveFlags }

// Run runs a node until it is interrupted.
func (k *serveCommand) Run(ctx context.Context, in *Invocation) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // the second signal ends the program at once

	n, first, err := node.New(ctx, k.config(in))
	if err != nil {
		return err
	}
	address := "http://" + reachable(n.Address())
	if !first.IsZero() {
		welcome(in.Stderr, address, first)
	}
	fmt.Fprintf(in.Stderr, "listening on %s\n", address)
	if address := n.RedisAddress(); address != "" {
		fmt.Fprintf(in.Stderr, "listening for clients of Redis on %s\n", address)
	}
	return n.Run(ctx)
}

func (k *serveFlags) config(in *Invocation) node.Config {
	password, _ := in.Env(passwordVariable)
	return node.Config{
		Listen: k.Listen, Data: k.Data, Database: k.Database, Platform: k.Platform,
		SimulatorSpeed: k.SimulatorSpeed, SimulatorScript: k.SimulatorScript,
		SimulatorLog:     k.SimulatorLog,
		BootstrapKeyFile: k.BootstrapKeyFile, AdminPassword: password,
		RequestsPerSecond: k.RequestsPerSecond, SecureCookies: k.SecureCookies,
		SecretKeyFile: k.SecretKeyFile, SIPListen: k.SIPListen, SIPPorts: k.SIPPorts,
		SIPTLSListen: k.SIPTLSListen, SIPCert: k.SIPCert,
		SIPKey:     k.SIPKey,
		OpinionURL: k.OpinionURL, OpinionModel: k.OpinionModel,
		OpinionKeyFile: k.OpinionKeyFile,
		EarsURL:        k.EarsURL, EarsKeyFile: k.EarsKeyFile, EarsLanguage: k.EarsLanguage,
		RedisListen: k.RedisListen, RedisCertFile: k.RedisCert, RedisKeyFile: k.RedisKey,
		RedisPlain:     k.RedisPlain,
		KeepRecordings: k.KeepRecordings, RecordingsLimit: k.RecordingsLimit,
		Version: buildVersion(), Log: k.log(in.Stderr),
	}
}

func (k *serveFlags) log(w io.Writer) *slog.Logger {
	levels := map[string]slog.Level{
		"debug": slog.LevelDebug, "warn": slog.LevelWarn, "error": slog.LevelError,
	}
	options := &slog.HandlerOptions{Level: levels[k.LogLevel]}
	if k.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// reachable returns the address at which a browser on this machine finds a
// server that listens at address: one that listens everywhere is at localhost.
func reachable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		return net.JoinHostPort("localhost", port)
	}
	return address
}

// welcome shows what a first start made. It is shown once.
func welcome(w io.Writer, address string, first node.First) {
	var b strings.Builder
	b.WriteString("\nThis is the first start. What follows is not shown again:\n\n")
	fmt.Fprintf(&b, "    page                 %s\n", address)
	fmt.Fprintf(&b, "    user                 %s\n", node.AdminUser)
	password := first.Password
	if password == "" {
		password = "(as given in " + passwordVariable + ")"
	}
	fmt.Fprintf(&b, "    password             %s\n\n", password)
	for _, env := range slices.Sorted(maps.Keys(first.Keys)) {
		fmt.Fprintf(&b, "    key of %-12s  %s\n", env, first.Keys[env])
	}
	b.WriteString("\n")
	io.WriteString(w, b.String()) // standard error; nowhere to say that it failed
}
