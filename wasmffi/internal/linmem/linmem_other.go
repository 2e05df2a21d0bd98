//go:build !((linux || darwin || freebsd || netbsd || openbsd) && (amd64 || arm64 || riscv64 || ppc64le || s390x || loong64))

package linmem

// keep is false: the memory is on the Go heap, which keeps a range alive for as
// long as a slice refers to it.
const keep = false

// reserve takes the whole capacity from the Go heap at once, so that the base
// never moves. The pages are touched only as they are used.
func reserve(n int) ([]byte, error) { return make([]byte, n), nil }

func commit(all []byte, old, size uint64) error { return nil }

func release(all []byte, committed uint64) error { return nil }
