package search

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// manifestFile lists, in an index's folder, the checksum and the name of every other file. An index on
// disk never changes once it is built, so whatever differs is damage: Bleve maps its files into memory,
// where a file that was cut ends the whole program and not just the search.
const manifestFile = "files.crc32c"

// writeManifest writes the list for the index in dir.
func writeManifest(dir string) error {
	sums, err := checksums(dir)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, manifestFile), sums, 0o600)
}

// verifyManifest reads every file of the index in dir: nil when all are as writeManifest saw them.
func verifyManifest(dir string) error {
	want, err := os.ReadFile(filepath.Join(dir, manifestFile))
	var got []byte
	if err == nil {
		got, err = checksums(dir)
	}
	if err != nil || !bytes.Equal(got, want) {
		return errors.Join(errors.New("the index is damaged"), err)
	}
	return nil
}

// checksums has a line for each file below dir, in order of their names.
func checksums(dir string) ([]byte, error) {
	var sums bytes.Buffer
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path == filepath.Join(dir, manifestFile) {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		sum, err := checksum(path)
		fmt.Fprintf(&sums, "%08x %s\n", sum, filepath.ToSlash(name))
		return err
	})
	return sums.Bytes(), err
}

func checksum(path string) (sum uint32, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	hash := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	if _, err := io.Copy(hash, bufio.NewReaderSize(f, 1<<20)); err != nil {
		return 0, err
	}
	return hash.Sum32(), nil
}
