// Package flatfile keeps slices of numbers in one immutable file that is read in place: mapped into memory, or out of
// the program itself. Nothing is decoded, so a file of any size is open at once and takes no heap.
//
// A file is a head, the sections' bytes, each aligned, and behind them a directory: the sections' names with their
// places. Numbers stand as this machine has them; on another kind of machine the file is a foreign one.
package flatfile

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"unsafe"
)

// Number is what sections are made of.
type Number interface {
	~bool | ~uint8 | ~int8 | ~uint16 | ~int16 | ~uint32 | ~int32 | ~float32 | ~uint64 | ~int64 | ~float64
}

const (
	magic     = uint64(0x31_74_61_6c_66_2e_64_79) // "yd.flat1" where the lowest byte comes first
	alignment = 64                                // of sections: what adds up several numbers at once rounds alike wherever it is asked to
	headSize  = int(unsafe.Sizeof(head{}))
	summed    = int(unsafe.Offsetof(head{}.directory)) // from here on the sum counts
	maxKey    = 2*alignment - 3*8
)

// head begins a file.
type head struct {
	magic     uint64
	sum       uint64 // CRC-32C of all that follows it
	directory uint64 // where it begins; it ends with the file
	key       [maxKey]byte
}

// ErrForeign says that a file is not what was asked for: stale, damaged, or no such file at all.
var ErrForeign = errors.New("the file is stale or damaged")

// Builder puts a file together. The slices that were added must not change before it is written.
type Builder struct {
	parts     [][]byte // what stands behind the head, the directory left out
	size      uint64   // of parts
	directory []byte
	names     map[string]bool
}

// Add adds a section; its name, of 255 bytes at most, is its caller's to keep apart from others.
func Add[T Number](b *Builder, name string, items []T) {
	if b.names == nil {
		b.names = map[string]bool{}
	}
	if b.names[name] {
		panic("two sections are called " + name)
	}
	b.names[name] = true
	data := bytesOf(items)
	b.directory = append(append(b.directory, byte(len(name))), name...)
	b.directory = binary.NativeEndian.AppendUint64(b.directory, b.size)
	b.directory = binary.NativeEndian.AppendUint64(b.directory, b.size+uint64(len(data)))
	padding := make([]byte, (alignment-len(data)%alignment)%alignment)
	b.parts = append(b.parts, data, padding)
	b.size += uint64(len(data) + len(padding))
}

// WriteTo writes the whole file, for whoever opens it with the same key.
func (b *Builder) WriteTo(w io.Writer, key string) error {
	if len(key) > maxKey {
		panic("the key is too long: " + key)
	}
	h := head{magic: magic, directory: uint64(headSize) + b.size}
	copy(h.key[:], key)
	first := unsafe.Slice((*byte)(unsafe.Pointer(&h)), headSize)
	parts := slices.Concat([][]byte{first}, b.parts, [][]byte{b.directory})
	sum := checksum(0, first[summed:])
	for _, part := range parts[1:] {
		sum = checksum(sum, part)
	}
	h.sum = uint64(sum)
	for _, part := range parts {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}

// Write puts the whole file into path, which holds the old one, the new one or none at every moment.
func (b *Builder) Write(path, key string) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*"+unfinished)
	if err != nil {
		return err
	}
	to := bufio.NewWriterSize(f, 1<<20)
	if err = errors.Join(b.WriteTo(to, key), to.Flush(), f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// unfinished ends the name of a file that is being written, or that nobody finished.
const unfinished = ".new"

// File is an open file. It is safe for concurrent use, but for Err. There is nothing to close: a mapped file is let go
// of some time after nothing refers to the File, so whoever uses a slice of it keeps the File alive meanwhile.
type File struct {
	data     []byte // aligned
	sections map[string]section
	missing  []string
}

// section is a part of a file's data behind the head.
type section struct{ from, to uint64 }

// Open maps the file of that path and key, "" for any, and checks all of it. The error is ErrForeign, or tells what
// reading met.
func Open(path, key string) (*File, error) {
	data, err := mapFile(path)
	if err != nil {
		return nil, err
	}
	f, err := Parse(data, key)
	if err != nil {
		unmap(data)
		return nil, err
	}
	runtime.AddCleanup(f, unmap, data)
	forget(data)
	return f, nil
}

// Parse opens a file of that key, "" for any, that is in memory, where it must not change. The error is ErrForeign.
func Parse(data []byte, key string) (*File, error) {
	if misplaced(data) > 0 {
		data = append(aligned(len(data)), data...)
	}
	if len(data) < headSize {
		return nil, ErrForeign
	}
	h := (*head)(unsafe.Pointer(unsafe.SliceData(data)))
	var want head
	copy(want.key[:], key)
	if h.magic != magic || key != "" && h.key != want.key || h.directory < uint64(headSize) || h.directory > uint64(len(data)) || h.sum != uint64(checksum(0, data[summed:])) {
		return nil, ErrForeign
	}
	f := &File{data: data[headSize:h.directory], sections: map[string]section{}}
	return f, f.readDirectory(data[h.directory:])
}

// readDirectory notes where the sections are.
func (f *File) readDirectory(rest []byte) error {
	for len(rest) > 0 {
		size := int(rest[0])
		if len(rest) < 1+size+2*8 {
			return ErrForeign
		}
		name, numbers := string(rest[1:1+size]), rest[1+size:]
		s := section{binary.NativeEndian.Uint64(numbers), binary.NativeEndian.Uint64(numbers[8:])}
		if s.from > s.to || s.to > uint64(len(f.data)) || s.from%alignment != 0 {
			return ErrForeign
		}
		f.sections[name], rest = s, numbers[2*8:]
	}
	return nil
}

// Slice is a section of the file, in place: it must not be changed, nor used once nothing refers to the file. Of a section
// that is missing, or of something else, it is nil, and Err tells.
func Slice[T Number](f *File, name string) []T {
	s, ok := f.sections[name]
	var item T
	size := uint64(unsafe.Sizeof(item))
	if !ok || (s.to-s.from)%size != 0 {
		f.missing = append(f.missing, name)
		return nil
	}
	if s.from == s.to {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&f.data[s.from])), (s.to-s.from)/size)
}

// Err tells of the sections that were asked for and not there.
func (f *File) Err() error {
	if len(f.missing) > 0 {
		return fmt.Errorf("%w: it lacks %q", ErrForeign, f.missing)
	}
	return nil
}

// Size is how many bytes the sections take, by name, the largest first.
func (f *File) Size() (names []string, bytes []int) {
	for name := range f.sections {
		names = append(names, name)
	}
	size := func(name string) int { return int(f.sections[name].to - f.sections[name].from) }
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(size(b), size(a)), cmp.Compare(a, b)) })
	for _, name := range names {
		bytes = append(bytes, size(name))
	}
	return names, bytes
}

// misplaced is how far data begins behind an aligned address.
func misplaced(data []byte) int {
	return int(uintptr(unsafe.Pointer(unsafe.SliceData(data))) % alignment)
}

// aligned is an empty slice at an aligned address, with room for size bytes.
func aligned(size int) []byte {
	room := make([]byte, size+alignment)
	from := alignment - misplaced(room)
	return room[from : from : from+size]
}

// bytesOf are the bytes that items stand in.
func bytesOf[T Number](items []T) []byte {
	if len(items) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(items))), len(items)*int(unsafe.Sizeof(items[0])))
}

// checksum goes on with a sum over more data.
func checksum(sum uint32, data []byte) uint32 {
	return crc32.Update(sum, crc32.MakeTable(crc32.Castagnoli), data)
}
