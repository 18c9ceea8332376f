package bench

import (
	"os"
	"testing"

	"github.com/yingda/yingda/bench/budget"
)

// TestCounts fails when the program that ships allocates more for a question or a turn than the baseline says, or when its
// pages or itself are larger. What these come to does not depend on how busy the machine is.
func TestCounts(t *testing.T) {
	figures := budget.FiguresOf("counts")
	run := budget.NewRun(figures)
	measureCounts(t, run)
	baseline, err := budget.LoadBaseline(baselinePath)
	if err != nil {
		t.Fatal(err)
	}
	changes := baseline.Compare(run, figures)
	failDearer(t, changes)
	compared := map[string]bool{}
	for _, c := range changes {
		compared[c.Figure.Name] = true
	}
	for _, f := range figures {
		if f.Kept() && !compared[f.Name] {
			t.Errorf("the baseline or the run lacks %q: make bench-save MEASURE=%s", f.Name, f.Measure)
		}
	}
}

// measureCounts takes what does not depend on the machine: what a request has the process allocate, how many bytes a page
// has on its way to a browser, the size of the program. A client at a time asks, so that nothing is done together.
func measureCounts(tb testing.TB, run *budget.Run) {
	const rounds, n = 3, 2000
	bare, yingda := startBare(tb).ready(), startYingda(tb, nil).ready()
	for range rounds {
		objects, _ := countAllocations(tb, bare, asks(tb, bare.url, 2*n))
		run.Add("bare allocations", objects)
		objects, size := countAllocations(tb, yingda, asks(tb, yingda.url, n))
		run.Add("ask allocations", objects)
		run.Add("ask allocated", size)
		objects, size = countAllocations(tb, yingda, turns(tb, yingda.url, n))
		run.Add("turn allocations", objects)
		run.Add("turn allocated", size)
	}
	for figure, path := range map[string]string{
		"chat page size": "/", "guide page size": "/guide", "article page size": "/guide/" + sampleArticle, "lookup page size": "/lookup",
		"article json size": "/api/v1/articles/" + sampleArticle,
	} {
		run.Add(figure, sizeOnWire(tb, yingda.url+path))
	}
	info, err := os.Stat(built(tb).yingda)
	if err != nil {
		tb.Fatal(err)
	}
	run.Add("binary", float64(info.Size())/1e6)
}

// countAllocations sends the requests, a first time to warm up, and returns what one has the process allocate: objects and
// bytes. What asking for the counters allocates is not counted.
func countAllocations(tb testing.TB, p *process, chains []chain) (objects, bytes float64) {
	tb.Helper()
	half := len(chains) / 2
	sendAll(tb, 1, chains[:half])
	objects0, bytes0 := p.allocated()
	objects1, bytes1 := p.allocated()
	_, each := sendAll(tb, 1, chains[half:])
	objects2, bytes2 := p.allocated()
	n := float64(len(each))
	return (objects2 - objects1 - (objects1 - objects0)) / n, (bytes2 - bytes1 - (bytes1 - bytes0)) / n
}

// sizeOnWire is the size of an answer to a browser that takes gzip: its body as it comes.
func sizeOnWire(tb testing.TB, url string) float64 {
	tb.Helper()
	_, size := fetch(tb, views(tb, url, 1)[0][0])
	return float64(size)
}
