package bench

import (
	"testing"

	"github.com/yingda/yingda/bench/budget"
)

// measureRestart takes how soon the program is ready on a database of a million messages, after it was killed.
func measureRestart(b *testing.B, run *budget.Run) {
	const kills, turns = 5, 500_000 // a turn is two messages
	data := b.TempDir()
	fillStore(b, data, turns)
	for range kills {
		p := startYingda(b, nil, "-data", data)
		run.Add("ready again with 1000000 messages", milliseconds(p.awaitReady()))
		p.kill()
	}
}
