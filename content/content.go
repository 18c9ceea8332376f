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

// compiled.bin begins with what it unpacks to: a sum and the size, 8 bytes each.
const head = 16

// Compiled is the bundled guide compiled, a file of package guide's. `make learn` makes it anew after an edit; a stale
// one costs time at the start, not answers.
func Compiled() ([]byte, error) {
	if len(compiled) < head {
		return nil, errors.New("unpack the compiled guide: there is none")
	}
	data := make([]byte, binary.LittleEndian.Uint64([]byte(compiled[head/2:head])))
	if _, err := io.ReadFull(flate.NewReader(strings.NewReader(compiled[head:])), data); err != nil {
		return nil, fmt.Errorf("unpack the compiled guide: %w", err)
	}
	return data, nil
}

// CompiledSum tells apart what Compiled returns in two programs.
func CompiledSum() string { return hex.EncodeToString([]byte(compiled[:min(head/2, len(compiled))])) }

// Pack is the file that Compiled unpacks to data.
func Pack(data []byte) ([]byte, error) {
	sum := sha256.Sum256(data)
	packed := bytes.NewBuffer(sum[:head/2])
	packed.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(data))))
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
