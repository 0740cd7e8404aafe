package voice

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"nocall/internal/campaign"
)

// Limits of what calls are made with.
const (
	maxText     = 100  // characters of a label or the name of a recording
	maxSecret   = 255  // bytes of a user name or a password
	maxTags     = 20   // of one number
	maxTag      = 63   // characters
	maxFailover = 10   // further addresses of a trunk
	maxPrefix   = 32   // digits before a number
	maxAddress  = 1000 // bytes of the address of an agent

	leastRing = 5 * time.Second // how long an agent is rung
	mostRing  = 2 * time.Minute
)

// names matches the names of trunks and agents.
var names = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// Transports are how SIP may be carried.
func Transports() []string { return []string{"udp", "tcp", "tls"} }

// findings gathers what is wrong, field by field.
type findings []campaign.Problem

func (f *findings) when(wrong bool, field, detail string) {
	if wrong {
		*f = append(*f, campaign.Problem{Field: field, Detail: detail})
	}
}

func (f *findings) name(name string) {
	f.when(!names.MatchString(name), "name",
		"want 1 to 63 of a-z, 0-9 and -, and no dash in front")
}

// host asks for a host, and a port where there is one.
func (f *findings) host(text, field string) {
	f.when(!goodHost(text), field, "want a host and a port, such as sip.example.com:5060")
}

// Normalize trims what was typed and fills in what was left out: the kind, UDP,
// and the usual port of an address.
func (t *Trunk) Normalize() {
	for _, text := range []*string{
		&t.Name, &t.Kind, &t.Address, &t.Transport, &t.Username, &t.Proxy, &t.TechPrefix,
	} {
		*text = strings.TrimSpace(*text)
	}
	if t.Kind == "" {
		t.Kind = SIP
	}
	t.Transport = strings.ToLower(t.Transport)
	if t.Transport == "" {
		t.Transport = "udp"
	}
	t.Address, t.Proxy = t.withPort(t.Address), t.withPort(t.Proxy)
	for i, address := range t.Failover {
		t.Failover[i] = t.withPort(strings.TrimSpace(address))
	}
}

// withPort adds the usual port to an address that is alone. A name stays alone:
// its port stands in its SRV records, if it has any.
func (t *Trunk) withPort(address string) string {
	host, port, ok := splitHost(address)
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	switch {
	case !ok || port != "" || err != nil:
		return address
	case t.Transport == "tls":
		return host + ":5061"
	}
	return host + ":5060"
}

// Problems says what is wrong with t, which has been normalized.
func (t *Trunk) Problems() []campaign.Problem {
	var f findings
	f.name(t.Name)
	f.when(t.Name == Simulator || t.Name == External, "name", "is that of a built-in provider")
	f.when(t.Kind != SIP, "kind", "want sip")
	f.host(t.Address, "address")
	f.when(!slices.Contains(Transports(), t.Transport), "transport", "want udp, tcp or tls")
	f.when(!goodSecret(t.Username), "username", "want at most 255 characters, none to control")
	f.when(!goodSecret(t.Password), "password", "want at most 255 characters, none to control")
	f.when(t.Username == "" && t.Password != "", "username", "is missing, and there is a password")
	f.when(t.Username == "" && t.Register, "username", "is missing, and is to be registered")
	if t.Proxy != "" {
		f.host(t.Proxy, "proxy")
	}
	f.when(len(t.Failover) > maxFailover, "failover", fmt.Sprintf("want at most %d", maxFailover))
	for i, address := range t.Failover {
		f.host(address, fmt.Sprintf("failover[%d]", i))
	}
	f.when(len(t.TechPrefix) > maxPrefix || strings.Trim(t.TechPrefix, "0123456789*#") != "",
		"tech_prefix", fmt.Sprintf("want at most %d of 0-9, * and #", maxPrefix))
	f.when(t.MaxCalls < 0 || t.MaxCalls > 100_000, "max_calls", "want 0 to 100000")
	return f
}

// Normalize trims what was typed.
func (a *Agent) Normalize() {
	for _, text := range []*string{
		&a.Name, &a.Recording, &a.Confirmation, &a.OptOutKey, &a.Address, &a.URL,
	} {
		*text = strings.TrimSpace(*text)
	}
}

// Problems says what is wrong with a, which has been normalized.
func (a *Agent) Problems() []campaign.Problem {
	var f findings
	f.name(a.Name)
	f.when(a.OptOutKey != "" && (len(a.OptOutKey) != 1 ||
		!strings.Contains("0123456789*#", a.OptOutKey)), "opt_out_key", "want one of 0-9, * and #")
	switch a.Kind {
	case Recorded:
		f.when(a.Recording == "", "recording", "want the ID of a recording")
	case Bridged:
		f.when(!goodSIP(a.Address), "address", "want a SIP address, such as sip:agent@example.com")
		f.when(a.RingFor != 0 && (a.RingFor < leastRing || a.RingFor > mostRing), "ring_for",
			"want 5s to 2m, or 0 for 20s")
	case Streamed:
		f.when(!goodStream(a.URL), "url", "want a WebSocket, such as wss://agent.example.com/call")
	default:
		f.when(true, "kind", "want recording, bridge or stream")
	}
	return f
}

