package web

import (
	"errors"
	"io"
	"net/http"

	"nocall/internal/voice"
)

// recordingForm is the dialog about a recording, as it was filled in.
type recordingForm struct {
	Recording voice.Recording
	Wrong     problems
	Problem   string
}

func (s *Server) newRecording(*visit) (answer, error) {
	return dialog("recording-new", "Upload recording", recordingForm{}), nil
}

func (s *Server) addRecording(v *visit) (answer, error) {
	at := now()
	form := recordingForm{Wrong: make(problems), Recording: voice.Recording{
		Environment: v.env(), ID: voice.NewID(at), Name: v.FormValue("name"), CreatedAt: at,
	}}
	form.Recording.Normalize()
	form.Wrong.addAll(form.Recording.Problems())
	s.readAudio(v, &form)
	if len(form.Wrong) > 0 {
		return dialog("recording-new", "Upload recording", form).
			refused(http.StatusUnprocessableEntity), nil
	}
	if err := s.Store.AddRecording(v.Context(), form.Recording); err != nil {
		return answer{}, err
	}
	s.List.Bell.Ring(v.env())
	return done("The recording "+form.Recording.Name+" was added.", v.in("/agents")), nil
}

// readAudio reads the file that was sent, or notes what is wrong with it.
func (s *Server) readAudio(v *visit, form *recordingForm) {
	file, _, err := v.FormFile("file")
	if v.MultipartForm != nil {
		defer v.MultipartForm.RemoveAll()
	}
	if err != nil {
		form.Wrong.add("audio", fileProblem(err))
		return
	}
	defer file.Close()
	if s.ReadWAV == nil {
		form.Wrong.add("audio", "This node reads no recordings.")
		return
	}
	form.Recording.Audio, err = s.ReadWAV(file)
	if err != nil {
		form.Wrong.add("audio", sentence(err))
		return
	}
	form.Recording.Duration = voice.LengthOf(form.Recording.Audio)
}

// recording returns the recording that the path names, with its audio.
func (s *Server) recording(v *visit) (voice.Recording, error) {
	return s.Store.Recording(v.Context(), v.env(), v.PathValue("id"))
}

func (s *Server) removeRecordingForm(v *visit) (answer, error) {
	r, err := s.recording(v)
	return dialog("recording-delete", "Delete "+r.Name, recordingForm{Recording: r}), err
}

func (s *Server) removeRecording(v *visit) (answer, error) {
	r, err := s.recording(v)
	if err != nil {
		return answer{}, err
	}
	err = s.Store.RemoveRecording(v.Context(), v.env(), r.ID)
	if errors.Is(err, voice.ErrInUse) {
		return dialog("recording-delete", "Delete "+r.Name, recordingForm{
			Recording: r, Problem: "Agents or campaigns play it still.",
		}).refused(http.StatusConflict), nil
	}
	s.List.Bell.Ring(v.env())
	return done("The recording "+r.Name+" was deleted.", v.in("/agents")), err
}

// hearRecording sends a recording as browsers play it.
func (s *Server) hearRecording(v *visit) (answer, error) {
	r, err := s.recording(v)
	return answer{file: &download{
		kind: "audio/wav", name: r.ID + ".wav",
		write: func(w io.Writer) error { return r.WriteWAV(w) },
	}}, err
}
