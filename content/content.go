// Package content carries the bundled guide inside the binary.
package content

import (
	"bytes"
	"compress/flate"
	"embed"
	"encoding/binary"
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

// Compiled is the bundled guide compiled, a file of package guide's. `make learn` makes it anew after an edit; a stale
// one costs time at the start, not answers.
func Compiled() ([]byte, error) {
	packed := strings.NewReader(compiled)
	var size uint64
	if err := binary.Read(packed, binary.LittleEndian, &size); err != nil {
		return nil, fmt.Errorf("unpack the compiled guide: %w", err)
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(flate.NewReader(packed), data); err != nil {
		return nil, fmt.Errorf("unpack the compiled guide: %w", err)
	}
	return data, nil
}

// PackedCompiled is what Compiled unpacks, as it is part of the program.
func PackedCompiled() string { return compiled }

// Pack is what Compiled unpacks to data.
func Pack(data []byte) ([]byte, error) {
	var packed bytes.Buffer
	packed.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(data))))
	w, err := flate.NewWriter(&packed, flate.BestCompression)
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
