package media

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/pion/sdp/v3"
)

// lines makes a session description of lines, with what belongs before them.
func lines(of ...string) []byte {
	head := []string{"v=0", "o=- 1 1 IN IP4 192.0.2.7", "s=-", "c=IN IP4 192.0.2.7", "t=0 0"}
	return []byte(strings.Join(append(head, of...), "\r\n") + "\r\n")
}

const key30 = "inline:MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0"

// TestOffer has our offer read by a parser that is not ours.
func TestOffer(t *testing.T) {
	for _, encrypt := range []bool{false, true} {
		s := open(t)
		offer, err := s.Offer(encrypt)
		if err != nil {
			t.Fatal(err)
		}
		var d sdp.SessionDescription
		if err := d.Unmarshal(offer); err != nil {
			t.Fatalf("%v in\n%s", err, offer)
		}
		audio := d.MediaDescriptions[0]
		want := "audio " + fmt.Sprint(s.Local().Port()) + " RTP/AVP 0 8 101"
		if encrypt {
			want = strings.Replace(want, "AVP", "SAVP", 1)
		}
		if got := audio.MediaName.String(); got != want {
			t.Errorf("m=%s, want %s", got, want)
		}
		if _, has := audio.Attribute("crypto"); has != encrypt {
			t.Errorf("crypto %v, want %v", has, encrypt)
		}
		if d.ConnectionInformation.Address.Address != "127.0.0.1" {
			t.Errorf("c=%v", d.ConnectionInformation)
		}
	}
}

// TestAnswer gives offers as they come, and wants lines in the answer.
func TestAnswer(t *testing.T) {
	for _, c := range []struct {
		name  string
		offer []byte
		want  []string // with PORT for ours
	}{
		{
			name:  "plain",
			offer: lines("m=audio 4000 RTP/AVP 0 8 96", "a=rtpmap:96 telephone-event/8000"),
			want: []string{
				"m=audio PORT RTP/AVP 0 96", "a=rtpmap:0 PCMU/8000",
				"a=rtpmap:96 telephone-event/8000", "a=fmtp:96 0-15", "a=ptime:20", "a=sendrecv",
			},
		},
		{
			name:  "A-law first, others before it",
			offer: lines("m=audio 4000 RTP/AVP 9 18 8 0", "a=rtpmap:9 G722/8000"),
			want:  []string{"m=audio PORT RTP/AVP 8", "a=rtpmap:8 PCMA/8000"},
		},
		{
			name:  "G.711 under a number of its own",
			offer: lines("m=audio 4000 RTP/AVP 100", "a=rtpmap:100 pcma/8000/1"),
			want:  []string{"m=audio PORT RTP/AVP 100", "a=rtpmap:100 PCMA/8000/1"},
		},
		{
			name:  "hold",
			offer: lines("m=audio 4000 RTP/AVP 0", "a=sendonly"),
			want:  []string{"a=recvonly"},
		},
		{
			name:  "hold of all",
			offer: lines("a=inactive", "m=audio 4000 RTP/AVP 0"),
			want:  []string{"a=inactive"},
		},
		{
			name:  "video besides",
			offer: lines("m=video 2 RTP/AVP 96 97", "m=audio 4000 RTP/AVP 0", "m=image 0 udptl x"),
			want: []string{
				"m=video 0 RTP/AVP 96", "m=audio PORT RTP/AVP 0", "m=image 0 UDPTL x",
			},
		},
		{
			name: "encrypted",
			offer: lines("m=audio 4000 RTP/SAVP 0",
				"a=crypto:1 AEAD_AES_256_GCM inline:AAAA",
				"a=crypto:7 AES_CM_128_HMAC_SHA1_80 "+key30+"|2^31|1:1"),
			want: []string{"m=audio PORT RTP/SAVP 0", "a=crypto:7 AES_CM_128_HMAC_SHA1_80 inline:"},
		},
		{
			name: "encrypted or not, as one likes",
			offer: lines("m=audio 4000 RTP/AVP 0", "m=audio 4002 RTP/SAVP 0",
				"a=crypto:1 AES_CM_128_HMAC_SHA1_80 "+key30),
			want: []string{"m=audio 0 RTP/AVP 0", "m=audio PORT RTP/SAVP 0"},
		},
		{
			name:  "untidy",
			offer: []byte("m=audio 4000 RTP/AVP 0\nc=IN IP4 192.0.2.7/127 \nnonsense\n=\n"),
			want:  []string{"m=audio PORT RTP/AVP 0"},
		},
		{
			name:  "IPv6",
			offer: lines("m=audio 4000 RTP/AVP 0", "c=IN IP6 2001:db8::1"),
			want:  []string{"a=sendrecv"},
		},
	} {
		s := open(t)
		answer, err := s.Answer(c.offer)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		for _, line := range c.want {
			line = strings.Replace(line, "PORT", fmt.Sprint(s.Local().Port()), 1)
			if !strings.Contains(string(answer), "\r\n"+line) {
				t.Errorf("%s: no line %s in\n%s", c.name, line, answer)
			}
		}
	}
}

