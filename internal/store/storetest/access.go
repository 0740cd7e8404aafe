package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"nocall/internal/access"
	"nocall/internal/dnc"
)

func testUsers(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	ada := access.User{Name: "ada", Role: access.Admin, Password: "$argon2id$1", CreatedAt: at(1)}
	zoe := access.User{
		Name: "Zoé", Role: access.Viewer, Environment: "sandbox", Password: "x", CreatedAt: at(2),
	}
	for _, u := range []access.User{ada, zoe} {
		if err := s.AddUser(ctx, u); err != nil {
			t.Fatalf("AddUser(%s) = %v", u.Name, err)
		}
	}
	if err := s.AddUser(ctx, ada); !errors.Is(err, access.ErrUserExists) {
		t.Errorf("AddUser(again) = %v; want ErrUserExists", err)
	}
	if got, err := s.Users(ctx); !slices.Equal(got, []access.User{zoe, ada}) {
		t.Errorf("Users = %+v, %v; want Zoé and ada", got, err)
	}
	h := access.Hash{1}
	if err := s.AddSession(ctx, access.Session{Hash: h, User: "ada"}); err != nil {
		t.Fatal(err)
	}
	ada.Password = "$argon2id$2"
	if err := s.SetPassword(ctx, ada); err != nil {
		t.Errorf("SetPassword = %v", err)
	}
	if _, err := s.Session(ctx, h); !errors.Is(err, access.ErrUnknown) {
		t.Errorf("Session after a new password = %v; want ErrUnknown", err)
	}
	if got, err := s.User(ctx, "ada"); got != ada || err != nil {
		t.Errorf("User = %+v, %v; want %+v", got, err, ada)
	}
	if err := s.RemoveUser(ctx, "ada"); err != nil {
		t.Errorf("RemoveUser = %v", err)
	}
	for _, err := range []error{
		second(s.User(ctx, "ada")), s.SetPassword(ctx, ada), s.RemoveUser(ctx, "ada"),
	} {
		if !errors.Is(err, access.ErrNoUser) {
			t.Errorf("no such user: %v; want ErrNoUser", err)
		}
	}
}

func testKeys(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	var keys []access.Key
	for i, env := range []dnc.Environment{"production", "sandbox", "production"} {
		k := access.Key{
			ID: fmt.Sprint("k", 9-i), Environment: env, Name: "a key", Role: access.Member,
			Hash: access.Hash{byte(i), 0xff, 31: 7}, CreatedAt: at(i),
		}
		if err := s.AddKey(ctx, k); err != nil {
			t.Fatal(err)
		}
		keys = append(keys, k)
	}
	if got, err := s.Key(ctx, "k8"); got != keys[1] || err != nil {
		t.Errorf("Key = %+v, %v; want %+v", got, err, keys[1])
	}
	if got, err := s.Keys(ctx, ""); !slices.Equal(got, keys) {
		t.Errorf("Keys = %+v, %v; want %+v", got, err, keys)
	}
	if got, err := s.Keys(ctx, "production"); len(got) != 2 || got[1] != keys[2] {
		t.Errorf("Keys(production) = %+v, %v; want two", got, err)
	}
	if err := s.RemoveKey(ctx, "sandbox", "k9"); !errors.Is(err, access.ErrNoKey) {
		t.Errorf("RemoveKey(of another environment) = %v; want ErrNoKey", err)
	}
	if err := s.RemoveKey(ctx, "production", "k9"); err != nil {
		t.Errorf("RemoveKey = %v", err)
	}
	if _, err := s.Key(ctx, "k9"); !errors.Is(err, access.ErrNoKey) {
		t.Errorf("Key = %v; want ErrNoKey", err)
	}
	lost := access.Key{ID: "k0", Environment: "nowhere"}
	if err := s.AddKey(ctx, lost); !errors.Is(err, dnc.ErrNoEnvironment) {
		t.Errorf("AddKey(nowhere) = %v; want ErrNoEnvironment", err)
	}
}

func testSessions(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	for i := range 3 {
		a := access.Session{
			Hash: access.Hash{byte(i)}, User: "ada", CreatedAt: at(0), ExpiresAt: at(10 * i),
		}
		if err := s.AddSession(ctx, a); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Session(ctx, a.Hash); got != a || err != nil {
			t.Errorf("Session = %+v, %v; want %+v", got, err, a)
		}
	}
	if err := s.RemoveSessionsBefore(ctx, at(10)); err != nil {
		t.Error(err)
	}
	if err := s.RemoveSession(ctx, access.Hash{2}); err != nil {
		t.Error(err)
	}
	for i, want := range []error{access.ErrUnknown, nil, access.ErrUnknown} {
		if _, err := s.Session(ctx, access.Hash{byte(i)}); !errors.Is(err, want) {
			t.Errorf("Session(%d) = %v; want %v", i, err, want)
		}
	}
}

func testReplies(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	claim := access.Reply{
		Environment: "production", Key: "key first/1", RequestHash: [32]byte{1, 2},
		CreatedAt: at(1),
	}
	got, held, err := s.ClaimReply(ctx, claim)
	if !held || err != nil || got.Status != 0 || got.Key != claim.Key {
		t.Errorf("ClaimReply = %+v, %v, %v; want it held", got, held, err)
	}
	got, held, err = s.ClaimReply(ctx, claim)
	if held || err != nil || got.Status != 0 || got.RequestHash != claim.RequestHash {
		t.Errorf("ClaimReply(again) = %+v, %v, %v; want it under way", got, held, err)
	}
	answer := claim
	answer.Status, answer.ContentType = 201, "application/json"
	answer.Body = []byte("{\"a\":\"\x00\xff\"}")
	if err := s.SaveReply(ctx, answer); err != nil {
		t.Errorf("SaveReply = %v", err)
	}
	got, held, err = s.ClaimReply(ctx, claim)
	if held || err != nil || got.Status != 201 || got.ContentType != answer.ContentType ||
		!bytes.Equal(got.Body, answer.Body) || got.CreatedAt != at(1) {
		t.Errorf("ClaimReply(answered) = %+v, %v, %v; want %+v", got, held, err, answer)
	}
	other := claim
	other.Environment = "sandbox"
	if _, held, err := s.ClaimReply(ctx, other); !held || err != nil {
		t.Errorf("ClaimReply(other environment) = %v, %v; want it held", held, err)
	}
	if err := s.DropReply(ctx, "production", claim.Key); err != nil {
		t.Errorf("DropReply = %v", err)
	}
	if _, held, err := s.ClaimReply(ctx, claim); !held || err != nil {
		t.Errorf("ClaimReply(dropped) = %v, %v; want it held", held, err)
	}
	if err := s.RemoveRepliesBefore(ctx, at(2)); err != nil {
		t.Errorf("RemoveRepliesBefore = %v", err)
	}
	if _, held, err := s.ClaimReply(ctx, other); !held || err != nil {
		t.Errorf("ClaimReply(removed) = %v, %v; want it held", held, err)
	}
}

func testClaims(t *testing.T, d *database) {
	s := d.startWith(t)
	var held atomic.Int32
	var clients sync.WaitGroup
	for range 40 {
		clients.Go(func() {
			_, mine, err := s.ClaimReply(t.Context(), access.Reply{
				Environment: "production", Key: "k", CreatedAt: at(1),
			})
			if err != nil {
				t.Errorf("ClaimReply = %v", err)
			}
			if mine {
				held.Add(1)
			}
		})
	}
	clients.Wait()
	if n := held.Load(); n != 1 {
		t.Errorf("%d hold the reply; want 1", n)
	}
}
