//go:build !unix

package flatfile

import "os"

// mapFile reads a file: maps are for systems that have them alike.
func mapFile(path string) (data []byte, unmap func() error, err error) {
	data, err = os.ReadFile(path)
	return data, func() error { return nil }, err
}
