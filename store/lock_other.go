//go:build !unix

package store

import "os"

// lockServing trusts the operator: there is no flock.
func lockServing(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
}
