package web

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"slices"
	"strings"

	"nocall/internal/access"
	"nocall/internal/dnc"
)

// answer is what an action answers: a page or a dialog to show, words that say
// what was done, or another page to go to.
type answer struct {
	page   string // name of the template
	title  string
	data   any
	dialog bool // the page is a dialog, shown over the page that asks for it
	status int  // of HTTP; 0 for 200
	said   string
	goTo   string
	file   *download
	cookie *http.Cookie
}

// show answers with a page.
func show(page, title string, data any) answer {
	return answer{page: page, title: title, data: data}
}

// dialog answers with a dialog.
func dialog(page, title string, data any) answer {
	return answer{page: page, title: title, data: data, dialog: true}
}

// refused is dialog for a form that could not be accepted.
func (a answer) refused(status int) answer {
	a.status = status
	return a
}

func (a answer) with(c *http.Cookie) answer {
	a.cookie = c
	return a
}

// redirect answers with another page.
func redirect(to string) answer { return answer{goTo: to} }

// done answers that something was done, in words, and where to see it.
func done(said, seen string) answer { return answer{said: said, goTo: seen} }

// layout is what every template is given.
type layout struct {
	Title    string
	Static   string // path of the static files
	Platform string
	Version  string
	Path     string // of the page within its environment, such as /dnc-list
	Who      access.Identity
	World    dnc.World
	Worlds   []dnc.World // to choose from
	Ready    bool
	Reviews  int // findings that wait for a person
	Dialog   bool
	Data     any
}

// CanEdit reports whether the visitor may change the list.
func (l layout) CanEdit() bool { return l.Who.May(access.Member, l.World.Name) == nil }

// IsAdmin reports whether the visitor may change the environment.
func (l layout) IsAdmin() bool { return l.Who.May(access.Admin, l.World.Name) == nil }

// RunsServer reports whether the visitor may change environments and users.
func (l layout) RunsServer() bool { return l.Who.May(access.Admin, "") == nil }

// In returns the path of something in the environment.
func (l layout) In(path string) string { return "/e/" + string(l.World.Name) + path }

// At reports whether the page is at path, or below it.
func (l layout) At(path string) bool { return strings.HasPrefix(l.Path+"/", path+"/") }

// Stays reports whether the page is there in every environment.
func (l layout) Stays() bool {
	return slices.Contains([]string{
		"/dnc-list", "/call-history", "/review", "/scrub", "/settings",
		"/campaigns", "/agents", "/numbers", "/providers", "/registries", "/exemptions",
		"/imports",
	}, l.Path)
}

// serve returns the handler of a route.
func (s *Server) serve(route route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Add("Vary", "HX-Request")
		v, err := s.visit(r, route.needs)
		if err != nil {
			s.fail(w, v, err)
			return
		}
		v.out = http.NewResponseController(w)
		a, err := route.do(v)
		if err != nil {
			s.fail(w, v, err)
			return
		}
		s.answer(w, v, a)
	})
}

// answer writes a. A script is told what was done; a person is led on.
func (s *Server) answer(w http.ResponseWriter, v *visit, a answer) {
	if a.cookie == nil && v.env() != "" && !a.dialog {
		a.cookie = s.remember(v)
	}
	if a.cookie != nil {
		http.SetCookie(w, a.cookie)
	}
	switch {
	case a.file != nil:
		s.send(w, v, a.file)
	case a.said != "" && v.partial():
		w.Header().Set("HX-Retarget", "#said")
		w.Header().Set("HX-Reswap", "innerHTML")
		w.Header().Set("HX-Reselect", "unset")
		s.render(w, v, dialog("said", "", a.said))
	case a.goTo != "" && v.partial():
		w.Header().Set("HX-Redirect", a.goTo)
	case a.goTo != "":
		http.Redirect(w, v.Request, a.goTo, http.StatusSeeOther)
	default:
		s.render(w, v, a)
	}
}

// render writes a page whole, or not at all.
func (s *Server) render(w http.ResponseWriter, v *visit, a answer) {
	block := "shell"
	if a.dialog && v.partial() {
		block = "content"
	}
	var text bytes.Buffer
	if err := s.pages[a.page].ExecuteTemplate(&text, block, s.layout(v, a)); err != nil {
		s.Log.ErrorContext(v.Context(), "render page", "page", a.page, "err", err)
		http.Error(w, "The page could not be made.", http.StatusInternalServerError)
		return
	}
	if a.status == 0 {
		a.status = http.StatusOK
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Add("Vary", "Accept-Encoding")
	if !acceptsGzip(v.Request) {
		w.WriteHeader(a.status)
		_, _ = w.Write(text.Bytes()) // the browser went away
		return
	}
	w.Header().Set("Content-Encoding", "gzip")
	w.WriteHeader(a.status)
	packed := gzip.NewWriter(w)
	_, _ = packed.Write(text.Bytes())
	_ = packed.Close()
}

func (s *Server) layout(v *visit, a answer) layout {
	l := layout{
		Title: a.title, Static: s.static.path, Platform: s.Platform, Version: s.Version,
		Who: v.who, World: v.world, Ready: s.Index.Ready(), Dialog: a.dialog, Data: a.data,
	}
	if v.env() != "" {
		l.Path = strings.TrimPrefix(v.URL.Path, v.in(""))
		l.Title += " · " + string(v.env())
	} else {
		l.Path = v.URL.Path
		l.World = lastSeen(v)
	}
	l.Reviews = s.openReviews(v, a, l.World.Name)
	for _, w := range v.worlds {
		if !w.Settings.Hidden || w.Name == l.World.Name {
			l.Worlds = append(l.Worlds, w)
		}
	}
	return l
}

// openReviews returns how many findings wait for a person, for a page that shows
// it: what is in the frame of a page does not keep the page from being shown.
func (s *Server) openReviews(v *visit, a answer, env dnc.Environment) int {
	if env == "" || v.who.Name == "" || a.dialog && v.partial() {
		return 0
	}
	n, err := s.Store.OpenReviews(v.Context(), env)
	if err != nil {
		s.Log.ErrorContext(v.Context(), "count open reviews", "err", err)
	}
	return n
}

func acceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, quality, _ := strings.Cut(strings.TrimSpace(part), ";")
		if name == "gzip" && strings.TrimSpace(quality) != "q=0" {
			return true
		}
	}
	return false
}
