package api

import (
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"nocall/internal/access"
	"nocall/internal/dnc"
)

func (s *Server) healthRoutes() []operation {
	routes := []operation{
		plain(route{
			method: http.MethodGet, path: "/healthz", id: "health", tag: "health",
			summary: "Whether the process lives",
		}, (*desk).health, describeStatus),
		plain(route{
			method: http.MethodGet, path: "/readyz", id: "ready", tag: "health",
			summary:  "Whether every list is read and current, so that numbers can be cleared",
			problems: []string{"unready", "held"},
		}, (*desk).ready, describeStatus),
	}
	if s.Metrics == nil {
		return routes
	}
	return append(routes, plain(route{
		method: http.MethodGet, path: "/metrics", id: "metrics", tag: "health",
		summary: "Figures for Prometheus",
		text:    "Open to all who reach the server: there is no number and no secret in them.",
	}, (*desk).metrics, describeMetrics))
}

func describeStatus(_ *desk, op *huma.Operation) {
	op.Responses["200"].Content = map[string]*huma.MediaType{"application/json": {
		Schema: &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{
			"status": {Type: huma.TypeString},
		}},
	}}
}

func describeMetrics(_ *desk, op *huma.Operation) {
	op.Responses["200"].Content = map[string]*huma.MediaType{
		"text/plain": {Schema: &huma.Schema{Type: huma.TypeString}},
	}
}

func (d *desk) health() handler {
	return func(w http.ResponseWriter, _ *http.Request, _ access.Identity) {
		w.Header()["Content-Type"] = jsonType
		io.WriteString(w, `{"status":"ok"}`+"\n") //nolint:errcheck // whoever asked is gone
	}
}

func (d *desk) ready() handler {
	return func(w http.ResponseWriter, r *http.Request, _ access.Identity) {
		err := dnc.ErrUnready
		if d.Ready != nil {
			err = d.Ready()
		}
		if err != nil {
			d.fail(w, r, err)
			return
		}
		w.Header()["Content-Type"] = jsonType
		io.WriteString(w, `{"status":"ready"}`+"\n") //nolint:errcheck // whoever asked is gone
	}
}

func (d *desk) metrics() handler {
	return func(w http.ResponseWriter, r *http.Request, _ access.Identity) {
		d.Metrics.ServeHTTP(w, r)
	}
}
