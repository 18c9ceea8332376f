package flatfile

import "syscall"

// forget lets go of what checking a mapped file has read: it comes back, page by page, as it is used.
func forget(data []byte) {
	_ = syscall.Madvise(data, syscall.MADV_DONTNEED) // only an advice
}