// Normalize trims what was typed, and sorts the tags.
func (n *OwnNumber) Normalize() {
	n.Provider, n.Label = strings.TrimSpace(n.Provider), strings.TrimSpace(n.Label)
	n.InboundAgent = strings.TrimSpace(n.InboundAgent)
	tags := make([]string, 0, len(n.Tags))
	for _, tag := range n.Tags {
		if tag = strings.TrimSpace(tag); tag != "" {
			tags = append(tags, tag)
		}
	}
	slices.Sort(tags)
	n.Tags = slices.Compact(tags)
}

// Problems says what is wrong with n, which has been normalized.
func (n *OwnNumber) Problems() []campaign.Problem {
	var f findings
	f.when(n.Number.IsZero(), "number", "want a number")
	f.when(n.Provider == "", "provider", "want the name of the provider that carries it")
	f.when(!goodText(n.Label, maxText), "label", fmt.Sprintf("want at most %d characters", maxText))
	f.when(len(n.Tags) > maxTags, "tags", fmt.Sprintf("want at most %d", maxTags))
	for i, tag := range n.Tags {
		f.when(!goodText(tag, maxTag) || strings.Contains(tag, ","), fmt.Sprintf("tags[%d]", i),
			fmt.Sprintf("want at most %d characters and no comma", maxTag))
	}
	return append(f, n.Pace.Problems()...)
}

// Normalize trims the name.
func (r *Recording) Normalize() { r.Name = strings.TrimSpace(r.Name) }

// Problems says what is wrong with r, which has been normalized.
func (r *Recording) Problems() []campaign.Problem {
	var f findings
	f.when(r.Name == "" || !goodText(r.Name, maxText), "name",
		fmt.Sprintf("want 1 to %d characters", maxText))
	return f
}

// goodText reports whether text has at most so many characters, all of them
// to be seen.
func goodText(text string, most int) bool {
	return utf8.ValidString(text) && utf8.RuneCountInString(text) <= most &&
		!strings.ContainsFunc(text, unicode.IsControl)
}

// goodSecret reports whether text can stand in a header.
func goodSecret(text string) bool {
	return len(text) <= maxSecret && goodText(text, maxSecret)
}

// goodHost reports whether text is a host name or an address, with or without
// a port.
func goodHost(text string) bool {
	_, _, ok := splitHost(text)
	return ok
}

// splitHost splits a host name or an address from its port, which is "" where
// there is none. An address of IPv6 is in brackets then, and may come without
// them where it is alone.
func splitHost(text string) (host, port string, ok bool) {
	if ip, err := netip.ParseAddr(text); err == nil && ip.Is6() {
		return "[" + text + "]", "", ip.Zone() == ""
	}
	host, port = text, ""
	if i := strings.LastIndexByte(text, ':'); i >= 0 && !strings.HasSuffix(text, "]") {
		host, port = text[:i], text[i+1:]
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return "", "", false
		}
	}
	if inside, found := strings.CutPrefix(host, "["); found {
		inside, found = strings.CutSuffix(inside, "]")
		ip, err := netip.ParseAddr(inside)
		return host, port, found && err == nil && ip.Is6() && ip.Zone() == ""
	}
	const signs = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._"
	return host, port, host != "" && len(host) <= 253 && strings.Trim(host, signs) == "" &&
		!strings.HasPrefix(host, "-") && !strings.HasPrefix(host, ".")
}

// goodSIP reports whether text is the address of one who can be called.
func goodSIP(text string) bool {
	rest, ok := strings.CutPrefix(text, "sip:")
	if !ok {
		rest, ok = strings.CutPrefix(text, "sips:")
	}
	if !ok || len(text) > maxAddress || strings.ContainsAny(text, "<>\" ,") ||
		!goodText(text, maxAddress) {
		return false
	}
	rest, _, _ = strings.Cut(rest, ";")
	rest, _, _ = strings.Cut(rest, "?")
	return goodHost(rest[strings.LastIndexByte(rest, '@')+1:])
}

// goodStream reports whether text is the address of a WebSocket.
func goodStream(text string) bool {
	u, err := url.Parse(text)
	return err == nil && len(text) <= maxAddress && u.Host != "" &&
		(u.Scheme == "ws" || u.Scheme == "wss")
}
