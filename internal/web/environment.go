package web

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"nocall/internal/access"
	"nocall/internal/dialer"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/optout"
)

// rememberCookie names the environment that was looked at last.
const rememberCookie = "nocall_environment"

// maxConcurrentCalls is the greatest number of outbound calls at once.
const maxConcurrentCalls = 100_000

// home leads to the environment that was looked at last.
func (s *Server) home(v *visit) (answer, error) {
	last := lastSeen(v)
	if last.Name == "" {
		return answer{}, dnc.ErrNoEnvironment
	}
	return redirect("/e/" + string(last.Name) + "/overview"), nil
}

// lastSeen returns the environment that the visitor looked at last: where none
// is remembered the sandbox, or else the first; zero where there is none.
func lastSeen(v *visit) dnc.World {
	name := dialer.Sandbox
	if cookie, err := v.Cookie(rememberCookie); err == nil {
		name = dnc.Environment(cookie.Value)
	}
	named := slices.IndexFunc(v.worlds, func(w dnc.World) bool { return w.Name == name })
	switch {
	case len(v.worlds) == 0:
		return dnc.World{}
	case named < 0:
		return v.worlds[0]
	}
	return v.worlds[named]
}

func (s *Server) environmentHome(v *visit) (answer, error) {
	return redirect(v.in("/overview")), nil
}

// remember returns the cookie that names the environment of v.
func (s *Server) remember(v *visit) *http.Cookie {
	return &http.Cookie{
		Name: rememberCookie, Value: string(v.env()), Path: "/", MaxAge: 365 * 24 * 3600,
		HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode,
	}
}

// worldsPage is the list of environments.
type worldsPage struct {
	Worlds []worldRow
}

type worldRow struct {
	dnc.World
	Entries int
	Known   bool // how many entries there are
}

func (s *Server) worlds(v *visit) (answer, error) {
	var page worldsPage
	for _, w := range v.worlds {
		counts, err := s.Index.Counts(w.Name)
		page.Worlds = append(page.Worlds, worldRow{w, counts.Total, err == nil})
	}
	return show("worlds", "Environments", page), nil
}

// worldForm is a dialog about an environment, as it was filled in.
type worldForm struct {
	Name    string
	Problem string
}

func (s *Server) newWorld(*visit) (answer, error) {
	return dialog("world-new", "Add Environment", worldForm{}), nil
}

func (s *Server) addWorld(v *visit) (answer, error) {
	form := worldForm{Name: v.PostFormValue("name")}
	name, err := dnc.ParseEnvironment(form.Name)
	if err == nil {
		_, err = s.Store.AddWorld(v.Context(), dnc.World{
			Name: name, Settings: dnc.DefaultSettings(), CreatedAt: now(),
		}, v.who.Name)
	}
	switch {
	case errors.Is(err, dnc.ErrEnvironmentName):
		form.Problem = "Use 1 to 63 of a–z, 0–9 and dashes, and no dash in front."
	case errors.Is(err, dnc.ErrEnvironmentExists):
		form.Problem = "There is an environment of this name already."
	case err != nil:
		return answer{}, err
	default:
		return done("The environment "+form.Name+" was added.", "/environments"), nil
	}
	return dialog("world-new", "Add Environment", form).
		refused(http.StatusUnprocessableEntity), nil
}

// settingsPage is the settings of one environment, and its keys.
type settingsPage struct {
	dnc.Settings
	Calls   string // MaxConcurrentCalls, as it was typed
	Regions []string
	Keys    []access.Key
	Problem string
	Most    int
}

func (s *Server) settings(v *visit) (answer, error) {
	return s.settingsWith(v, settingsPage{
		Settings: v.world.Settings,
		Calls:    strconv.Itoa(v.world.Settings.MaxConcurrentCalls),
	})
}

func (s *Server) settingsWith(v *visit, page settingsPage) (answer, error) {
	keys, err := s.Access.Store.Keys(v.Context(), v.env())
	page.Keys, page.Regions, page.Most = keys, e164.Regions(), maxConcurrentCalls
	return show("settings", "Settings", page), err
}

