//go:build unix

package wasmffi

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// checkOwner accepts what is the user's own and nobody else's.
func checkOwner(dir string, st fs.FileInfo) error {
	if p := st.Mode().Perm(); p&0o077 != 0 {
		return fmt.Errorf("%w: %s has mode %#o, want 0700", ErrCacheDir, dir, p)
	}
	if s, ok := st.Sys().(*syscall.Stat_t); ok && int(s.Uid) != os.Geteuid() {
		return fmt.Errorf("%w: %s belongs to user %d, want %d", ErrCacheDir, dir, s.Uid, os.Geteuid())
	}
	return nil
}
