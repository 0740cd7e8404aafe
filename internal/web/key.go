package web

import (
	"errors"
	"net/http"
	"slices"

	"nocall/internal/access"
)

// keyForm is a dialog about a key.
type keyForm struct {
	Key     access.Key
	Secret  string // of a key just made, shown once
	Problem string
}

func (s *Server) newKey(*visit) (answer, error) {
	return dialog("key-new", "New API Key", keyForm{Key: access.Key{Role: access.Member}}), nil
}

func (s *Server) addKey(v *visit) (answer, error) {
	form := keyForm{Key: access.Key{
		Environment: v.env(), Name: v.PostFormValue("name"),
		Role: access.Role(v.PostFormValue("role")),
	}}
	secret, made, err := s.Access.NewKey(v.Context(), form.Key)
	if errors.Is(err, access.ErrRole) {
		form.Problem = sentence(err)
		return dialog("key-new", "New API Key", form).refused(http.StatusUnprocessableEntity), nil
	}
	return dialog("key-made", "Key Made", keyForm{Key: made, Secret: secret}), err
}

// key returns the key that the path names.
func (s *Server) key(v *visit) (access.Key, error) {
	keys, err := s.Access.Store.Keys(v.Context(), v.env())
	if err != nil {
		return access.Key{}, err
	}
	i := slices.IndexFunc(keys, func(k access.Key) bool { return k.ID == v.PathValue("id") })
	if i < 0 {
		return access.Key{}, access.ErrNoKey
	}
	return keys[i], nil
}

func (s *Server) removeKeyForm(v *visit) (answer, error) {
	key, err := s.key(v)
	return dialog("key-revoke", "Revoke API Key", keyForm{Key: key}), err
}

func (s *Server) removeKey(v *visit) (answer, error) {
	key, err := s.key(v)
	if err != nil {
		return answer{}, err
	}
	err = s.Access.RemoveKey(v.Context(), v.env(), key.ID)
	return done("The key "+key.Name+" was revoked.", v.in("/settings")), err
}
