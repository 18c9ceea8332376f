// Package content carries the bundled guide inside the binary.
package content

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"embed"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

//go:embed guide *.txt *.yaml golden.tsv
var files embed.FS

//go:embed compiled.bin
var compiled string

// FS is the bundled guide as kb.Load reads it. golden.tsv holds its questions for `yingda eval`.
func FS() fs.FS { return files }

// compiled.bin is packed behind a head: a sum of what it unpacks to, its size, and the revision of its guide.
const (
	sumEnd      = 8
	sizeEnd     = sumEnd + 8
	revisionEnd = sizeEnd + 24
)

// Compiled is the bundled guide compiled, a file of package guide's. `make learn` makes it anew after an edit; a stale
// one costs time at the start, not answers.
func Compiled() ([]byte, error) {
	if len(compiled) < revisionEnd {
		return nil, errors.New("unpack the compiled guide: there is none")
	}
	data := make([]byte, binary.LittleEndian.Uint64([]byte(compiled[sumEnd:sizeEnd])))
	if _, err := io.ReadFull(flate.NewReader(strings.NewReader(compiled[revisionEnd:])), data); err != nil {
		return nil, fmt.Errorf("unpack the compiled guide: %w", err)
	}
	return data, nil
}

// CompiledRevision is the revision of the guide that Compiled is of.
func CompiledRevision() string {
	return compiled[min(sizeEnd, len(compiled)):min(revisionEnd, len(compiled))]
}

// CompiledSum tells apart what Compiled returns in two programs.
func CompiledSum() string { return hex.EncodeToString([]byte(compiled[:min(sumEnd, len(compiled))])) }

// Pack is the file that Compiled unpacks to data, of the guide of that revision.
func Pack(data []byte, revision string) ([]byte, error) {
	sum := sha256.Sum256(data)
	packed := bytes.NewBuffer(sum[:sumEnd])
	packed.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(data))))
	packed.WriteString(revision)
	w, err := flate.NewWriter(packed, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}
