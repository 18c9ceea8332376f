package bench

import (
	"testing"

	"github.com/yingda/yingda/bench/budget"
)

// traffic is one kind of request, sent many times to a server.
type traffic struct {
	name   string
	server *process
	path   string // added to the server's address
	chains func(tb testing.TB, url string, n int) []chain
	n      int
}

// measureRequests has many clients send each kind of request, round for round, and takes what the servers' processors spent
// on one, beside what the bare handler's spent just before and just after. Now and then all servers are new.
func measureRequests(b *testing.B, run *budget.Run) {
	const starts, rounds = 3, 7
	dbs := databases(b)
	for range starts {
		bare := startBare(b).ready()
		sqlite, postgres := startOn(b, dbs[0].fresh()).ready(), startOn(b, dbs[1].fresh()).ready()
		basis := traffic{"bare", bare, "", asks, 1000}
		kinds := []traffic{
			{"ask", sqlite, "", asks, 320},
			{"turn sqlite", sqlite, "", turns, 320},
			{"turn postgres", postgres, "", turns, 320},
			{"chat page", sqlite, "/", views, 160},
			{"guide page", sqlite, "/guide", views, 40},
			{"article page", sqlite, "/guide/" + sampleArticle, views, 160},
			{"lookup page", sqlite, "/lookup", views, 160},
			{"article json", sqlite, "/api/v1/articles/" + sampleArticle, views, 160},
		}
		for _, t := range append(kinds, basis) {
			t.send(b) // to warm up
		}
		before := basis.send(b)
		for range rounds {
			for _, t := range kinds {
				c, after := t.send(b), basis.send(b)
				addCost(b, run, before.mean(after), t, c)
				before = after
			}
		}
		run.Add("resident after load", sqlite.memory("VmRSS"))
		for _, p := range []*process{bare, sqlite, postgres} {
			p.stop()
		}
	}
}

// startWarmBare starts the bare handler for measures that compare with it alone.
func startWarmBare(b *testing.B) traffic {
	b.Helper()
	t := traffic{"bare", startBare(b).ready(), "", asks, 2000}
	t.send(b) // to warm up
	return t
}

// cost is what one request of many costs.
type cost struct {
	micros    float64 // of the server's processors
	perSecond float64 // so many were answered
	p99       float64 // what a client waited, in ms
}

// mean is what two costs are on average: what it was in between, on a machine that becomes slower or faster.
func (c cost) mean(d cost) cost {
	return cost{micros: (c.micros + d.micros) / 2, perSecond: (c.perSecond + d.perSecond) / 2, p99: (c.p99 + d.p99) / 2}
}

// send sends the requests by many clients.
func (t traffic) send(b *testing.B) cost {
	b.Helper()
	chains := t.chains(b, t.server.url+t.path, t.n)
	before := t.server.cpu()
	took, each := sendAll(b, turnConcurrency, chains)
	if len(each) == 0 {
		b.Fatal("nothing was answered")
	}
	n := float64(len(each))
	return cost{micros: float64(t.server.cpu()-before) / 1e3 / n, perSecond: n / took.Seconds(), p99: p99(each)}
}

// addCost adds what one kind of request cost, beside what the bare handler cost meanwhile.
func addCost(b *testing.B, run *budget.Run, bare cost, t traffic, c cost) {
	b.Helper()
	run.Add("bare cpu", bare.micros)
	run.Add("bare throughput", bare.perSecond)
	run.AddCPU(t.name, c.micros, bare.micros)
	if t.path == "" { // a question
		run.Add(t.name+" throughput", c.perSecond)
		run.Add(t.name+" throughput/bare", c.perSecond/bare.perSecond)
		run.Add(t.name+" p99", c.p99)
	}
}
