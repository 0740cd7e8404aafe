package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"nocall/internal/access"
	"nocall/internal/dnc"
	"nocall/internal/voice"
)

var hearCallRoute = route{
	method: http.MethodGet, path: callPath + "/recording", id: "hearCall", tag: "calls",
	summary: "The sound of a recorded call, as a WAV file", role: access.Viewer,
	text: "Two channels of G.711 mu-law, 8,000 samples a second: the contact on the left, our " +
		"side on the right. A part may be asked for (Range).",
	problems: []string{"not-found", "no-environment"},
}

func (s *Server) tapeRoutes() []operation {
	return []operation{
		plain(hearCallRoute, (*desk).hearCall, describeHearCall),
		described(route{
			method: http.MethodDelete, path: callPath + "/recording", id: "eraseCall",
			tag: "calls", summary: "Remove the sound of a call", role: access.Admin,
			status: http.StatusNoContent, text: "The call itself, and what was said, stay.",
			problems: []string{"not-found", "no-environment"},
		}, s.eraseCall),
	}
}

func describeHearCall(_ *desk, op *huma.Operation) {
	op.Parameters = append(op.Parameters,
		inPath("environment", "Name of the environment", "sandbox"),
		inPath("id", "ID of the call", ""))
	op.Responses["200"].Content = soundOf()
	op.Responses["206"] = &huma.Response{
		Description: http.StatusText(http.StatusPartialContent), Content: soundOf(),
	}
}

// recorded reports whether the sound of a call is kept. Calls are recorded once
// they are answered.
func (s *Server) recorded(c voice.Call) bool {
	return s.Tapes != nil && c.Status == voice.Ended && !c.AnsweredAt.IsZero() &&
		s.Tapes.Recorded(c.Environment, c.ID)
}

// hearCall answers with the sound of a call.
func (d *desk) hearCall() handler {
	return func(w http.ResponseWriter, r *http.Request, _ access.Identity) {
		env := dnc.Environment(r.PathValue("environment"))
		call, err := d.Store.Call(r.Context(), env, r.PathValue("id"))
		if err == nil && d.Tapes == nil {
			err = voice.ErrNoTape
		}
		if err != nil {
			d.fail(w, r, err)
			return
		}
		sound, at, err := d.Tapes.Play(env, call.ID)
		if err != nil {
			d.fail(w, r, err)
			return
		}
		defer sound.Close()
		w.Header().Set("Content-Type", wav)
		http.ServeContent(w, r, "", at, sound)
	}
}

func (s *Server) eraseCall(ctx context.Context, in *OfCall) (*struct{}, error) {
	call, err := s.Store.Call(ctx, in.Environment, in.ID)
	if err != nil {
		return nil, err
	}
	if s.Tapes == nil {
		return nil, voice.ErrNoTape
	}
	if err := s.Tapes.Erase(in.Environment, call.ID); err != nil {
		return nil, err
	}
	s.Log.InfoContext(ctx, "recording of a call removed", "call", call.ID, "by", asker(ctx).Name)
	s.List.Bell.Ring(in.Environment)
	return nil, nil
}
