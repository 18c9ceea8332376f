package kf

import (
	"context"
	"sync"

	"github.com/yingda/yingda/chat/wechat/host"
)

// names are how customers call themselves, as far as they are needed: an agent likes to know.
type names struct {
	mu sync.Mutex
	by map[string]string // "" for whom the host does not name
}

// maxNames is how many are remembered; then all are forgotten.
const maxNames = 10_000

func newNames() *names { return &names{by: map[string]string{}} }

func (n *names) of(customer string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.by[customer]
}

// unknown are the customers, each once, that were not asked for yet.
func (n *names) unknown(said []item) (ids []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	seen := map[string]bool{}
	for _, i := range said {
		if _, ok := n.by[i.Customer]; !ok && !seen[i.Customer] {
			seen[i.Customer] = true
			ids = append(ids, i.Customer)
		}
	}
	return ids
}

func (n *names) set(customer, name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.by) >= maxNames {
		clear(n.by)
	}
	n.by[customer] = name
}

// namesAtOnce is how many customers one call asks for.
const namesAtOnce = 100

// learnNames asks the host how those are called who speak for the first time. Where it gives no answer they have
// no name for now; where it does not tell, none.
func (a *account) learnNames(ctx context.Context, said []item) {
	ids := a.names.unknown(said)
	for len(ids) > 0 {
		some := ids[:min(len(ids), namesAtOnce)]
		ids = ids[len(some):]
		var answer struct {
			List []struct {
				ID   string `json:"external_userid"`
				Name string `json:"nickname"`
			} `json:"customer_list"`
		}
		err := a.client.Post(ctx, "/cgi-bin/kf/customer/batchget", map[string]any{"external_userid_list": some}, &answer)
		if err != nil && host.Code(err) == 0 {
			return // next time, perhaps
		}
		for _, id := range some {
			a.names.set(id, "")
		}
		for _, c := range answer.List {
			a.names.set(c.ID, c.Name)
		}
	}
}
