package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"nocall/client"
)

func ExampleClient_Check() {
	server := listing("+14155550123")
	defer server.Close()
	c := &client.Client{Server: server.URL, Environment: "production"}

	answer, err := c.Check(context.Background(), "+14155550123")
	if err != nil {
		fmt.Println("nothing is certain, no call:", err)
		return
	}
	fmt.Println(answer.Number, answer.Verdict)
	// Output: +14155550123 listed
}

func ExampleClient_Place() {
	server := listing("+14155550123")
	defer server.Close()
	c := &client.Client{Server: server.URL, Environment: "production"}

	_, err := c.Place(context.Background(), client.Placing{Number: "+14155550123"})
	var problem *client.Problem
	if errors.As(err, &problem) && errors.Is(err, client.ErrListed) {
		fmt.Println("not called, see", problem.CallID)
	}
	// Output: not called, see c_31
}

// listing stands in for a server on whose list number is.
func listing(number string) *httptest.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/environments/production/check/{number}",
		func(w http.ResponseWriter, r *http.Request) {
			verdict := "clear"
			if r.PathValue("number") == number {
				verdict = "listed"
			}
			fmt.Fprintf(w, `{"number":%q,"verdict":%q}`, r.PathValue("number"), verdict)
		})
	mux.HandleFunc("POST /v1/environments/production/calls",
		func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusConflict)
			fmt.Fprint(w, `{"type":"/problems/listed","detail":"listed","call_id":"c_31"}`)
		})
	return httptest.NewServer(mux)
}
