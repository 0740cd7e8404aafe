package web

import (
	"context"
	"errors"
	"net/http"

	"nocall/internal/access"
	"nocall/internal/campaign"
	"nocall/internal/dialer"
	"nocall/internal/dnc"
	"nocall/internal/registry"
	"nocall/internal/scrub"
	"nocall/internal/voice"
)

// failure says what went wrong, to a person.
type failure struct {
	Status int
	Title  string
	Text   string
}

// errNotFound reports a page that is not there.
var errNotFound = errors.New("web: no such page")

func notFound(*visit) (answer, error) { return answer{}, errNotFound }

// failures gives the errors that a person can do something about.
var failures = []struct {
	err error
	failure
}{
	{errNotFound, failure{
		http.StatusNotFound, "Page not found",
		"There is nothing at this address. It may have been mistyped, or what was here is gone.",
	}},
	{dnc.ErrNoEnvironment, failure{
		http.StatusNotFound, "Environment not found",
		"There is no environment of this name, or you may not see it.",
	}},
	{dnc.ErrNoImport, failure{
		http.StatusNotFound, "Import not found", "There is no such import in this environment.",
	}},
	{dnc.ErrUndone, failure{
		http.StatusConflict, "Undone already", "The import was undone before.",
	}},
	{dnc.ErrNotListed, failure{
		http.StatusNotFound, "Not on the list",
		"This number is not on the do-not-call list. It may have been deleted in the meantime.",
	}},
	{voice.ErrNoCall, failure{
		http.StatusNotFound, "Call not found", "There is no such call in this environment.",
	}},
	{campaign.ErrNoCampaign, failure{
		http.StatusNotFound, "Campaign not found",
		"There is no such campaign in this environment. It may have been deleted.",
	}},
	{campaign.ErrState, failure{
		http.StatusConflict, "Not now",
		"The campaign is in a state that does not allow this. Pause it first, or reload the page.",
	}},
	{voice.ErrNoProvider, failure{
		http.StatusNotFound, "Provider not found", "There is no such provider in this environment.",
	}},
	{voice.ErrNoAgent, failure{
		http.StatusNotFound, "Agent not found", "There is no such agent in this environment.",
	}},
	{voice.ErrNoRecording, failure{
		http.StatusNotFound, "Recording not found",
		"There is no such recording in this environment.",
	}},
	{voice.ErrNoFinding, failure{
		http.StatusNotFound, "Finding not found", "There is no such finding on this call.",
	}},
	{scrub.ErrNoResult, failure{
		http.StatusNotFound, "Result not found",
		"What came of a scrub is kept for a day, and not through a restart. Scrub the file again.",
	}},
	{voice.ErrNoTape, failure{
		http.StatusNotFound, "No recording",
		"This call was not recorded, or its recording was deleted.",
	}},
	{voice.ErrNoNumber, failure{
		http.StatusNotFound, "Number not found", "This is not one of our numbers.",
	}},
	{voice.ErrInUse, failure{
		http.StatusConflict, "Still in use", "Something else uses it still.",
	}},
	{registry.ErrNoRegistry, failure{
		http.StatusNotFound, "Registry not found", "There is no such registry any more.",
	}},
	{registry.ErrNoVersion, failure{
		http.StatusNotFound, "Version not found",
		"There is no such version, or it is not kept any more.",
	}},
	{registry.ErrInUse, failure{
		http.StatusConflict, "Still in use",
		"An environment subscribes to the registry. It must unsubscribe first.",
	}},
	{registry.ErrNoExemption, failure{
		http.StatusNotFound, "Exemption not found",
		"There is no such exemption, or it has ended already.",
	}},
	{access.ErrNoKey, failure{
		http.StatusNotFound, "Key not found", "There is no such key. It may have been revoked.",
	}},
	{access.ErrNoUser, failure{
		http.StatusNotFound, "User not found", "There is no such user.",
	}},
	{access.ErrForbidden, failure{
		http.StatusForbidden, "Not allowed", "Your role does not allow this.",
	}},
	{dnc.ErrUnready, failure{
		http.StatusServiceUnavailable, "The list is not ready",
		"It is being read in, or may lag behind the database. Until then nothing is cleared, " +
			"and no call goes out.",
	}},
	{dialer.ErrTooManyCalls, failure{
		http.StatusConflict, "Too many calls",
		"The environment has as many calls as it allows at once. Try again in a moment.",
	}},
	{dialer.ErrPaced, failure{
		http.StatusConflict, "Shown too often",
		"This caller ID is shown as often as its pace allows. Show another, or try again later.",
	}},
	{dialer.ErrNotSandbox, failure{
		http.StatusConflict, "Not here", "The demo runs in the sandbox only.",
	}},
}

// explain returns what is said about err, or false for one that is nobody's
// fault but ours.
func explain(err error) (failure, bool) {
	for _, f := range failures {
		if errors.Is(err, f.err) {
			return f.failure, true
		}
	}
	return failure{
		http.StatusInternalServerError, "Something went wrong",
		"The server could not do this. It has been noted in the log.",
	}, false
}

// fail writes what went wrong: a page to a person, words to a script.
func (s *Server) fail(w http.ResponseWriter, v *visit, err error) {
	if errors.Is(err, errSignedOut) {
		if v.partial() {
			http.Error(w, "You have been signed out.", http.StatusUnauthorized)
			return
		}
		http.Redirect(w, v.Request, signInPath(v.Request), http.StatusSeeOther)
		return
	}
	f, known := explain(err)
	if !known && !errors.Is(err, context.Canceled) {
		s.Log.ErrorContext(v.Context(), "answer", "route", v.Pattern, "err", err)
	}
	if v.partial() {
		http.Error(w, f.Title+". "+f.Text, f.Status)
		return
	}
	s.render(w, v, show("failure", f.Title, f).refused(f.Status))
}
