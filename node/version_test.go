package node

import (
	"runtime"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// TestBuildInfo: the metrics tell which program, and which Go, runs.
func TestBuildInfo(t *testing.T) {
	r := prometheus.NewRegistry()
	registerBuildInfo(r)
	families, err := r.Gather()
	if err != nil || len(families) != 1 || families[0].GetName() != "yingda_build_info" || len(families[0].GetMetric()) != 1 {
		t.Fatalf("got %v, %v", families, err)
	}
	m, got := families[0].GetMetric()[0], map[string]string{}
	for _, label := range m.GetLabel() {
		got[label.GetName()] = label.GetValue()
	}
	if m.GetGauge().GetValue() != 1 || got["version"] != Version() || got["version"] == "" || got["goversion"] != runtime.Version() || len(got) != 2 {
		t.Errorf("got %v with %v", m.GetGauge().GetValue(), got)
	}
}
