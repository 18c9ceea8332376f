//go:build unix

package cli

import (
	"fmt"
	"syscall"
)

// freeSpace is how many bytes an ordinary user may still write below dir.
func freeSpace(dir string) (uint64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, fmt.Errorf("look at the disk: %w", err)
	}
	return s.Bavail * uint64(s.Bsize), nil
}
