package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"nocall/internal/voice"
)

// agentsPage is what the page Agents shows: who speaks, and what is played.
type agentsPage struct {
	Agents     []voice.Agent
	Recordings []voice.Recording
}

// Recording returns what a recording is called.
func (p agentsPage) Recording(id string) string { return recordingName(p.Recordings, id) }

func recordingName(all []voice.Recording, id string) string {
	i := slices.IndexFunc(all, func(r voice.Recording) bool { return r.ID == id })
	if i < 0 {
		return id
	}
	return all[i].Name
}

func (s *Server) agents(v *visit) (answer, error) {
	agents, err := s.Store.Agents(v.Context(), v.env())
	if err != nil {
		return answer{}, err
	}
	recordings, err := s.Store.Recordings(v.Context(), v.env())
	return show("agents", "Agents", agentsPage{agents, recordings}), err
}

// agentForm is the dialog about an agent, as it was filled in.
type agentForm struct {
	Agent      voice.Agent
	New        bool
	Recordings []voice.Recording
	Keys       []string
	RingFor    string // seconds; "" for as long as usual
	Wrong      problems
	Problem    string
}

func (s *Server) agentDialog(v *visit, form agentForm) (answer, error) {
	title := "Edit " + form.Agent.Name
	if form.New {
		title = "Add agent"
	}
	var err error
	form.Recordings, err = s.Store.Recordings(v.Context(), v.env())
	form.Keys = keypad
	a := dialog("agent-form", title, form)
	if len(form.Wrong) > 0 {
		a = a.refused(http.StatusUnprocessableEntity)
	}
	return a, err
}

func (s *Server) newAgent(v *visit) (answer, error) {
	return s.agentDialog(v, agentForm{
		New: true, Agent: voice.Agent{Kind: voice.Recorded, OptOutKey: voice.DefaultKey},
	})
}

// agent returns the agent that the path names.
func (s *Server) agent(v *visit) (voice.Agent, error) {
	return s.Store.Agent(v.Context(), v.env(), v.PathValue("name"))
}

func (s *Server) editAgentForm(v *visit) (answer, error) {
	agent, err := s.agent(v)
	if err != nil {
		return answer{}, err
	}
	return s.agentDialog(v, agentForm{
		Agent: agent, RingFor: unlessZero(agent.RingFor.Seconds()),
	})
}

// readAgent returns the agent that was sent, with nothing that is not of its
// kind.
func readAgent(v *visit, name string) voice.Agent {
	a := voice.Agent{
		Environment: v.env(), Name: name, Kind: voice.AgentKind(v.PostFormValue("kind")),
		OptOutKey: v.PostFormValue("opt_out_key"), Confirmation: v.PostFormValue("confirmation"),
	}
	switch a.Kind {
	case voice.Recorded:
		a.Recording = v.PostFormValue("recording")
	case voice.Bridged:
		a.Address = v.PostFormValue("address")
	case voice.Streamed:
		a.URL = v.PostFormValue("url")
	}
	a.Normalize()
	return a
}

func (s *Server) addAgent(v *visit) (answer, error) {
	form := agentForm{
		New: true, Agent: readAgent(v, v.PostFormValue("name")), Wrong: make(problems),
	}
	form.readRing(v)
	form.Agent.CreatedAt = now()
	form.Wrong.addAll(form.Agent.Problems())
	if len(form.Wrong) == 0 {
		err := s.Store.AddAgent(v.Context(), form.Agent)
		if err == nil {
			s.List.Bell.Ring(v.env())
			return done("The agent "+form.Agent.Name+" was added.", v.in("/agents")), nil
		}
		if err := form.refuse(err); err != nil {
			return answer{}, err
		}
	}
	return s.agentDialog(v, form)
}

// readRing reads how long a bridge is rung.
func (f *agentForm) readRing(v *visit) {
	if f.Agent.Kind != voice.Bridged {
		return
	}
	f.RingFor = strings.TrimSpace(v.PostFormValue("ring_for"))
	f.Agent.RingFor = time.Duration(f.Wrong.number("ring_for", f.RingFor, true)) * time.Second
}

func (f *agentForm) refuse(err error) error {
	switch {
	case errors.Is(err, voice.ErrExists):
		f.Wrong.add("name", "There is an agent of this name already.")
	case errors.Is(err, voice.ErrNoRecording):
		f.Wrong.add("recording", "The recording is not there any more.")
	default:
		return err
	}
	return nil
}

func (s *Server) editAgent(v *visit) (answer, error) {
	was, err := s.agent(v)
	if err != nil {
		return answer{}, err
	}
	form := agentForm{Agent: readAgent(v, was.Name), Wrong: make(problems)}
	form.readRing(v)
	form.Wrong.addAll(form.Agent.Problems())
	if len(form.Wrong) == 0 {
		_, err := s.Store.ChangeAgent(v.Context(), v.env(), was.Name,
			func(kept *voice.Agent) error {
				form.Agent.CreatedAt = kept.CreatedAt
				*kept = form.Agent
				return nil
			})
		if err == nil {
			s.List.Bell.Ring(v.env())
			return done("The agent "+was.Name+" was changed.", v.in("/agents")), nil
		}
		if err := form.refuse(err); err != nil {
			return answer{}, err
		}
	}
	return s.agentDialog(v, form)
}

func (s *Server) removeAgentForm(v *visit) (answer, error) {
	agent, err := s.agent(v)
	return dialog("agent-delete", "Delete "+agent.Name, agentForm{Agent: agent}), err
}

func (s *Server) removeAgent(v *visit) (answer, error) {
	agent, err := s.agent(v)
	if err != nil {
		return answer{}, err
	}
	err = s.Store.RemoveAgent(v.Context(), v.env(), agent.Name)
	if errors.Is(err, voice.ErrInUse) {
		return dialog("agent-delete", "Delete "+agent.Name, agentForm{
			Agent: agent, Problem: "Campaigns or numbers use it still.",
		}).refused(http.StatusConflict), nil
	}
	s.List.Bell.Ring(v.env())
	return done("The agent "+agent.Name+" was deleted.", v.in("/agents")), err
}
