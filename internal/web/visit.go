package web

import (
	"errors"
	"net"
	"net/http"
	"net/url"

	"nocall/internal/access"
	"nocall/internal/dnc"
)

// visit is one request, with who makes it and where.
type visit struct {
	*http.Request
	who    access.Identity // zero for one who is not signed in
	token  string          // of the session
	worlds []dnc.World     // those the visitor may see, by name
	world  dnc.World       // the one that the path names; zero for none
	out    *http.ResponseController
}

// action does what one route is for.
type action func(v *visit) (answer, error)

// env returns the environment that the path names.
func (v *visit) env() dnc.Environment { return v.world.Name }

// in returns the path of something in the environment of the visit.
func (v *visit) in(path string) string { return "/e/" + string(v.env()) + path }

// partial reports whether a script of ours asks, and not a person.
func (v *visit) partial() bool { return v.Header.Get("HX-Request") == "true" }

// errSignedOut reports a visitor who has to sign in first.
var errSignedOut = errors.New("web: not signed in")

// visit finds out who makes a request, and lets in who may do what needs role
// needed there.
func (s *Server) visit(r *http.Request, needed access.Role) (*visit, error) {
	v := &visit{Request: r}
	if needed == "" {
		return v, nil
	}
	cookie, err := r.Cookie(access.Cookie)
	if err != nil {
		return v, errSignedOut
	}
	v.token = cookie.Value
	who, err := s.Access.Session(r.Context(), cookie.Value)
	if errors.Is(err, access.ErrUnknown) {
		return v, errSignedOut
	}
	if err != nil {
		return v, err
	}
	v.who = who
	if err := s.enter(v); err != nil {
		return v, err
	}
	where := v.env()
	if where == "" && needed == access.Viewer {
		where = who.Environment // pages of no environment are anybody's to see
	}
	return v, who.May(needed, where)
}

// enter finds the environments that the visitor may see, and the one that the
// path names among them.
func (s *Server) enter(v *visit) error {
	all, err := s.Store.Worlds(v.Context())
	if err != nil {
		return err
	}
	name := dnc.Environment(v.PathValue("environment"))
	for _, w := range all {
		if v.who.May(access.Viewer, w.Name) != nil {
			continue
		}
		v.worlds = append(v.worlds, w)
		if w.Name == name {
			v.world = w
		}
	}
	if name != "" && v.world.Name == "" {
		return dnc.ErrNoEnvironment
	}
	return nil
}

// address returns where a request comes from, without the port.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// local returns path when it leads to a page of ours, and "/" otherwise.
func local(path string) string {
	u, err := url.Parse(path)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil {
		return "/"
	}
	if len(path) < 2 || path[0] != '/' || path[1] == '/' || path[1] == '\\' {
		return "/"
	}
	return path
}
