//go:build !race

package chat_test

const each = 20
