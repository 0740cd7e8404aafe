package web

import (
	"errors"
	"net/http"
	"strings"

	"nocall/internal/access"
	"nocall/internal/dnc"
)

// usersPage is the list of those who may sign in.
type usersPage struct {
	Users []access.User
	Me    string
}

// userForm is a dialog about a user, as it was filled in.
type userForm struct {
	User     access.User
	Worlds   []dnc.World
	Password string // proposed for a new one
	Problem  string
}

func (s *Server) users(v *visit) (answer, error) {
	users, err := s.Access.Store.Users(v.Context())
	return show("users", "Users", usersPage{users, v.who.Name}), err
}

func (s *Server) newUser(v *visit) (answer, error) {
	return dialog("user-new", "New User", userForm{
		User:   access.User{Role: access.Member},
		Worlds: v.worlds, Password: access.NewPassword(),
	}), nil
}

func (s *Server) addUser(v *visit) (answer, error) {
	form := userForm{
		User: access.User{
			Name:        strings.TrimSpace(v.PostFormValue("name")),
			Role:        access.Role(v.PostFormValue("role")),
			Environment: dnc.Environment(v.PostFormValue("only")),
		},
		Worlds: v.worlds, Password: v.PostFormValue("password"),
	}
	_, err := s.Access.AddUser(v.Context(), form.User, form.Password)
	if form.Problem = userProblem(err); form.Problem != "" {
		return dialog("user-new", "New User", form).refused(http.StatusUnprocessableEntity), nil
	}
	return done("The user "+form.User.Name+" was added.", "/users"), err
}

// userProblem says what is wrong with what was filled in; "" where err is no
// fault of the visitor's.
func userProblem(err error) string {
	for _, theirs := range []error{
		access.ErrUserExists, access.ErrUserName, access.ErrPassword, access.ErrRole,
	} {
		if errors.Is(err, theirs) {
			return sentence(theirs)
		}
	}
	return ""
}

// user returns the user that the path names.
func (s *Server) user(v *visit) (access.User, error) {
	return s.Access.Store.User(v.Context(), v.PathValue("name"))
}

func (s *Server) passwordForm(v *visit) (answer, error) {
	user, err := s.user(v)
	return dialog("user-password", "Set Password", userForm{
		User: user, Password: access.NewPassword(),
	}), err
}

func (s *Server) setPassword(v *visit) (answer, error) {
	user, err := s.user(v)
	if err != nil {
		return answer{}, err
	}
	form := userForm{User: user, Password: v.PostFormValue("password")}
	err = s.Access.SetPassword(v.Context(), user.Name, form.Password)
	if form.Problem = userProblem(err); form.Problem != "" {
		return dialog("user-password", "Set Password", form).
			refused(http.StatusUnprocessableEntity), nil
	}
	return done("The password of "+user.Name+" was set. Sessions of "+user.Name+" have ended.",
		"/users"), err
}

func (s *Server) removeUserForm(v *visit) (answer, error) {
	user, err := s.user(v)
	return dialog("user-delete", "Delete User", userForm{User: user}), err
}

func (s *Server) removeUser(v *visit) (answer, error) {
	user, err := s.user(v)
	if err != nil {
		return answer{}, err
	}
	if user.Name == v.who.Name {
		return dialog("user-delete", "Delete User", userForm{
			User: user, Problem: "You cannot delete yourself.",
		}).refused(http.StatusConflict), nil
	}
	err = s.Access.Store.RemoveUser(v.Context(), user.Name)
	return done("The user "+user.Name+" was deleted.", "/users"), err
}
