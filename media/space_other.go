//go:build !unix

package media

import "errors"

// DiskSpace is not known here.
func DiskSpace(string) (Space, error) {
	return Space{}, errors.New("the free space is not known on this system")
}
