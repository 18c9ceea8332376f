//go:build race

package wechat_test

// How much the long tests do.
const (
	crowd = 1000 // messages
	chaos = 60   // runs
)
