package web

import "testing"

func TestSmoke(t *testing.T) {
	h := newHouse(t)
	h.add("sandbox", "+14155550123", "x")
	c := h.inbound("sandbox", "+14155550124")
	h.say(c, "contact", "please don't call me again")
	b := h.as("ada@example.com")
	for _, p := range []string{"/", "/e/sandbox/overview", "/e/sandbox/dnc-list", "/e/sandbox/dnc-list/new", "/e/sandbox/dnc-list/14155550123", "/e/sandbox/dnc-list/14155550123/edit", "/e/sandbox/dnc-list/14155550123/delete", "/e/sandbox/call-history", "/e/sandbox/call-history/" + c.ID, "/e/sandbox/settings", "/e/sandbox/delete", "/e/sandbox/keys/new", "/environments", "/environments/new", "/users", "/users/new", "/nowhere", "/users/ada@example.com/delete", "/users/ada@example.com/password"} {
		r := b.get(p)
		t.Log(p, r.status, len(r.body), r.header)
		if r.status >= 400 {
			t.Log(r.body)
		}
	}
}
