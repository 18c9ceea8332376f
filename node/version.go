package node

import (
	"runtime"
	"runtime/debug"

	"github.com/prometheus/client_golang/prometheus"
)

// Version is the version of this program: a tag, or the time and the commit that it was built from, with +dirty where
// files differed from it; "unknown" where it was built outside of its repository.
func Version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "unknown"
}

// registerBuildInfo has the metrics tell the version.
func registerBuildInfo(r *prometheus.Registry) {
	info := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "yingda_build_info", Help: "1; the labels tell the program's version, and Go's.",
	}, []string{"version", "goversion"})
	info.WithLabelValues(Version(), runtime.Version()).Set(1)
	r.MustRegister(info)
}
