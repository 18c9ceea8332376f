//go:build !race

package storetest

// raceDetector tells that everything is slow.
const raceDetector = false
