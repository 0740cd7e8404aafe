package api

import (
	"bytes"
	"context"
	"fmt"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"nocall/internal/access"
	"nocall/internal/dnc"
	"nocall/internal/voice"
)

const (
	recordingsPath = "/v1/environments/{environment}/recordings"
	recordingPath  = recordingsPath + "/{id}"
	recordingPlace = recordingsPath + "/{}id"
	wav            = "audio/wav"
)

// Recording is a prompt as it is answered.
type Recording struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Duration  string    `json:"duration" example:"4.2s"`
	CreatedAt time.Time `json:"created_at"`
}

func recordingOf(r voice.Recording) Recording {
	return Recording{r.ID, r.Name, spoken(r.Duration), r.CreatedAt.UTC()}
}

var addRecordingRoute = route{
	method: http.MethodPost, path: recordingsPath, id: "addRecording", tag: "agents",
	summary: "Add a recording", role: access.Member, status: http.StatusCreated,
	makes: makesOnce, place: recordingPlace, body: 20 << 20, wait: time.Minute,
	text: "A WAV file, at most 20 MiB. It is kept as the telephone network carries it: one " +
		"channel, 8,000 samples a second.",
	problems: []string{"no-environment"},
}

var hearRecordingRoute = route{
	method: http.MethodGet, path: recordingPath, id: "hearRecording", tag: "agents",
	summary: "The sound of a recording, as a WAV file", role: access.Viewer,
	problems: []string{"not-found", "no-environment"},
}

func (s *Server) recordingRoutes() []operation {
	return []operation{
		described(route{
			method: http.MethodGet, path: recordingsPath, id: "listRecordings", tag: "agents",
			summary: "Recordings, newest first", role: access.Viewer,
			problems: []string{"malformed", "invalid", "no-environment"},
		}, s.listRecordings),
		plain(addRecordingRoute, (*desk).addRecording, describeAddRecording),
		plain(hearRecordingRoute, (*desk).hearRecording, describeHearRecording),
		described(route{
			method: http.MethodDelete, path: recordingPath, id: "removeRecording", tag: "agents",
			summary: "Remove a recording", role: access.Member, status: http.StatusNoContent,
			text:     "Not while an agent plays it.",
			problems: []string{"not-found", "no-environment", "conflict"},
		}, s.removeRecording),
	}
}

type recordingPage struct{ Body page[Recording] }

func (s *Server) listRecordings(ctx context.Context, in *struct {
	InEnvironment
	Paging
},
) (*recordingPage, error) {
	if _, err := s.Store.World(ctx, in.Environment); err != nil {
		return nil, err
	}
	all, err := s.Store.Recordings(ctx, in.Environment)
	if err != nil {
		return nil, err
	}
	id := func(r voice.Recording) string { return r.ID }
	all = sortedBy(all, id)
	slices.Reverse(all)
	found, err := newestPage(all, in.Paging,
		askedFor("recordings", string(in.Environment)), id)
	if err != nil {
		return nil, err
	}
	return &recordingPage{mapped(found, recordingOf)}, nil
}

func describeAddRecording(d *desk, op *huma.Operation) {
	op.Parameters = append(op.Parameters,
		inPath("environment", "Name of the environment", "sandbox"),
		inQuery("name", "What it is called", &huma.Schema{Type: huma.TypeString}))
	op.RequestBody = &huma.RequestBody{Required: true, Content: soundOf()}
	op.Responses["201"].Content = d.jsonOf(reflect.TypeFor[Recording]())
}

func describeHearRecording(_ *desk, op *huma.Operation) {
	op.Parameters = append(op.Parameters,
		inPath("environment", "Name of the environment", "sandbox"),
		inPath("id", "ID of the recording", ""))
	op.Responses["200"].Content = soundOf()
}

func soundOf() map[string]*huma.MediaType {
	return map[string]*huma.MediaType{
		wav: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
	}
}

// addRecording keeps the sound that a request brings.
func (d *desk) addRecording() handler {
	return func(w http.ResponseWriter, r *http.Request, _ access.Identity) {
		made, err := d.takeRecording(w, r)
		if err != nil {
			d.fail(w, r, err)
			return
		}
		w.Header().Set("Location", placeOf(recordingPlace, made.Environment, made.ID))
		d.write(w, http.StatusCreated, recordingOf(made))
	}
}

func (d *desk) takeRecording(w http.ResponseWriter, r *http.Request) (voice.Recording, error) {
	made := voice.Recording{
		Environment: dnc.Environment(r.PathValue("environment")), Name: r.URL.Query().Get("name"),
		CreatedAt: now(),
	}
	made.ID = voice.NewID(made.CreatedAt)
	if _, err := d.Store.World(r.Context(), made.Environment); err != nil {
		return made, err
	}
	made.Normalize()
	if err := wrong("query.", made.Problems()); err != nil {
		return made, err
	}
	var err error
	if made.Audio, err = d.readSound(w, r); err != nil {
		return made, err
	}
	made.Duration = voice.LengthOf(made.Audio)
	return made, d.Store.AddRecording(r.Context(), made)
}

// readSound reads a WAV file.
func (d *desk) readSound(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	form, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err != nil, form != wav && form != "audio/wave" && form != "audio/x-wav":
		return nil, fmt.Errorf("%w: want audio/wav", errMediaType)
	case d.ReadWAV == nil:
		return nil, errNoSound
	}
	body := d.longBody(w, r, addRecordingRoute)
	audio, err := d.ReadWAV(body)
	if err != nil {
		return nil, body.err(at("body", fmt.Errorf("%w: %s", errInvalid, plainWords(err))))
	}
	return audio, nil
}

// hearRecording answers with the sound of a recording.
func (d *desk) hearRecording() handler {
	return func(w http.ResponseWriter, r *http.Request, _ access.Identity) {
		env := dnc.Environment(r.PathValue("environment"))
		kept, err := d.Store.Recording(r.Context(), env, r.PathValue("id"))
		if err != nil {
			d.fail(w, r, err)
			return
		}
		var file bytes.Buffer
		if err := kept.WriteWAV(&file); err != nil {
			d.fail(w, r, err)
			return
		}
		w.Header().Set("Content-Type", wav)
		w.Header().Set("Content-Length", strconv.Itoa(file.Len()))
		w.Write(file.Bytes()) //nolint:errcheck // whoever asked is gone
	}
}

func (s *Server) removeRecording(ctx context.Context, in *struct {
	InEnvironment
	ID string `path:"id" maxLength:"100" doc:"ID of the recording"`
},
) (*struct{}, error) {
	if err := s.Store.RemoveRecording(ctx, in.Environment, in.ID); err != nil {
		return nil, err
	}
	s.List.Bell.Ring(in.Environment)
	return nil, nil
}