func (s *Server) changeSettings(v *visit) (answer, error) {
	wanted := dnc.Settings{
		DefaultRegion:   v.PostFormValue("default_region"),
		OptOutDetection: v.PostFormValue("opt_out_detection") != "",
		OptOutPreset:    readPreset(v),
		Hidden:          v.PostFormValue("hidden") != "",
	}
	page := settingsPage{Settings: wanted, Calls: v.PostFormValue("max_concurrent_calls")}
	calls, err := strconv.Atoi(page.Calls)
	if err != nil || calls < 1 || calls > maxConcurrentCalls {
		page.Problem = fmt.Sprintf("Calls at once want a number from 1 to %s.",
			count(maxConcurrentCalls))
	}
	if wanted.DefaultRegion != "" && !e164.KnownRegion(wanted.DefaultRegion) {
		page.Problem = "The region is not one that is known."
	}
	if page.Problem != "" {
		a, err := s.settingsWith(v, page)
		return a.refused(http.StatusUnprocessableEntity), err
	}
	wanted.MaxConcurrentCalls = calls
	_, err = s.Store.ChangeWorld(v.Context(), v.env(), v.who.Name, func(set *dnc.Settings) error {
		set.DefaultRegion, set.MaxConcurrentCalls = wanted.DefaultRegion, wanted.MaxConcurrentCalls
		set.OptOutDetection, set.OptOutPreset = wanted.OptOutDetection, wanted.OptOutPreset
		set.Hidden = wanted.Hidden
		return nil
	})
	return done("The settings were saved.", v.in("/settings")), err
}

// readPreset reads what shall become of words that can be meant either way; as it
// is where nothing that is known was sent.
func readPreset(v *visit) string {
	switch p := optout.Preset(v.PostFormValue("opt_out_preset")); p {
	case optout.Strict, optout.Balanced, optout.Cautious:
		return string(p)
	}
	return v.world.Settings.OptOutPreset
}

// presetChoice is one preset, with what it does.
type presetChoice struct {
	Name optout.Preset
	Text string
}

var presets = []presetChoice{
	{
		optout.Cautious,
		"They are listed until a person has looked: nobody who asked is called meanwhile.",
	},
	{optout.Balanced, "They wait for a person on the page Review, and are not listed meanwhile."},
	{optout.Strict, "Nothing becomes of them: only clear requests count."},
}

// Presets returns the presets to choose from.
func (settingsPage) Presets() []presetChoice { return presets }

// Preset returns the preset that is chosen.
func (p settingsPage) Preset() optout.Preset {
	return cmp.Or(optout.Preset(p.OptOutPreset), optout.Cautious)
}

func (s *Server) removeWorldForm(*visit) (answer, error) {
	return dialog("world-delete", "Delete Environment", worldForm{}), nil
}

func (s *Server) removeWorld(v *visit) (answer, error) {
	form := worldForm{Name: v.PostFormValue("name")}
	if form.Name != string(v.env()) {
		form.Problem = "This is not the name of the environment."
		return dialog("world-delete", "Delete Environment", form).
			refused(http.StatusUnprocessableEntity), nil
	}
	if n := s.Dialer.Active(v.env()); n > 0 {
		form.Problem = "It has " + plural(n, "call", "calls") + " under way. Wait for their end."
		return dialog("world-delete", "Delete Environment", form).
			refused(http.StatusConflict), nil
	}
	if err := s.Store.RemoveWorld(v.Context(), v.env(), v.who.Name); err != nil {
		return answer{}, err
	}
	s.Access.Forget(v.env())
	if s.Tapes != nil {
		if err := s.Tapes.EraseAll(v.env()); err != nil {
			return answer{}, err
		}
	}
	to := "/"
	if v.who.May(access.Admin, "") == nil {
		to = "/environments"
	}
	return redirect(to), nil
}
