package stream

import (
	"encoding/json"
	"errors"
	"strconv"

	"nocall/internal/voice"
)

// The messages that go to the program. Numbers are strings, as hosted
// platforms have them, but for those of the format.
type (
	message struct {
		Event    string   `json:"event"`
		Sequence string   `json:"sequenceNumber,omitempty"`
		Stream   string   `json:"streamSid,omitempty"`
		Protocol string   `json:"protocol,omitempty"`
		Version  string   `json:"version,omitempty"`
		Start    *start   `json:"start,omitempty"`
		Media    *media   `json:"media,omitempty"`
		Key      *dtmf    `json:"dtmf,omitempty"`
		Mark     *mark    `json:"mark,omitempty"`
		Stop     *stopped `json:"stop,omitempty"`
	}
	start struct {
		Account    string            `json:"accountSid"` // the environment
		Stream     string            `json:"streamSid"`
		Call       string            `json:"callSid"`
		Tracks     []string          `json:"tracks"`
		Format     format            `json:"mediaFormat"`
		Parameters map[string]string `json:"customParameters"`
	}
	format struct {
		Encoding   string `json:"encoding"`
		SampleRate int    `json:"sampleRate"`
		Channels   int    `json:"channels"`
	}
	media struct {
		Track     string `json:"track"`
		Chunk     string `json:"chunk"`
		Timestamp string `json:"timestamp"` // milliseconds of sound before this frame
		Payload   []byte `json:"payload"`
	}
	dtmf struct {
		Track string `json:"track"`
		Digit string `json:"digit"`
	}
	mark struct {
		Name string `json:"name"`
	}
	stopped struct {
		Account string `json:"accountSid"`
		Call    string `json:"callSid"`
	}
)

// began tells the program which call it is on.
func began(leg voice.Leg) message {
	return message{Event: "start", Start: &start{
		Account: string(leg.Environment),
		Stream:  streamID(leg),
		Call:    leg.CallID,
		Tracks:  []string{"inbound"},
		Format:  format{Encoding: "audio/x-mulaw", SampleRate: 8000, Channels: 1},
		Parameters: map[string]string{
			"environment": string(leg.Environment),
			"agent":       leg.Agent.Name,
		},
	}}
}

// streamID returns the name of the only stream of leg's call.
func streamID(leg voice.Leg) string { return "MZ" + leg.CallID }

// heard gives the program the contact's sound. It is the chunk-th frame, the
// first being 1.
func heard(frame []byte, chunk int) message {
	begin := (chunk - 1) * int(voice.FrameTime.Milliseconds())
	return message{Event: "media", Media: &media{
		Track:     "inbound",
		Chunk:     strconv.Itoa(chunk),
		Timestamp: strconv.Itoa(begin),
		Payload:   frame,
	}}
}

// request is a message that comes from the program.
type request struct {
	Event string `json:"event"`
	Media struct {
		Payload []byte `json:"payload"`
	} `json:"media"`
	Mark struct {
		Name string `json:"name"`
	} `json:"mark"`
}

// maxMarkName is the greatest length of the name of a mark, in bytes.
const maxMarkName = 256

var errNonsense = errors.New("message not understood")

// parse reads a message of the program. Its payload may have any length.
func parse(text []byte) (request, error) {
	var r request
	if err := json.Unmarshal(text, &r); err != nil {
		return request{}, errNonsense
	}
	switch r.Event {
	case "media", "clear":
		return r, nil
	case "mark":
		if len(r.Mark.Name) <= maxMarkName {
			return r, nil
		}
	}
	return request{}, errNonsense
}
