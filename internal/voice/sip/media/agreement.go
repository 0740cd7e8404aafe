package media

import (
	"bytes"
	"fmt"
	"strings"
	"sync"

	"github.com/pion/srtp/v3"
)

// ourEvents is the payload type of keys where we choose it.
const ourEvents = 101

// terms are how we send.
type terms struct {
	sound     uint8 // payload type
	alaw      bool
	takesKeys bool
	events    uint8 // payload type of keys
	held      bool  // the far side does not want to hear us
}

// agreement is what a session and the far side have agreed on, by offer and
// answer (RFC 3264).
type agreement struct {
	mu        sync.Mutex // guards everything below
	id        uint64
	version   uint64
	body      []byte  // the last description we gave, without its version
	ours      *crypto // our key; nil while none was wanted
	theirs    crypto
	offered   bool // whether we offered
	encrypted bool // whether we offered, or agreed, to encrypt
	terms     terms
}

// Offer gives our session description for an INVITE, or for another one later.
// With encrypt the far side must encrypt.
func (s *Session) Offer(encrypt bool) ([]byte, error) {
	a := &s.agreement
	a.mu.Lock()
	defer a.mu.Unlock()
	if s.ended() {
		return nil, ErrClosed
	}
	a.offered = true
	a.encrypted = a.encrypted || encrypt
	ours := stream{
		media: "audio", port: s.local.Port(), transport: "RTP/AVP",
		formats: []string{"0", "8", "101"}, direction: "sendrecv",
	}
	if a.encrypted {
		ours.transport = "RTP/SAVP"
		a.needKey()
		ours.cryptos = []crypto{*a.ours}
	}
	return s.describe([]stream{ours}), nil
}

// Answer takes the far side's offer, and gives our answer to it. After an error
// what was agreed before still holds.
func (s *Session) Answer(offer []byte) ([]byte, error) {
	a := &s.agreement
	a.mu.Lock()
	defer a.mu.Unlock()
	d, err := parse(offer)
	if err != nil {
		return nil, err
	}
	at, err := a.choose(d, true)
	if err != nil {
		return nil, err
	}
	theirs := &d.streams[at]
	if err := s.agree(theirs); err != nil {
		return nil, err
	}
	answer := make([]stream, len(d.streams))
	for i, refused := range d.streams {
		answer[i] = stream{
			media: refused.media, transport: refused.transport,
			formats: refused.formats[:1],
		}
	}
	answer[at] = a.answerTo(theirs, s.local.Port())
	return s.describe(answer), nil
}

// Accept takes the far side's answer to our offer. It may be called again, for
// an answer that follows one to early sound.
func (s *Session) Accept(answer []byte) error {
	a := &s.agreement
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.offered {
		return fmt.Errorf("%w: an answer without an offer", ErrMalformed)
	}
	d, err := parse(answer)
	if err != nil {
		return err
	}
	at, err := a.choose(d, a.encrypted)
	if err != nil {
		return err
	}
	return s.agree(&d.streams[at])
}

// Held reports whether the far side has put us on hold: it does not want to
// hear us, and what is queued waits.
func (s *Session) Held() bool {
	s.agreement.mu.Lock()
	defer s.agreement.mu.Unlock()
	return s.agreement.terms.held
}

// Encrypted reports whether the sound is encrypted, or is to be.
func (s *Session) Encrypted() bool {
	s.agreement.mu.Lock()
	defer s.agreement.mu.Unlock()
	return s.agreement.encrypted
}

func (s *Session) ended() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

func (a *agreement) needKey() {
	if a.ours == nil {
		a.ours = newCrypto()
	}
}

// choose finds the stream that we take: one that is encrypted, if it may be,
// before one that is not. What was encrypted stays so.
func (a *agreement) choose(d description, secure bool) (int, error) {
	plain := -1
	for i := range d.streams {
		s := &d.streams[i]
		switch {
		case !s.usable():
		case s.secure() && len(s.cryptos) > 0 && secure:
			return i, nil
		case s.plain() && plain < 0:
			plain = i
		}
	}
	switch {
	case plain < 0:
		return 0, ErrNoSound
	case a.encrypted:
		return 0, ErrPlain
	}
	return plain, nil
}

// usable reports whether the stream has sound that we can send and receive.
func (s *stream) usable() bool {
	if s.media != "audio" || s.port == 0 || !s.addr.IsValid() || s.addr.IsMulticast() {
		return false
	}
	for _, format := range s.formats {
		if is, _ := s.kind(format); is == mulaw || is == alaw {
			return true
		}
	}
	return false
}

