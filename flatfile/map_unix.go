//go:build unix

package flatfile

import (
	"errors"
	"os"
	"syscall"
)

// mapFile maps a file, for reading.
func mapFile(path string) (data []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }() // the mapping stays
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() == 0 {
		return nil, ErrForeign
	}
	data, err = syscall.Mmap(int(f.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, &os.PathError{Op: "map", Path: path, Err: err}
	}
	return data, nil
}

// unmap undoes mapFile.
func unmap(data []byte) { _ = syscall.Munmap(data) } // it fails for what is no mapping alone
