//go:build !unix

package flatfile

import "os"

// mapFile reads a file: maps are for systems that have them alike.
func mapFile(path string) ([]byte, error) { return os.ReadFile(path) }

// unmap undoes mapFile.
func unmap([]byte) {}
