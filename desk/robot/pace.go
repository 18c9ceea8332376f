package robot

import "time"

// The host's rate limit of a robot.
const (
	perWindow = 20 // messages
	window    = time.Minute
)

// pace keeps a robot below the host's limit, in any minute and not only on average. Other nodes have
// their own: where they are too many together, the host says so.
type pace struct {
	sent [perWindow]time.Time // when the newest messages were sent, as a ring
	next int                  // the oldest of them
}

// reserve is how long the robot must still be silent; 0 lets it send one message now, and counts that.
func (p *pace) reserve(now time.Time) time.Duration {
	if oldest := p.sent[p.next]; !oldest.IsZero() && now.Sub(oldest) <= window {
		return window - now.Sub(oldest) + time.Second
	}
	p.sent[p.next] = now
	p.next = (p.next + 1) % perWindow
	return 0
}
