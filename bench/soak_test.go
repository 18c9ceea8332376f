package bench

import (
	"os"
	"testing"
	"time"

	"github.com/yingda/yingda/bench/budget"
)

// measureSoak talks in ever new conversations for a while and compares the heap at the end with that after a third of
// the time, when what a node remembers of lively conversations is full. YINGDA_SOAK=10m soaks for so long; without it for
// 30 seconds, in which that may still grow.
func measureSoak(b *testing.B, run *budget.Run) {
	long, err := time.ParseDuration(os.Getenv("YINGDA_SOAK"))
	if err != nil {
		long = 30 * time.Second
	}
	p := startYingda(b, nil).ready()
	soak := func(d time.Duration) (n int) {
		for end := time.Now().Add(d); time.Now().Before(end); {
			_, each := sendAll(b, turnConcurrency, turns(b, p.url, 2000))
			n += len(each)
		}
		return n
	}
	n := soak(long / 3)
	before := p.heapGoal()
	n += soak(long * 2 / 3)
	after := p.heapGoal()
	run.Add("soak turns", float64(n))
	run.Add("soak heap goal", after)
	run.Add("soak heap goal end/third", after/before)
}
