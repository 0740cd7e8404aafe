package node

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics serves what can be measured of the node, for Prometheus.
func (n *Node) metrics() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		figures{n},
	)
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		MaxRequestsInFlight: 4, Timeout: 10 * time.Second,
	})
}

// figures reads the node's own figures when they are asked for, so that
// nothing is counted on the way of a check.
type figures struct{ node *Node }

var (
	readyDesc = prometheus.NewDesc("nocall_ready",
		"1 when every list is read and current, else 0: nothing is cleared.", nil, nil)
	entriesDesc = prometheus.NewDesc("nocall_entries",
		"Numbers on the do-not-call list.", []string{"environment"}, nil)
	activeDesc = prometheus.NewDesc("nocall_active_calls",
		"Outbound calls at providers.", []string{"environment"}, nil)
	endedDesc = prometheus.NewDesc("nocall_ended_calls_total",
		"Calls that have ended, by disposition.", []string{"environment", "disposition"}, nil)
	skippedDesc = prometheus.NewDesc("nocall_skipped_calls_total",
		"Calls not placed or recalled, by reason.", []string{"environment", "skip_reason"}, nil)
	optOutDesc = prometheus.NewDesc("nocall_opt_out_calls_total",
		"Calls in which an opt-out was heard.", []string{"environment"}, nil)
)

// Describe implements [prometheus.Collector].
func (f figures) Describe(c chan<- *prometheus.Desc) {
	c <- readyDesc
	c <- entriesDesc
	c <- activeDesc
	c <- endedDesc
	c <- skippedDesc
	c <- optOutDesc
}

// Collect implements [prometheus.Collector].
func (f figures) Collect(c chan<- prometheus.Metric) {
	ready := 1.0
	if f.node.ready() != nil {
		ready = 0
	}
	c <- prometheus.MustNewConstMetric(readyDesc, prometheus.GaugeValue, ready)

	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	worlds, err := f.node.store.Worlds(ctx)
	if err != nil {
		c <- prometheus.NewInvalidMetric(entriesDesc, err)
		return
	}
	for _, w := range worlds {
		env := string(w.Name)
		gauge := func(d *prometheus.Desc, v int) {
			c <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(v), env)
		}
		if entries, err := f.node.index.Len(w.Name); err == nil {
			gauge(entriesDesc, entries)
		}
		gauge(activeDesc, f.node.dialer.Active(w.Name))
		counts, err := f.node.store.CallCounts(ctx, w.Name, time.Time{})
		if err != nil {
			c <- prometheus.NewInvalidMetric(endedDesc, err)
			return
		}
		counter := func(d *prometheus.Desc, v int, labels ...string) {
			c <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), labels...)
		}
		for d, v := range counts.Disposition {
			counter(endedDesc, v, env, string(d))
		}
		for r, v := range counts.SkipReason {
			counter(skippedDesc, v, env, string(r))
		}
		counter(optOutDesc, counts.OptOuts, env)
	}
}
