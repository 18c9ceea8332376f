// Package media keeps customers' and agents' pictures: written anew, so that nothing but the picture
// itself is left of what was sent, under names that cannot be guessed.
package media

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sync/semaphore"
)

// Store keeps pictures as files in one folder. It is safe for concurrent use.
type Store struct {
	dir     string
	name    func() string
	small   lane // for what takes no more than smallMemory, so that it does not wait behind what takes more
	large   lane
	timeout time.Duration // of one picture's decoding and rewriting

	Space func(dir string) (Space, error) // DiskSpace, unless a test says otherwise
}

// lane is where pictures wait for each other.
type lane struct {
	slots  *semaphore.Weighted // of pictures that are decoded; taken before their memory
	memory *semaphore.Weighted // bytes that these take
}

const (
	smallMemory   = 40 << 20         // bytes that small pictures take up together; whatever takes no more by itself is small, as most photographs are
	maxConcurrent = 2                // pictures that are decoded at once, of each size
	maxDecodeTime = 20 * time.Second // for decoding and rewriting: the largest photographs take a few seconds
)

func newLane(memory int64) lane {
	return lane{semaphore.NewWeighted(maxConcurrent), semaphore.NewWeighted(memory)}
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
	return &Store{dir: dir, name: name, small: newLane(smallMemory), large: newLane(maxMemory), timeout: maxDecodeTime, Space: DiskSpace}, nil
}

// Put keeps a picture. Its errors are Refusals, ctx.Err() when ctx ends first, or those of r and the disk.
func (s *Store) Put(ctx context.Context, r io.Reader) (Info, error) {
	if s.Full() {
		return Info{}, ErrDiskFull
	}
	data, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	switch {
	case err != nil:
		return Info{}, fmt.Errorf("read a picture: %w", err)
	case len(data) > MaxSize:
		return Info{}, ErrTooLarge
	}
	h, err := parseHeader(data)
	if err != nil {
		return Info{}, err
	}
	clean, info, err := s.transcode(ctx, h, data)
	if err != nil {
		return Info{}, err
	}
	info.ID, info.Size = s.name(), int64(len(clean))
	if !validID(info.ID) {
		return Info{}, fmt.Errorf("%q is no name for a picture", info.ID)
	}
	if err := s.write(info.ID, clean); err != nil {
		return Info{}, fmt.Errorf("keep a picture: %w", err)
	}
	return info, nil
}

// transcode writes a picture anew when there is memory for it.
func (s *Store) transcode(ctx context.Context, h header, data []byte) ([]byte, Info, error) {
	wait := s.large
	if h.decodeMemory() <= smallMemory {
		wait = s.small
	}
	if err := wait.slots.Acquire(ctx, 1); err != nil {
		return nil, Info{}, err
	}
	defer wait.slots.Release(1)
	if err := wait.memory.Acquire(ctx, h.decodeMemory()); err != nil {
		return nil, Info{}, err
	}
	defer wait.memory.Release(h.decodeMemory())
	if h.decodeMemory() > gcThreshold {
		defer runtime.GC() // before the next one: else what is left of this one stands beside it
	}
	limited, cancel := context.WithTimeoutCause(ctx, s.timeout, ErrTooComplex)
	defer cancel()
	clean, info, err := h.transcode(limited, data)
	switch {
	case ctx.Err() != nil:
		return nil, Info{}, ctx.Err()
	case limited.Err() != nil:
		return nil, Info{}, context.Cause(limited)
	}
	return clean, info, err
}

// gcThreshold is the memory from which on a picture is cleared away at once: 32 MB.
const gcThreshold = 32 << 20

// tempPrefix begins the name of a file that is not whole yet.
const tempPrefix = ".new-"

// write makes a file that is whole, on disk, or not there.
func (s *Store) write(id string, data []byte) (err error) {
	f, err := os.CreateTemp(s.dir, tempPrefix) // with mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // Sweep removes what is left
		}
	}()
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), filepath.Join(s.dir, id)); err != nil {
		return err
	}
	d, err := os.Open(s.dir) // the folder itself must be on disk too
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Open opens a picture; ErrNotFound.
func (s *Store) Open(id string) (*os.File, error) {
	if !validID(id) {
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

// Has tells whether a picture's file is in a folder of a Store.
func Has(dir, id string) bool {
	_, err := os.Stat(filepath.Join(dir, id))
	return validID(id) && err == nil
}

// Delete deletes pictures. Those that are not there are deleted already.
func (s *Store) Delete(ids ...string) error {
	var errs []error
	for _, id := range ids {
		if !validID(id) {
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
		picture := validID(f.Name())
		if !picture && !strings.HasPrefix(f.Name(), tempPrefix) {
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

// validID reports whether id may be a name: 16 to 64 capital letters and digits, so that it is no path.
func validID(id string) bool {
	return 16 <= len(id) && len(id) <= 64 && strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}
