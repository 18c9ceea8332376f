//go:build !race

package wechat_test

// How much the long tests do.
const (
	crowd = 10000 // messages
	chaos = 300   // runs
)
