package wechat

import "time"

// quota is how many messages an account may send to one follower by itself. The rules are those of 2023-06-12: a
// message allows 5 within 48 hours; a tap on a menu, following and scanning allow 3 within a minute.
type quota struct{ message, action allowance }

// allowance is a number of sends and the time until which they hold.
type allowance struct {
	left  int
	until time.Time
}

const (
	afterMessage, messageLasts = 5, 48 * time.Hour
	afterAction, actionLasts   = 3, time.Minute
)

// spoke grants what a message grants; it does not add to what was left.
func (q *quota) spoke(now time.Time) { q.message = allowance{afterMessage, now.Add(messageLasts)} }

// act grants what a tap, following or a scan grants.
func (q *quota) act(now time.Time) { q.action = allowance{afterAction, now.Add(actionLasts)} }

// left returns how many sends are allowed now.
func (q *quota) left(now time.Time) int {
	return q.action.now(now) + q.message.now(now)
}

// now returns how many sends are left at that time.
func (a allowance) now(now time.Time) int {
	if !now.Before(a.until) {
		return 0
	}
	return a.left
}

// take uses one send, of the allowance that ends first. It returns 0 or the errcode: 45015 when nothing allows a send
// any more, 45047 when what allows it is used up.
func (q *quota) take(now time.Time) int {
	code := 45015
	for _, a := range []*allowance{&q.action, &q.message} {
		if !now.Before(a.until) {
			continue
		}
		if a.left > 0 {
			a.left--
			return 0
		}
		code = 45047
	}
	return code
}
