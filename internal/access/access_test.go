package access_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"nocall/internal/access"
	"nocall/internal/dnc"
)

// memory is an access.Store that keeps everything in maps.
type memory struct {
	mu       sync.Mutex // guards following
	users    map[string]access.User
	keys     map[string]access.Key
	sessions map[access.Hash]access.Session
	keyReads int
}

func newAccess() (*access.Access, *memory) {
	m := &memory{
		users: make(map[string]access.User), keys: make(map[string]access.Key),
		sessions: make(map[access.Hash]access.Session),
	}
	return &access.Access{Store: m}, m
}

func (m *memory) AddUser(_ context.Context, u access.User) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.users[u.Name]; ok {
		return access.ErrUserExists
	}
	m.users[u.Name] = u
	return nil
}

func (m *memory) User(_ context.Context, name string) (access.User, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	u, ok := m.users[name]
	if !ok {
		return access.User{}, access.ErrNoUser
	}
	return u, nil
}

func (m *memory) Users(context.Context) ([]access.User, error) { return nil, nil }

func (m *memory) SetPassword(_ context.Context, u access.User) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.users[u.Name] = u
	clear(m.sessions)
	return nil
}

func (m *memory) RemoveUser(_ context.Context, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.users, name)
	return nil
}

func (m *memory) AddKey(_ context.Context, k access.Key) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.keys[k.ID] = k
	return nil
}

func (m *memory) Key(_ context.Context, id string) (access.Key, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.keyReads++
	k, ok := m.keys[id]
	if !ok {
		return access.Key{}, access.ErrNoKey
	}
	return k, nil
}

func (m *memory) Keys(context.Context, dnc.Environment) ([]access.Key, error) { return nil, nil }

func (m *memory) RemoveKey(_ context.Context, _ dnc.Environment, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.keys, id)
	return nil
}

func (m *memory) AddSession(_ context.Context, s access.Session) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sessions[s.Hash] = s
	return nil
}

func (m *memory) Session(_ context.Context, h access.Hash) (access.Session, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.sessions[h]
	if !ok {
		return access.Session{}, access.ErrUnknown
	}
	return s, nil
}

func (m *memory) RemoveSession(_ context.Context, h access.Hash) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.sessions, h)
	return nil
}

func (m *memory) RemoveSessionsBefore(context.Context, time.Time) error { return nil }

func TestKey(t *testing.T) {
	a, m := newAccess()
	secret, k, err := a.NewKey(t.Context(), access.Key{
		Environment: "production", Name: "dialer", Role: access.Member,
	})
	if err != nil {
		t.Fatal(err)
	}
	want := access.Identity{
		Name: "key dialer", Role: access.Member, Environment: "production", KeyID: k.ID,
	}
	for range 3 {
		if got, err := a.Authenticate(t.Context(), secret); got != want || err != nil {
			t.Fatalf("Authenticate = %+v, %v; want %+v", got, err, want)
		}
	}
	if m.keyReads != 1 {
		t.Errorf("read the key %d times, want once", m.keyReads)
	}
	if strings.Contains(secret, string(k.Hash[:])) {
		t.Error("the secret holds its hash")
	}

	last := secret[len(secret)-1]
	for _, wrong := range []string{
		"", "x", "nocall", "nocall_production", "nocall_production_" + k.ID,
		"nocall_production_" + k.ID + "_", secret + "x", secret[:len(secret)-1],
		secret[:len(secret)-1] + string(last^1), strings.ToUpper(secret),
		strings.Replace(secret, "production", "sandbox", 1), strings.Repeat("a", 1<<20),
	} {
		if _, err := a.Authenticate(t.Context(), wrong); !errors.Is(err, access.ErrUnknown) {
			t.Errorf("Authenticate(%.40q) = %v, want ErrUnknown", wrong, err)
		}
	}

	if err := a.RemoveKey(t.Context(), "production", k.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Authenticate(t.Context(), secret); !errors.Is(err, access.ErrUnknown) {
		t.Errorf("Authenticate of a removed key = %v, want ErrUnknown", err)
	}
}

func TestMay(t *testing.T) {
	for _, tt := range []struct {
		role, needed access.Role
		bound, env   dnc.Environment
		want         bool
	}{
		{access.Viewer, access.Viewer, "", "sandbox", true},
		{access.Viewer, access.Member, "", "sandbox", false},
		{access.Member, access.Member, "", "sandbox", true},
		{access.Member, access.Admin, "", "sandbox", false},
		{access.Admin, access.Admin, "", "sandbox", true},
		{access.Admin, access.Viewer, "sandbox", "sandbox", true},
		{access.Admin, access.Viewer, "sandbox", "production", false},
		{"", access.Viewer, "", "sandbox", false},
		{"", "", "", "sandbox", false}, // no role allows nothing, even nothing
		{"root", access.Viewer, "", "sandbox", false},
	} {
		id := access.Identity{Role: tt.role, Environment: tt.bound}
		if err := id.May(tt.needed, tt.env); (err == nil) != tt.want {
			t.Errorf("%q of %q may %q in %q: %v, want %v",
				tt.role, tt.bound, tt.needed, tt.env, err, tt.want)
		}
	}
}

func TestSignIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, _ := newAccess()
		ada := access.User{Name: "ada", Role: access.Admin}
		u, err := a.AddUser(t.Context(), ada, "correct horse")
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(u.Password, "correct horse") {
			t.Error("the password is kept")
		}
		for _, tt := range []struct {
			name, password string
			want           error
		}{
			{"ada", "correct horse", nil},
			{"ada", "correct horses", access.ErrUnknown},
			{"ada", "", access.ErrUnknown},
			{"bob", "correct horse", access.ErrUnknown},
			{"", "", access.ErrUnknown},
		} {
			_, _, err := a.SignIn(t.Context(), access.Credentials{
				Name: tt.name, Password: tt.password,
			})
			if !errors.Is(err, tt.want) {
				t.Errorf("SignIn(%q, %q) = %v, want %v", tt.name, tt.password, err, tt.want)
			}
		}

		token, _, err := a.SignIn(t.Context(), access.Credentials{
			Name: "ada", Password: "correct horse",
		})
		if err != nil {
			t.Fatal(err)
		}
		id, err := a.Session(t.Context(), token)
		if id.Name != "ada" || id.Role != access.Admin || err != nil {
			t.Errorf("Session = %+v, %v; want ada, admin", id, err)
		}
		if _, err := a.Session(t.Context(), token+"x"); !errors.Is(err, access.ErrUnknown) {
			t.Errorf("Session of another token = %v, want ErrUnknown", err)
		}
		<-time.After(access.SessionLife)
		if _, err := a.Session(t.Context(), token); !errors.Is(err, access.ErrUnknown) {
			t.Errorf("Session when it is over = %v, want ErrUnknown", err)
		}
	})
}

func TestGuessingIsSlowedDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, _ := newAccess()
		if _, err := a.AddUser(t.Context(), access.User{Name: "ada", Role: access.Viewer},
			"correct horse"); err != nil {
			t.Fatal(err)
		}
		right := access.Credentials{Name: "ada", Password: "correct horse", Address: "192.0.2.1"}
		wrong := right
		wrong.Password = "battery staple"
		for range 10 {
			if _, _, err := a.SignIn(t.Context(), wrong); !errors.Is(err, access.ErrUnknown) {
				t.Fatalf("SignIn with a wrong password = %v, want ErrUnknown", err)
			}
		}
		if _, _, err := a.SignIn(t.Context(), right); !errors.Is(err, access.ErrTooMany) {
			t.Errorf("SignIn after ten wrong passwords = %v, want ErrTooMany", err)
		}
		elsewhere := right
		elsewhere.Address = "192.0.2.2"
		if _, _, err := a.SignIn(t.Context(), elsewhere); err != nil {
			t.Errorf("SignIn from another address = %v, want none", err)
		}
		<-time.After(5 * time.Minute)
		if _, _, err := a.SignIn(t.Context(), right); err != nil {
			t.Errorf("SignIn after five minutes = %v, want none", err)
		}
	})
}

func TestAddUser(t *testing.T) {
	a, _ := newAccess()
	for _, tt := range []struct {
		name, password string
		role           access.Role
		want           error
	}{
		{"ada@example.com", "12345678", access.Viewer, nil},
		{"ada@example.com", "12345678", access.Viewer, access.ErrUserExists},
		{"", "12345678", access.Viewer, access.ErrUserName},
		{"a b", "12345678", access.Viewer, access.ErrUserName},
		{"a\nb", "12345678", access.Viewer, access.ErrUserName},
		{strings.Repeat("a", 101), "12345678", access.Viewer, access.ErrUserName},
		{"bob", "1234567", access.Viewer, access.ErrPassword},
		{"bob", strings.Repeat("a", 201), access.Viewer, access.ErrPassword},
		{"bob", "12345678", "owner", access.ErrRole},
	} {
		_, err := a.AddUser(t.Context(), access.User{Name: tt.name, Role: tt.role}, tt.password)
		if !errors.Is(err, tt.want) {
			t.Errorf("AddUser(%q, %q, %q) = %v, want %v",
				tt.name, tt.password, tt.role, err, tt.want)
		}
	}
}
