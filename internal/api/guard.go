package api

import (
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"nocall/internal/access"
	"nocall/internal/dnc"
)

// Errors of those who ask.
var (
	errCrossOrigin = errors.New("api: request with a session comes from another site")
	errOtherKey    = errors.New("api: key belongs to another environment")
	errRate        = errors.New("api: too many requests")
	errGuessing    = errors.New("api: too many requests with a wrong key")
)

// guard lets through to h who may ask for rt.
func (d *desk) guard(rt route, h handler) http.Handler {
	if rt.role == "" {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h(w, r, access.Identity{})
		})
	}
	inside := strings.Contains(rt.path, "{environment}")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, err := d.identify(r, time.Now())
		switch {
		case err != nil:
		case inside:
			err = mayIn(id, rt.role, dnc.Environment(r.PathValue("environment")))
		case !id.Role.Allows(rt.role):
			err = access.ErrForbidden
		}
		if err != nil {
			d.fail(w, r, err)
			return
		}
		h(w, r, id)
	})
}

// mayIn is [access.Identity.May], and says whether it was the environment that
// was wrong.
func mayIn(id access.Identity, needed access.Role, env dnc.Environment) error {
	err := id.May(needed, env)
	if err != nil && id.Role.Allows(needed) {
		return errOtherKey
	}
	return err
}

// identify returns who asks, and counts that they do.
func (d *desk) identify(r *http.Request, now time.Time) (access.Identity, error) {
	id, err := d.known(r)
	if err != nil {
		return id, err
	}
	who := id.KeyID
	if who == "" {
		who = "user " + id.Name
	}
	if !d.keys.allow(who, now) {
		return id, errRate
	}
	return id, nil
}

// known returns whose key a request comes with, or who is signed in.
func (d *desk) known(r *http.Request) (access.Identity, error) {
	if header := r.Header["Authorization"]; len(header) > 0 {
		secret, ok := bearer(header[0])
		if !ok {
			return access.Identity{}, access.ErrUnknown
		}
		return d.Access.Authenticate(r.Context(), secret)
	}
	cookie, err := r.Cookie(access.Cookie)
	if err != nil {
		return access.Identity{}, access.ErrUnknown
	}
	if err := d.crossOrigin.Check(r); err != nil {
		return access.Identity{}, errCrossOrigin
	}
	return d.Access.Session(r.Context(), cookie.Value)
}

// bearer returns the secret in an Authorization header.
func bearer(header string) (string, bool) {
	scheme, secret, ok := strings.Cut(header, " ")
	if !ok || !strings.EqualFold(scheme, "bearer") {
		return "", false
	}
	return strings.TrimSpace(secret), true
}

// refuse counts a request of one who is not known, and says how it is refused.
func (d *desk) refuse(r *http.Request) error {
	address, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		address = r.RemoteAddr
	}
	if !d.failures.allow(address, time.Now()) {
		return errGuessing
	}
	return access.ErrUnknown
}
