//go:build !race

package wechat_test

// crowd is how many messages TestSlowCrowd has.
const crowd = 10000
