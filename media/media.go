// Package media keeps customers' and agents' pictures: written anew, so that nothing but the picture
// itself is left of what was sent, under names that cannot be guessed.
package media

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// MaxSize is how many bytes a picture may have as it is sent.
const MaxSize = 5 << 20

// Info describes a picture that is kept.
type Info struct {
	ID     string
	Type   string // image/jpeg or image/png
	Size   int64  // bytes, as kept
	Width  int
	Height int
}

// Refusal is the error for what is not kept. It is the sender's to mend.
type Refusal struct {
	reason string
	text   string
}

// Error is the reason in English.
func (r *Refusal) Error() string { return r.reason }

// Text says it to the customer, in Chinese.
func (r *Refusal) Text() string { return r.text }

// What is refused, and what is not there.
var (
	ErrTooLarge      = &Refusal{"the picture has more than 5 MB", "图片超过5MB了，请压缩一下或截取要紧的部分再发。"}
	ErrNotPicture    = &Refusal{"the file is no JPEG, PNG or WebP picture that can be read", "这个文件打不开。请发JPG、PNG或WebP格式的图片；还不行的话，截个屏再发。"}
	ErrTooManyPixels = &Refusal{"the picture has too many pixels", "图片尺寸太大了，请缩小一些，或截取要紧的部分再发。"}

	ErrNotFound = errors.New("no such picture")
)

// Store keeps pictures as files in one folder. It is safe for concurrent use.
type Store struct {
	dir    string
	name   func() string
	memory *budget
}

// New makes a store in dir, which it makes if need be. name makes names that cannot be guessed, as
// crypto/rand.Text does, which is also what nil stands for.
func New(dir string, name func() string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder for pictures: %w", err)
	}
	if name == nil {
		name = rand.Text
	}
	return &Store{dir: dir, name: name, memory: newBudget()}, nil
}

// Put keeps a picture. Its errors are Refusals, ctx.Err() when ctx ends before its turn has come, or
// those of r and the disk.
func (s *Store) Put(ctx context.Context, r io.Reader) (Info, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	switch {
	case err != nil:
		return Info{}, fmt.Errorf("read a picture: %w", err)
	case len(data) > MaxSize:
		return Info{}, ErrTooLarge
	}
	h, err := inspect(data)
	if err != nil {
		return Info{}, err
	}
	release, err := s.memory.take(ctx, h.memory())
	if err != nil {
		return Info{}, err
	}
	defer release()
	clean, info, err := h.rewrite(data)
	if err != nil {
		return Info{}, err
	}
	info.ID, info.Size = s.name(), int64(len(clean))
	if !valid(info.ID) {
		return Info{}, fmt.Errorf("%q is no name for a picture", info.ID)
	}
	if err := s.write(info.ID, clean); err != nil {
		return Info{}, fmt.Errorf("keep a picture: %w", err)
	}
	return info, nil
}

// temporary begins the name of a file that is not whole yet.
const temporary = ".new-"

// write makes a file that is whole, on disk, or not there.
func (s *Store) write(id string, data []byte) (err error) {
	f, err := os.CreateTemp(s.dir, temporary) // with mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()           // it is closed already, or its error is not the first one
			_ = os.Remove(f.Name()) // Sweep removes what is left
		}
	}()
	if _, err := io.Copy(f, bytes.NewReader(data)); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), filepath.Join(s.dir, id)); err != nil {
		return err
	}
	return s.sync()
}

// sync brings the folder itself to disk.
func (s *Store) sync() error {
	d, err := os.Open(s.dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Open opens a picture; ErrNotFound.
func (s *Store) Open(id string) (*os.File, error) {
	if !valid(id) {
		return nil, ErrNotFound
	}
	f, err := os.Open(filepath.Join(s.dir, id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("open a picture: %w", err)
	}
	return f, nil
}

// Delete deletes pictures. Those that are not there are deleted already.
func (s *Store) Delete(ids ...string) error {
	var errs []error
	for _, id := range ids {
		if !valid(id) {
			continue
		}
		if err := os.Remove(filepath.Join(s.dir, id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, fmt.Errorf("delete a picture: %w", err))
		}
	}
	return errors.Join(errs...)
}

// Sweep deletes what was written before a time and is not to be kept: pictures that no entry has, and
// files that a crash has left. It tells how many these were.
func (s *Store) Sweep(ctx context.Context, before time.Time, keep func(id string) (bool, error)) (deleted int, err error) {
	files, err := os.ReadDir(s.dir)
	if err != nil {
		return 0, fmt.Errorf("sweep pictures: %w", err)
	}
	for _, f := range files {
		if ctx.Err() != nil {
			return deleted, ctx.Err()
		}
		picture := valid(f.Name())
		if !picture && !strings.HasPrefix(f.Name(), temporary) {
			continue // not ours
		}
		info, err := f.Info()
		if err != nil || !info.Mode().IsRegular() || !info.ModTime().Before(before) {
			continue // deleted meanwhile, or too young
		}
		if picture {
			if kept, err := keep(f.Name()); err != nil {
				return deleted, fmt.Errorf("sweep pictures: %w", err)
			} else if kept {
				continue
			}
		}
		if err := os.Remove(filepath.Join(s.dir, f.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return deleted, fmt.Errorf("sweep pictures: %w", err)
		}
		deleted++
	}
	return deleted, nil
}

// valid tells whether id may be a name: 16 to 64 capital letters and digits, so that it is no path.
func valid(id string) bool {
	if len(id) < 16 || len(id) > 64 {
		return false
	}
	for _, c := range []byte(id) {
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}
