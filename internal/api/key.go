package api

import (
	"context"
	"net/http"
	"time"

	"nocall/internal/access"
	"nocall/internal/dnc"
)

const (
	keysPath = "/v1/environments/{environment}/keys"
	keyPath  = keysPath + "/{id}"
	keyPlace = keysPath + "/{}id"
)

// Key is a key as it is answered: never its secret.
type Key struct {
	ID          string          `json:"id"`
	Name        string          `json:"name" example:"dialer"`
	Role        access.Role     `json:"role" enum:"admin,member,viewer"`
	Environment dnc.Environment `json:"environment"`
	CreatedAt   time.Time       `json:"created_at"`
}

// NewKey is a key on the day it is made.
type NewKey struct {
	Key
	Secret *string `json:"secret" doc:"What the program sends. Shown once and kept nowhere: null when the answer is given again for the same Idempotency-Key"`
}

func keyOf(k access.Key) Key {
	return Key{k.ID, k.Name, k.Role, k.Environment, k.CreatedAt.UTC()}
}

func (s *Server) keyRoutes() []operation {
	return []operation{
		described(route{
			method: http.MethodGet, path: keysPath, id: "listKeys", tag: "access",
			summary: "The keys of an environment, without their secrets", role: access.Admin,
			problems: []string{"malformed", "invalid", "no-environment"},
		}, s.listKeys),
		described(route{
			method: http.MethodPost, path: keysPath, id: "addKey", tag: "access",
			summary: "Make a key", role: access.Admin, status: http.StatusCreated,
			makes: makesSecret, place: keyPlace, problems: []string{"no-environment"},
		}, s.addKey),
		described(route{
			method: http.MethodDelete, path: keyPath, id: "removeKey", tag: "access",
			summary: "Take a key away", role: access.Admin, status: http.StatusNoContent,
			text:     "It is refused from then on, also where it asks for its own removal.",
			problems: []string{"not-found", "no-environment"},
		}, s.removeKey),
	}
}

type keyPage struct{ Body page[Key] }

func (s *Server) listKeys(ctx context.Context, in *struct {
	InEnvironment
	Paging
},
) (*keyPage, error) {
	if _, err := s.Store.World(ctx, in.Environment); err != nil {
		return nil, err
	}
	kept, err := s.Access.Store.Keys(ctx, in.Environment)
	if err != nil {
		return nil, err
	}
	all := make([]Key, len(kept))
	for i, k := range kept {
		all[i] = keyOf(k)
	}
	// Oldest first; the ID settles what was made in one instant.
	found, err := pageOf(all, in.Paging, askedFor("keys", string(in.Environment)),
		func(k Key) string { return k.CreatedAt.Format("20060102150405.000000") + " " + k.ID })
	if err != nil {
		return nil, err
	}
	return &keyPage{found}, nil
}

type keyAsked struct {
	InEnvironment
	Body struct {
		Name string      `json:"name,omitempty" maxLength:"100" doc:"What it is for; the role if it is left out" example:"dialer"`
		Role access.Role `json:"role" enum:"admin,member,viewer"`
	}
}

type addedKey struct {
	Location string `header:"Location"`
	Body     NewKey
}

func (s *Server) addKey(ctx context.Context, in *keyAsked) (*addedKey, error) {
	if _, err := s.Store.World(ctx, in.Environment); err != nil {
		return nil, err
	}
	made, err := s.makeKey(ctx, access.Key{
		Environment: in.Environment, Name: in.Body.Name, Role: in.Body.Role,
	})
	if err != nil {
		return nil, err
	}
	return &addedKey{placeOf(keyPlace, in.Environment, made.ID), made}, nil
}

func (s *Server) makeKey(ctx context.Context, k access.Key) (NewKey, error) {
	secret, made, err := s.Access.NewKey(ctx, k)
	return NewKey{keyOf(made), &secret}, err
}

func (s *Server) removeKey(ctx context.Context, in *struct {
	InEnvironment
	ID string `path:"id"`
},
) (*struct{}, error) {
	return nil, s.Access.RemoveKey(ctx, in.Environment, in.ID)
}
