package privacy

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// ParseKeys reads keys of 32 bytes as 64 hexadecimal digits or as base64, the newest first, with
// commas or white space between. Lines of # are comments. Errors do not show what was read.
func ParseKeys(text string) ([][]byte, error) {
	var keys [][]byte
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		for _, word := range strings.FieldsFunc(line, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\r' || r == '\n' }) {
			key, err := parseKey(word)
			if err != nil {
				return nil, fmt.Errorf("key %d: %w", len(keys)+1, err)
			}
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("no key: want 64 hexadecimal digits or 32 bytes in base64; `openssl rand -hex 32` makes one")
	}
	return keys, nil
}

func parseKey(word string) ([]byte, error) {
	if len(word) == hex.EncodedLen(keySize) {
		if key, err := hex.DecodeString(word); err == nil {
			return key, nil
		}
	}
	unpadded := strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(word, "="))
	key, err := base64.RawStdEncoding.DecodeString(unpadded)
	if err != nil {
		return nil, fmt.Errorf("%d characters that are neither 64 hexadecimal digits nor base64", len(word))
	}
	if len(key) != keySize {
		return nil, fmt.Errorf("has %d bytes, want %d: 64 hexadecimal digits, or base64", len(key), keySize)
	}
	return key, nil
}

// LoadKeys is ReadKeys that makes the file where there is none, with a new key, readable to its owner alone; a file that
// exists is never written. Whoever loses the file loses what was sealed, so it is for where nothing is sealed yet.
func LoadKeys(path string) ([][]byte, error) {
	keys, err := ReadKeys(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return keys, err
	}
	if err := createKeyFile(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("make the key file %s: %w", path, err)
	}
	return ReadKeys(path) // ours, or that of a process that was faster
}

// ReadKeys reads the keys in a file, the newest first; fs.ErrNotExist. A file that is open to others is refused.
func ReadKeys(path string) ([][]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read the key file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("the key file %s is no regular file", path)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		return nil, fmt.Errorf("the key file %s is open to others (mode %04o): run chmod 600 on it", path, mode)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the key file: %w", err)
	}
	keys, err := ParseKeys(string(text))
	if err != nil {
		return nil, fmt.Errorf("the key file %s: %w; restore it from a backup, for a new key cannot open what the old one sealed", path, err)
	}
	return keys, nil
}

// createKeyFile writes a new key beside path and links it into place, so that path never holds half a
// key and an existing file is never replaced.
func createKeyFile(path string) (err error) {
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, ".key-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(tmp.Name())) }()
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // never fails
	_, err = fmt.Fprintln(tmp, hex.EncodeToString(key))
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err := os.Link(tmp.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}

// syncDir makes a new name in the directory durable, where the system can.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
