package rank

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// Learned is what the regression made of a guide, to start from when the same guide, or an edited
// one, is ranked again: solving it anew takes seconds, starting from it milliseconds.
type Learned struct {
	classes map[string]int // document id → column; outside the guide is "outside"
	rows    map[uint64][]float32
}

// outsideClass is the name of the class of what the guide does not answer.
const outsideClass = "outside"

// learnedMagic begins the file of a Learned; the digit is its version.
const learnedMagic = "yingda-learned-1\n"

// MarshalBinary writes l: the classes' names, then each row as its key and 16-bit numbers in units
// of one scale. Rows are in order of their keys, so that equal learning gives equal files.
func (l *Learned) MarshalBinary() ([]byte, error) {
	names := make([]string, len(l.classes))
	for name, c := range l.classes {
		names[c] = name
	}
	var largest float32
	for _, row := range l.rows {
		for _, x := range row {
			largest = max(largest, x, -x)
		}
	}
	scale := max(largest/math.MaxInt16, math.SmallestNonzeroFloat32)
	var b bytes.Buffer
	b.WriteString(learnedMagic)
	b.WriteString(strings.Join(names, "\t") + "\n")
	b.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(scale)))
	b.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(l.rows))))
	for _, k := range slices.Sorted(maps.Keys(l.rows)) {
		b.Write(binary.LittleEndian.AppendUint64(nil, k))
		for _, x := range l.rows[k] {
			b.Write(binary.LittleEndian.AppendUint16(nil, uint16(int16(math.Round(float64(x/scale))))))
		}
	}
	return b.Bytes(), nil
}

// UnmarshalBinary reads what MarshalBinary wrote.
func (l *Learned) UnmarshalBinary(data []byte) error {
	rest, ok := bytes.CutPrefix(data, []byte(learnedMagic))
	names, rest, ok2 := bytes.Cut(rest, []byte("\n"))
	if !ok || !ok2 || len(rest) < 8 {
		return errors.New("this is no file of what a guide taught the ranker")
	}
	l.classes = map[string]int{}
	for c, name := range strings.Split(string(names), "\t") {
		l.classes[name] = c
	}
	if len(l.classes) != 1+bytes.Count(names, []byte("\t")) {
		return errors.New("the file of what a guide taught the ranker names a class twice")
	}
	scale := math.Float32frombits(binary.LittleEndian.Uint32(rest))
	n, size := int(binary.LittleEndian.Uint32(rest[4:])), 8+2*len(l.classes)
	rest = rest[8:]
	if len(rest) != n*size {
		return fmt.Errorf("the file of what a guide taught the ranker is cut: %d bytes of %d", len(rest), n*size)
	}
	l.rows = make(map[uint64][]float32, n)
	all := make([]float32, n*len(l.classes))
	for range n {
		row := all[:len(l.classes):len(l.classes)]
		all = all[len(l.classes):]
		for c := range row {
			row[c] = float32(int16(binary.LittleEndian.Uint16(rest[8+2*c:]))) * scale
		}
		l.rows[binary.LittleEndian.Uint64(rest)] = row
		rest = rest[size:]
	}
	return nil
}
