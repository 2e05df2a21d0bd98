//go:build !windows && !((linux || darwin || freebsd || netbsd || openbsd) && (amd64 || arm64 || riscv64 || ppc64le || s390x || loong64))

package linmem

const (
	mapping    = false // memories are on the Go heap, which lives as long as a slice of it
	keepsPages = false
)

// reserve takes the whole capacity from the Go heap at once, so that the base
// never moves. The pages are touched only as they are used.
func reserve(n uint64) ([]byte, error) { return make([]byte, n), nil }

func unreserve([]byte) error { return nil }

func commit([]byte, uint64, uint64) error { return nil }
