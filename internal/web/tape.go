package web

import (
	"nocall/internal/voice"
)

// recorded reports whether the sound of a call is kept.
func (s *Server) recorded(c voice.Call) bool {
	return s.Tapes != nil && c.Status == voice.Ended && !c.AnsweredAt.IsZero() &&
		s.Tapes.Recorded(c.Environment, c.ID)
}

// taped returns the call that the path names, which is recorded.
func (s *Server) taped(v *visit) (voice.Call, error) {
	call, err := s.Store.Call(v.Context(), v.env(), v.PathValue("id"))
	if err == nil && !s.recorded(call) {
		err = voice.ErrNoTape
	}
	return call, err
}

// hearCall sends the sound of a call, or the part that is asked for.
func (s *Server) hearCall(v *visit) (answer, error) {
	call, err := s.taped(v)
	if err != nil {
		return answer{}, err
	}
	sound, at, err := s.Tapes.Play(v.env(), call.ID)
	return answer{file: &download{
		kind: "audio/wav", name: call.ID + ".wav", sound: sound, at: at,
	}}, err
}

func (s *Server) eraseCallForm(v *visit) (answer, error) {
	call, err := s.taped(v)
	return dialog("call-delete", "Delete recording", callPage{Call: call}), err
}

func (s *Server) eraseCall(v *visit) (answer, error) {
	call, err := s.taped(v)
	if err != nil {
		return answer{}, err
	}
	if err := s.Tapes.Erase(v.env(), call.ID); err != nil {
		return answer{}, err
	}
	s.Log.InfoContext(v.Context(), "recording of a call removed", "call", call.ID, "by", v.who.Name)
	s.List.Bell.Ring(v.env())
	return done("The recording of the call was deleted.", v.in("/call-history/"+call.ID)), nil
}
