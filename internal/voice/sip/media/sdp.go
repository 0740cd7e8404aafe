package media

import (
	"bytes"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// Limits of a session description.
const (
	maxDescription = 16 << 10
	maxStreams     = 16
	maxFormats     = 64
	maxCryptos     = 32
)

// description is what a session description (RFC 8866) says that matters here.
type description struct {
	streams []stream
}

// stream is one m= line with what belongs to it.
type stream struct {
	media     string // as audio
	port      uint16
	transport string // as RTP/AVP
	formats   []string
	addr      netip.Addr // not valid if there is none that can be read
	codecs    map[string]string
	direction string // sendrecv, sendonly, recvonly or inactive
	cryptos   []crypto
}

// parse reads a session description. It wants no more than it needs: lines of
// any order, unknown ones and wrong ends of line are no errors.
func parse(body []byte) (description, error) {
	if len(body) > maxDescription {
		return description{}, fmt.Errorf("%w: longer than %d bytes", ErrMalformed, maxDescription)
	}
	var d description
	whole := stream{direction: "sendrecv"} // what is said of all streams
	at := &whole
	for line := range bytes.SplitSeq(body, []byte{'\n'}) {
		name, value, ok := strings.Cut(strings.TrimSpace(string(line)), "=")
		if !ok || len(name) != 1 {
			continue
		}
		if name == "m" {
			if len(d.streams) == maxStreams {
				return description{}, fmt.Errorf("%w: over %d streams", ErrMalformed, maxStreams)
			}
			s, err := parseStream(value)
			if err != nil {
				return description{}, err
			}
			s.addr, s.direction = whole.addr, whole.direction
			d.streams = append(d.streams, s)
			at = &d.streams[len(d.streams)-1]
			continue
		}
		at.read(name, value)
	}
	if len(d.streams) == 0 {
		return description{}, fmt.Errorf("%w: no m= line", ErrMalformed)
	}
	return d, nil
}

// parseStream reads the value of an m= line, as "audio 5004 RTP/AVP 0 8 101".
func parseStream(value string) (stream, error) {
	fields := strings.Fields(value)
	if len(fields) < 4 || len(fields) > 3+maxFormats || !printable(value) {
		return stream{}, fmt.Errorf("%w: m=%.64q", ErrMalformed, value)
	}
	first, _, _ := strings.Cut(fields[1], "/")
	port, err := strconv.ParseUint(first, 10, 16)
	if err != nil {
		return stream{}, fmt.Errorf("%w: m=%.64q", ErrMalformed, value)
	}
	return stream{
		media:     strings.ToLower(fields[0]),
		port:      uint16(port),
		transport: strings.ToUpper(fields[2]),
		formats:   fields[3:],
		codecs:    map[string]string{"0": "PCMU/8000", "8": "PCMA/8000", "13": "CN/8000"},
	}, nil
}

// printable reports whether text is ASCII without control characters, so that
// it may stand in our answer.
func printable(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}

// read takes in a line that stands below the m= line.
func (s *stream) read(name, value string) {
	switch name {
	case "c": // as "IN IP4 192.0.2.1", perhaps with /ttl
		if fields := strings.Fields(value); len(fields) == 3 {
			text, _, _ := strings.Cut(fields[2], "/")
			addr, err := netip.ParseAddr(text)
			if err != nil {
				addr = netip.Addr{}
			}
			s.addr = addr.Unmap().WithZone("")
		}
	case "a":
		s.attribute(value)
	}
}

func (s *stream) attribute(text string) {
	name, value, _ := strings.Cut(text, ":")
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "sendrecv", "sendonly", "recvonly", "inactive":
		s.direction = strings.ToLower(strings.TrimSpace(name))
	case "rtpmap":
		format, codec, ok := strings.Cut(strings.TrimSpace(value), " ")
		if ok && s.codecs != nil && len(s.codecs) <= maxFormats {
			s.codecs[format] = strings.ToUpper(strings.TrimSpace(codec))
		}
	case "crypto":
		if c, ok := parseCrypto(value); ok && len(s.cryptos) < maxCryptos {
			s.cryptos = append(s.cryptos, c)
		}
	}
}

// kind is what a format of the stream stands for, and its payload type.
func (s *stream) kind(format string) (kind, uint8) {
	payloadType, err := strconv.ParseUint(format, 10, 7)
	if err != nil {
		return 0, 0
	}
	switch strings.TrimSuffix(s.codecs[format], "/1") {
	case "PCMU/8000":
		return mulaw, uint8(payloadType)
	case "PCMA/8000":
		return alaw, uint8(payloadType)
	case "TELEPHONE-EVENT/8000":
		return telephoneEvent, uint8(payloadType)
	case "CN/8000":
		return comfortNoise, uint8(payloadType)
	}
	return 0, 0
}

// secure reports whether the stream is encrypted with keys that are in the
// session description.
func (s *stream) secure() bool { return s.transport == "RTP/SAVP" || s.transport == "RTP/SAVPF" }

// plain reports whether it is not encrypted.
func (s *stream) plain() bool { return s.transport == "RTP/AVP" || s.transport == "RTP/AVPF" }

// far is where the far side wants our sound.
func (s *stream) far() netip.AddrPort { return netip.AddrPortFrom(s.addr, s.port) }

// held reports whether the far side does not want to hear us.
func (s *stream) held() bool {
	return s.direction == "sendonly" || s.direction == "inactive" || s.addr.IsUnspecified()
}