func TestAnswerWrong(t *testing.T) {
	plain, secure := "m=audio 4000 RTP/AVP 0", "m=audio 4000 RTP/SAVP 0"
	for _, c := range []struct {
		name  string
		offer []byte
		want  error
	}{
		{"no G.711", lines("m=audio 4000 RTP/AVP 9 18"), ErrNoSound},
		{"no sound", lines("m=video 4000 RTP/AVP 0"), ErrNoSound},
		{"port 0", lines("m=audio 0 RTP/AVP 0"), ErrNoSound},
		{"DTLS", lines("m=audio 4000 UDP/TLS/RTP/SAVPF 0"), ErrNoSound},
		{"no key", lines(secure), ErrNoSound},
		{"short key", lines(secure, "a=crypto:1 "+suite+" inline:AAAA"), ErrNoSound},
		{
			"not really encrypted",
			lines(secure, "a=crypto:1 "+suite+" "+key30+" UNENCRYPTED_SRTP"),
			ErrNoSound,
		},
		{"to many at once", lines(plain, "c=IN IP4 224.0.0.1"), ErrNoSound},
		{"a name for an address", lines(plain, "c=IN IP4 pbx.example"), ErrNoSound},
		{"nothing", nil, ErrMalformed},
		{"no port", lines("m=audio x RTP/AVP 0"), ErrMalformed},
		{"control characters", lines("m=audio 4000 RTP/AVP 0\x00"), ErrMalformed},
		{"port too great", lines("m=audio 70000 RTP/AVP 0"), ErrMalformed},
		{"too long", lines("a=" + strings.Repeat("x", maxDescription)), ErrMalformed},
		{"too many streams", lines(strings.Repeat(plain+"\n", 17)), ErrMalformed},
	} {
		if answer, err := open(t).Answer(c.offer); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v\n%s", c.name, err, c.want, answer)
		}
	}
}

func TestAnswerVersion(t *testing.T) {
	s := open(t)
	var answers [3]string
	for i, way := range []string{"sendrecv", "sendrecv", "sendonly"} {
		answer, err := s.Answer(lines("m=audio 4000 RTP/AVP 0", "a="+way))
		if err != nil {
			t.Fatal(err)
		}
		answers[i] = string(answer)
		if held := way == "sendonly"; s.Held() != held {
			t.Errorf("%s: held %v", way, s.Held())
		}
	}
	if answers[0] != answers[1] {
		t.Errorf("the same offer got another answer:\n%s\n%s", answers[0], answers[1])
	}
	if !strings.Contains(answers[0], " 1 IN IP4") || !strings.Contains(answers[2], " 2 IN IP4") {
		t.Errorf("versions want 1 and 2:\n%s\n%s", answers[0], answers[2])
	}
}

func TestAccept(t *testing.T) {
	crypto := "a=crypto:1 " + suite + " " + key30
	for _, c := range []struct {
		name    string
		encrypt bool
		answer  []byte
		err     error
	}{
		{"plain", false, lines("m=audio 4000 RTP/AVP 8"), nil},
		{"encrypted", true, lines("m=audio 4000 RTP/SAVP 8", crypto), nil},
		{"refused to encrypt", true, lines("m=audio 4000 RTP/AVP 8"), ErrPlain},
		{"encrypted unasked", false, lines("m=audio 4000 RTP/SAVP 8", crypto), ErrNoSound},
	} {
		s := open(t)
		if err := s.Accept(c.answer); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: an answer without an offer: %v", c.name, err)
		}
		if _, err := s.Offer(c.encrypt); err != nil {
			t.Fatal(err)
		}
		if err := s.Accept(c.answer); !errors.Is(err, c.err) {
			t.Errorf("%s: %v, want %v", c.name, err, c.err)
		}
	}
	s := open(t)
	if _, err := s.Answer(lines("m=audio 4000 RTP/SAVP 8", crypto)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Answer(lines("m=audio 4000 RTP/AVP 8")); !errors.Is(err, ErrPlain) {
		t.Errorf("encrypted no more: %v, want %v", err, ErrPlain)
	}
	if !s.Encrypted() {
		t.Error("not encrypted")
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add(lines("m=audio 4000 RTP/AVP 0 8 96", "a=rtpmap:96 telephone-event/8000", "a=sendonly"))
	f.Add(lines("m=video 1 RTP/AVP 0", "m=audio 4000 RTP/SAVP 0",
		"a=crypto:1 "+suite+" "+key30+"|2^31|1:4"))
	s := &Session{local: netip.MustParseAddrPort("127.0.0.1:26000"), done: make(chan struct{})}
	s.receiver.open(s)
	f.Fuzz(func(t *testing.T, offer []byte) {
		s.agreement.encrypted = false
		answer, err := s.Answer(offer)
		if err != nil {
			return
		}
		var d sdp.SessionDescription
		if err := d.Unmarshal(answer); err != nil && d.Unmarshal(offer) == nil {
			t.Errorf("%v in\n%s", err, answer)
		}
		s.Offer(false)
		if err := s.Accept(answer); err != nil {
			t.Errorf("our own answer: %v\n%s", err, answer)
		}
	})
}