// terms are how we send to the far side: with the codec it names first.
func (s *stream) terms() terms {
	t := terms{held: s.held()}
	chosen := false
	for _, format := range s.formats {
		is, payloadType := s.kind(format)
		switch {
		case is == telephoneEvent && !t.takesKeys:
			t.takesKeys, t.events = true, payloadType
		case (is == mulaw || is == alaw) && !chosen:
			chosen = true
			t.sound, t.alaw = payloadType, is == alaw
		}
	}
	return t
}

// kinds are the payload types that we take: ours, and theirs in our answer.
func (s *stream) kinds() [128]kind {
	var kinds [128]kind
	kinds[0], kinds[8], kinds[13], kinds[ourEvents] = mulaw, alaw, comfortNoise, telephoneEvent
	for _, format := range s.formats {
		if is, payloadType := s.kind(format); is != 0 {
			kinds[payloadType] = is
		}
	}
	return kinds
}

// agree makes both directions work as the far side's stream says.
func (s *Session) agree(theirs *stream) error {
	a := &s.agreement
	if s.ended() {
		return ErrClosed
	}
	var encrypt, decrypt *srtp.Context
	if theirs.secure() {
		a.needKey()
		var err error
		if encrypt, err = a.ours.context(); err != nil {
			return fmt.Errorf("media: key of ours: %w", err)
		}
		if first := theirs.cryptos[0]; !first.same(a.theirs) {
			if decrypt, err = first.context(); err != nil {
				return fmt.Errorf("media: key of the far side: %w", err)
			}
			a.theirs = first
		}
		a.encrypted = true
	}
	a.terms = theirs.terms()
	far := s.receiver.agree(theirs, decrypt)
	s.sender.agree(a.terms, far, encrypt)
	return nil
}

// answerTo is our stream in the answer to theirs.
func (a *agreement) answerTo(theirs *stream, port uint16) stream {
	ours := stream{
		media: "audio", port: port, transport: theirs.transport, codecs: theirs.codecs,
		direction: map[string]string{
			"sendrecv": "sendrecv", "sendonly": "recvonly",
			"recvonly": "sendonly", "inactive": "inactive",
		}[theirs.direction],
	}
	ours.formats = []string{fmt.Sprint(a.terms.sound)}
	if a.terms.takesKeys {
		ours.formats = append(ours.formats, fmt.Sprint(a.terms.events))
	}
	if theirs.secure() {
		key := *a.ours
		key.tag = theirs.cryptos[0].tag
		ours.cryptos = []crypto{key}
	}
	return ours
}

// describe writes our session description. Its version goes up whenever it
// differs from the last.
func (s *Session) describe(streams []stream) []byte {
	a := &s.agreement
	family := "IP4"
	if s.local.Addr().Is6() {
		family = "IP6"
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "s=-\r\nc=IN %s %s\r\nt=0 0\r\n", family, s.local.Addr())
	for i := range streams {
		streams[i].write(&b)
	}
	if !bytes.Equal(b.Bytes(), a.body) {
		a.body = bytes.Clone(b.Bytes())
		a.version++
	}
	origin := fmt.Sprintf("v=0\r\no=nocall %d %d IN %s %s\r\n",
		a.id, a.version, family, s.local.Addr())
	return append([]byte(origin), a.body...)
}

func (s *stream) write(b *bytes.Buffer) {
	fmt.Fprintf(b, "m=%s %d %s %s\r\n", s.media, s.port, s.transport, strings.Join(s.formats, " "))
	if s.port == 0 {
		return
	}
	for _, c := range s.cryptos {
		fmt.Fprintf(b, "a=crypto:%s\r\n", c)
	}
	for _, format := range s.formats {
		s.writeFormat(b, format)
	}
	fmt.Fprintf(b, "a=ptime:20\r\na=%s\r\n", s.direction)
}

func (s *stream) writeFormat(b *bytes.Buffer, format string) {
	codec := s.codecs[format]
	if codec == "" {
		codec = map[string]string{
			"0": "PCMU/8000", "8": "PCMA/8000", "101": "TELEPHONE-EVENT/8000",
		}[format]
	}
	if strings.HasPrefix(codec, "TELEPHONE-EVENT") {
		fmt.Fprintf(b, "a=rtpmap:%s telephone-event/8000\r\na=fmtp:%s 0-15\r\n", format, format)
		return
	}
	fmt.Fprintf(b, "a=rtpmap:%s %s\r\n", format, codec)
}
