// Package budget says what the program may cost: the figures that are measured, with their limits; what a run found of
// them; and the stored baseline that a run is compared with.
package budget

import "slices"

// Kind says where a figure can be compared with the baseline.
type Kind int

// The kinds.
const (
	// Loose figures are times of this machine in this hour, and what came to pass in them. They are printed, and not kept.
	Loose Kind = iota
	// Steady figures are ratios of processor time within one run, and memory. The baseline keeps them, and a quiet machine can compare them.
	Steady
	// Exact figures are allocations and bytes, the same on a busy machine. Every test run compares them.
	Exact
)

// Figure is something that is measured, and what it may come to.
type Figure struct {
	Measure string // which measure takes it
	Name    string
	Unit    string
	Kind    Kind
	Limit   float64 // what it may come to; 0: there is no limit
	Stretch float64 // what would be better still; 0: nothing is said
	AtLeast bool    // more is better: the limit is the least
}

// Kept tells whether the baseline keeps the figure.
func (f Figure) Kept() bool { return f.Kind != Loose }

// verdict is what is said about a value of the figure: whether it is within its limit.
func (f Figure) verdict(v float64) string {
	within := func(limit float64) bool { return limit != 0 && ((v <= limit) != f.AtLeast || v == limit) }
	switch {
	case f.Limit == 0:
		return "-"
	case within(f.Stretch):
		return "stretch"
	case within(f.Limit):
		return "yes"
	}
	return "NO"
}

// Figures is the table of all that is measured, in the order in which it is printed.
func Figures() []Figure {
	return slices.Concat(requests(), commits(), counts(), questions(), inboxes(), sizes(), starts(), streams(), besides())
}

// FiguresOf are the figures that a measure takes.
func FiguresOf(measure string) []Figure {
	return slices.DeleteFunc(Figures(), func(f Figure) bool { return f.Measure != measure })
}

// cpu are the two figures of what somebody's work costs: µs, and multiples of the bare handler's request in the same round.
func cpu(measure, name string, microsLimit, bareLimit, bareStretch float64) []Figure {
	return []Figure{
		{Measure: measure, Name: name + " cpu", Unit: "µs", Limit: microsLimit},
		{Measure: measure, Name: name + " cpu/bare", Unit: "×", Kind: Steady, Limit: bareLimit, Stretch: bareStretch},
	}
}

// requests are what the server spends on one request of many clients.
func requests() []Figure {
	const m = "requests"
	return slices.Concat(
		[]Figure{
			{Measure: m, Name: "bare cpu", Unit: "µs"},
			{Measure: m, Name: "bare throughput", Unit: "/s"},
		},
		cpu(m, "ask", 0, 12, 8),
		cpu(m, "turn sqlite", 0, 22, 15),
		cpu(m, "turn postgres", 0, 22, 15),
		cpu(m, "chat page", 1000, 0, 0),
		cpu(m, "guide page", 500, 0, 0),
		cpu(m, "article page", 1000, 0, 0),
		cpu(m, "lookup page", 1000, 0, 0),
		cpu(m, "article json", 0, 0, 0),
		[]Figure{
			{Measure: m, Name: "ask throughput", Unit: "/s"},
			{Measure: m, Name: "ask throughput/bare", Unit: "×", Limit: .15, Stretch: .2, AtLeast: true},
			{Measure: m, Name: "turn sqlite throughput", Unit: "/s"},
			{Measure: m, Name: "turn sqlite throughput/bare", Unit: "×", AtLeast: true},
			{Measure: m, Name: "turn postgres throughput", Unit: "/s"},
			{Measure: m, Name: "turn postgres throughput/bare", Unit: "×", AtLeast: true},
			{Measure: m, Name: "ask p99", Unit: "ms"},
			{Measure: m, Name: "turn sqlite p99", Unit: "ms"},
			{Measure: m, Name: "turn postgres p99", Unit: "ms"},
			{Measure: m, Name: "resident after load", Unit: "MB", Kind: Steady},
		},
	)
}

// commits are the store's part of a turn: commits that many turns share, against a commit a turn.
func commits() []Figure {
	var out []Figure
	for _, db := range []string{"sqlite", "postgres"} {
		out = append(out,
			Figure{Measure: "commits", Name: "commits shared " + db, Unit: "turns/s"},
			Figure{Measure: "commits", Name: "commits shared/single " + db, Unit: "×", AtLeast: true})
	}
	return out
}

// counts are what does not depend on the machine.
func counts() []Figure {
	const m = "counts"
	count := func(name, unit string, limit float64) Figure {
		return Figure{Measure: m, Name: name, Unit: unit, Kind: Exact, Limit: limit}
	}
	return []Figure{
		{Measure: m, Name: "bare allocations", Unit: "objects"},
		count("ask allocations", "objects", 80),
		count("ask allocated", "bytes", 0),
		count("turn allocations", "objects", 0),
		count("turn allocated", "bytes", 0),
		count("chat page size", "bytes", 0),
		count("guide page size", "bytes", 20<<10),
		count("article page size", "bytes", 0),
		count("lookup page size", "bytes", 0),
		count("article json size", "bytes", 0),
		count("binary", "MB", 36),
	}
}

