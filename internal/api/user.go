package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"nocall/internal/access"
	"nocall/internal/dnc"
)

const (
	usersPath = "/v1/users"
	userPath  = usersPath + "/{name}"
	userPlace = usersPath + "/{}name"
)

// User is a user as it is answered: never the password.
type User struct {
	Name        string           `json:"name" example:"ada@example.com"`
	Role        access.Role      `json:"role" enum:"admin,member,viewer"`
	Environment *dnc.Environment `json:"environment" doc:"The only one the user may see; null for all"`
	CreatedAt   time.Time        `json:"created_at"`
}

// NewUser is a user on the day it is made.
type NewUser struct {
	User
	Password *string `json:"password" doc:"Where none was given: one made up, shown once. Else null"`
}

func userOf(u access.User) User {
	return User{u.Name, u.Role, orNil(u.Environment), u.CreatedAt.UTC()}
}

// limited says how far an admin of one environment can reach.
const limited = "A key, or an admin who may see one environment alone, knows only users who may " +
	"see that environment alone."

func (s *Server) userRoutes() []operation {
	return []operation{
		described(route{
			method: http.MethodGet, path: usersPath, id: "listUsers", tag: "access",
			summary: "The users, by name", text: limited, role: access.Admin,
			problems: []string{"malformed", "invalid"},
		}, s.listUsers),
		described(route{
			method: http.MethodPost, path: usersPath, id: "addUser", tag: "access",
			summary: "Make a user who can sign in on the page", role: access.Admin,
			text:   limited + " Without a password one is made up and shown once.",
			status: http.StatusCreated, makes: makesSecret, place: userPlace,
			problems: []string{"exists", "no-environment"},
		}, s.addUser),
		described(route{
			method: http.MethodPatch, path: userPath, id: "changeUser", tag: "access",
			summary: "Set a user's password", text: limited + " It ends the user's sessions.",
			role: access.Admin, problems: []string{"not-found"},
		}, s.changeUser),
		described(route{
			method: http.MethodDelete, path: userPath, id: "removeUser", tag: "access",
			summary: "Take a user away, with the user's sessions",
			text:    limited + " The last admin of all environments stays.",
			role:    access.Admin, status: http.StatusNoContent,
			problems: []string{"not-found", "conflict"},
		}, s.removeUser),
	}
}

type userPage struct{ Body page[User] }

func (s *Server) listUsers(ctx context.Context, in *struct{ Paging }) (*userPage, error) {
	kept, err := s.Access.Store.Users(ctx)
	if err != nil {
		return nil, err
	}
	id := asker(ctx)
	var known []User
	for _, u := range kept {
		if id.May(access.Admin, u.Environment) == nil {
			known = append(known, userOf(u))
		}
	}
	found, err := pageOf(known, in.Paging, askedFor("users"), func(u User) string { return u.Name })
	if err != nil {
		return nil, err
	}
	return &userPage{found}, nil
}

type userAsked struct {
	Body struct {
		Name        string           `json:"name" example:"ada@example.com"`
		Password    *string          `json:"password,omitempty" doc:"8 to 200 characters" nullable:"false"`
		Role        access.Role      `json:"role" enum:"admin,member,viewer"`
		Environment *dnc.Environment `json:"environment,omitempty" nullable:"true" doc:"The only one the user may see; null for all that the asker may see"`
	}
}

type addedUser struct {
	Location string `header:"Location"`
	Body     NewUser
}

func (s *Server) addUser(ctx context.Context, in *userAsked) (*addedUser, error) {
	id := asker(ctx)
	u := access.User{Name: in.Body.Name, Role: in.Body.Role, Environment: id.Environment}
	if in.Body.Environment != nil && *in.Body.Environment != "" {
		u.Environment = *in.Body.Environment
	}
	if err := mayIn(id, access.Admin, u.Environment); err != nil {
		return nil, at("body.environment", err)
	}
	if u.Environment != "" {
		if _, err := s.Store.World(ctx, u.Environment); err != nil {
			return nil, at("body.environment", err)
		}
	}
	var shown *string
	password := in.Body.Password
	if password == nil {
		made := access.NewPassword()
		shown, password = &made, &made
	}
	u, err := s.Access.AddUser(ctx, u, *password)
	if err != nil {
		return nil, userError(err)
	}
	return &addedUser{
		placeOf(userPlace, "", u.Name), NewUser{userOf(u), shown},
	}, nil
}

// userError says in which field a user is not acceptable.
func userError(err error) error {
	for field, wrong := range map[string]error{
		"name": access.ErrUserName, "password": access.ErrPassword, "role": access.ErrRole,
	} {
		if errors.Is(err, wrong) {
			return at("body."+field, err)
		}
	}
	return err
}

// OfUser is the path of one user.
type OfUser struct {
	Name string `path:"name" example:"ada@example.com"`
}

type oneUser struct{ Body User }

func (s *Server) changeUser(ctx context.Context, in *struct {
	OfUser
	Body struct {
		Password string `json:"password" doc:"8 to 200 characters"`
	}
},
) (*oneUser, error) {
	u, err := s.userKnown(ctx, in.Name)
	if err != nil {
		return nil, err
	}
	if err := s.Access.SetPassword(ctx, u.Name, in.Body.Password); err != nil {
		return nil, userError(err)
	}
	return &oneUser{userOf(u)}, nil
}

func (s *Server) removeUser(ctx context.Context, in *OfUser) (*struct{}, error) {
	u, err := s.userKnown(ctx, in.Name)
	if err != nil {
		return nil, err
	}
	last, err := s.lastAdmin(ctx, u)
	if err != nil {
		return nil, err
	}
	if last {
		return nil, errLastAdmin
	}
	return nil, s.Access.Store.RemoveUser(ctx, u.Name)
}

// userKnown returns a user whom the asker may know of, or access.ErrNoUser.
func (s *Server) userKnown(ctx context.Context, name string) (access.User, error) {
	u, err := s.Access.Store.User(ctx, name)
	if err != nil {
		return access.User{}, err
	}
	if asker(ctx).May(access.Admin, u.Environment) != nil {
		return access.User{}, access.ErrNoUser
	}
	return u, nil
}

// lastAdmin reports whether without u nobody would be admin of everything.
func (s *Server) lastAdmin(ctx context.Context, u access.User) (bool, error) {
	if u.Role != access.Admin || u.Environment != "" {
		return false, nil
	}
	all, err := s.Access.Store.Users(ctx)
	if err != nil {
		return false, err
	}
	for _, other := range all {
		if other.Name != u.Name && other.Role == access.Admin && other.Environment == "" {
			return false, nil
		}
	}
	return true, nil
}
