//go:build race

package chat_test

// each is how many entries a lane of the real stores gets: the race detector makes SQLite ten times as slow.
const each = 5
