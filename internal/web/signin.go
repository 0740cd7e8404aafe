package web

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"nocall/internal/access"
)

// signInPage is what the page to sign in shows.
type signInPage struct {
	Next    string
	Name    string
	Problem string
}

func (s *Server) signInForm(v *visit) (answer, error) {
	next := local(v.FormValue("next"))
	if cookie, err := v.Cookie(access.Cookie); err == nil {
		if _, err := s.Access.Session(v.Context(), cookie.Value); err == nil {
			return redirect(next), nil
		}
	}
	return show("sign-in", "Sign in", signInPage{Next: next}), nil
}

func (s *Server) signIn(v *visit) (answer, error) {
	page := signInPage{Next: local(v.PostFormValue("next")), Name: v.PostFormValue("user")}
	token, session, err := s.Access.SignIn(v.Context(), access.Credentials{
		Name: page.Name, Password: v.PostFormValue("password"), Address: address(v.Request),
	})
	wrong := show("sign-in", "Sign in", page)
	switch {
	case errors.Is(err, access.ErrUnknown):
		page.Problem = "The user or the password is wrong."
		wrong.status = http.StatusUnauthorized
	case errors.Is(err, access.ErrTooMany):
		page.Problem = "Too many attempts to sign in. Try again in a few minutes."
		wrong.status = http.StatusTooManyRequests
	case err != nil:
		return answer{}, err
	default:
		return redirect(page.Next).with(s.sessionCookie(token, session.ExpiresAt)), nil
	}
	wrong.data = page
	return wrong, nil
}

func (s *Server) signOut(v *visit) (answer, error) {
	if cookie, err := v.Cookie(access.Cookie); err == nil {
		err := s.Access.SignOut(v.Context(), cookie.Value)
		if err != nil && !errors.Is(err, access.ErrUnknown) {
			return answer{}, err
		}
	}
	return redirect("/sign-in").with(s.sessionCookie("", time.Unix(1, 0))), nil
}

func (s *Server) sessionCookie(token string, expires time.Time) *http.Cookie {
	return &http.Cookie{
		Name: access.Cookie, Value: token, Path: "/", Expires: expires,
		HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode,
	}
}

// signInPath returns the way to sign in and back to what r asks for.
func signInPath(r *http.Request) string {
	if r.Method != http.MethodGet || r.URL.Path == "/" {
		return "/sign-in"
	}
	return "/sign-in?next=" + url.QueryEscape(r.URL.RequestURI())
}