// questions are what one question costs in process, and each stage of it.
func questions() []Figure {
	const m = "question"
	return slices.Concat(
		[]Figure{
			{Measure: m, Name: "question p50", Unit: "ms", Limit: .2, Stretch: .12},
			{Measure: m, Name: "question p99", Unit: "ms", Limit: .8},
		},
		cpu(m, "mask", 0, 0, 0),
		cpu(m, "normalise", 0, 0, 0),
		cpu(m, "tokenise", 0, 0, 0),
		cpu(m, "search", 0, 0, 0),
		cpu(m, "step", 0, 0, 0),
	)
}

// inboxes are what a turn costs without HTTP, and what a customer waits for it while others write.
func inboxes() []Figure {
	const m = "inbox"
	var out []Figure
	for _, db := range []string{"sqlite", "postgres"} {
		for _, turn := range []string{"inbox turn ", "inbox kept turn "} {
			out = append(out, cpu(m, turn+db, 0, 0, 0)...)
			out = append(out, Figure{Measure: m, Name: turn + db + " p50", Unit: "ms"}, Figure{Measure: m, Name: turn + db + " p99", Unit: "ms"})
		}
	}
	return out
}

// sizes are what guides of other sizes cost.
func sizes() []Figure {
	const m = "sizes"
	size := func(articles string, compile, p50, memory float64) []Figure {
		return slices.Concat(
			[]Figure{
				{Measure: m, Name: articles + " articles compile", Unit: "s", Limit: compile},
				{Measure: m, Name: articles + " articles open", Unit: "ms"},
				{Measure: m, Name: articles + " articles heap", Unit: "MB", Kind: Steady, Limit: memory},
				{Measure: m, Name: articles + " articles p50", Unit: "ms", Limit: p50},
				{Measure: m, Name: articles + " articles p99", Unit: "ms"},
			},
			cpu(m, articles+" articles question", 0, 0, 0),
		)
	}
	return slices.Concat(
		size("60", 0, 0, 0),
		size("1000", 1.5, 0, 0),
		size("10000", 0, .5, 0),
		size("100000", 10, 1, 250),
	)
}

// starts are what a start costs, and what a server holds that has nothing to do.
func starts() []Figure {
	const m = "start"
	return slices.Concat(
		[]Figure{
			{Measure: m, Name: "first start to first answer", Unit: "ms"},
			{Measure: m, Name: "start to listening", Unit: "ms"},
			{Measure: m, Name: "start to first answer", Unit: "ms", Limit: 45, Stretch: 30},
			{Measure: m, Name: "first pinyin question", Unit: "ms", Limit: 3},
			{Measure: m, Name: "reload after an edit", Unit: "ms", Limit: 100},
		},
		cpu(m, "start", 0, 0, 0),
		[]Figure{
			{Measure: m, Name: "peak while starting", Unit: "MB", Kind: Steady, Limit: 60},
			{Measure: m, Name: "resident idle", Unit: "MB", Kind: Steady, Limit: 45, Stretch: 32},
		},
	)
}

// streams are what event streams cost that have nothing to tell, and how soon they tell what there is.
func streams() []Figure {
	const m = "streams"
	var out []Figure
	for _, db := range []string{"sqlite", "postgres"} {
		out = append(out,
			Figure{Measure: m, Name: "idle stream " + db, Unit: "bytes", Kind: Steady, Limit: 8 << 10, Stretch: 4 << 10},
			Figure{Measure: m, Name: "10000 idle streams " + db, Unit: "% of a core", Limit: 2},
			Figure{Measure: m, Name: "message to all streams " + db + " p50", Unit: "ms"},
			Figure{Measure: m, Name: "message to all streams " + db + " p99", Unit: "ms", Limit: 300})
	}
	return append(out, Figure{Measure: m, Name: "idle streams transactions", Unit: "/s"})
}

// besides are what is watched beside the budgets.
func besides() []Figure {
	channel := func(measure, name string) []Figure {
		return []Figure{
			{Measure: measure, Name: name + " p50", Unit: "ms"},
			{Measure: measure, Name: name + " p99", Unit: "ms"},
			{Measure: measure, Name: name + " p50/round trip", Unit: "×"},
		}
	}
	return slices.Concat(
		channel("telegram", "polled, one customer"), channel("telegram", "polled, 64 customers"),
		channel("telegram", "pushed, one customer"), channel("telegram", "pushed, 64 customers"),
		channel("wechat", "wechat, one customer"), channel("wechat", "wechat, 64 customers"),
		[]Figure{
			{Measure: "masking", Name: "mask golden question", Unit: "µs"},
			{Measure: "masking", Name: "mask numbers", Unit: "µs"},
			{Measure: "masking", Name: "mask secrets", Unit: "µs"},
			{Measure: "restart", Name: "ready again with 1000000 messages", Unit: "ms"},
			{Measure: "soak", Name: "soak turns", Unit: "turns"},
			{Measure: "soak", Name: "soak heap goal", Unit: "MB"},
			{Measure: "soak", Name: "soak heap goal end/third", Unit: "×"},
		},
	)
}
