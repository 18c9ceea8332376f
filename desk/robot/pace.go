package robot

import "time"

// What the host lets a robot say.
const (
	perWindow = 20
	window    = time.Minute
)

// pace keeps a robot below the host's limit, in any minute and not only on average. Other nodes have
// their own: where they are too many together, the host says so.
type pace struct {
	said [perWindow]time.Time // of the newest messages, as a ring
	next int                  // the oldest of them
}

// wait is how long a robot must still be silent; 0 lets it speak, and counts it.
func (c *Channel) wait(account string, now time.Time) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.paces[account]
	if oldest := p.said[p.next]; !oldest.IsZero() && now.Sub(oldest) <= window {
		return window - now.Sub(oldest) + time.Second
	}
	p.said[p.next] = now
	p.next = (p.next + 1) % perWindow
	return 0
}
