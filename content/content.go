// Package content carries the bundled guide inside the binary.
package content

import (
	"embed"
	"io/fs"
)

//go:embed guide *.txt *.yaml golden.tsv
var files embed.FS

//go:embed learned.bin
var learned []byte

// FS is the bundled guide as kb.Load reads it. golden.tsv holds its questions for `yingda eval`.
func FS() fs.FS { return files }

// Learned is what the ranker has learnt from the bundled guide, as rank.Learned reads it. `make
// learn` makes it anew after an edit; a stale one costs time at the start, not answers.
func Learned() []byte { return learned }
