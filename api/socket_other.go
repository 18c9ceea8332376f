//go:build !unix

package api

// hungUp knows of no client that has closed its end: a write finds out.
func hungUp([]*stream) []*stream { return nil }
