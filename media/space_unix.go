//go:build unix

package media

import (
	"fmt"
	"syscall"
)

// DiskSpace is what an ordinary user has below dir.
func DiskSpace(dir string) (Space, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return Space{}, fmt.Errorf("look at the disk: %w", err)
	}
	return Space{Free: s.Bavail * uint64(s.Bsize), Total: s.Blocks * uint64(s.Bsize)}, nil
}
