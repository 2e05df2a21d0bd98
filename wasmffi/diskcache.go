package wasmffi

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// NewDiskCache is NewCache with a directory where machine code is kept from one process to the
// next, made if it is not there. What lies there is run as it is: so it must be a directory of the user's own
// that nobody else may write to or read (mode 0700), or it is refused with ErrCacheDir. Windows has no such modes: there,
// who can write to the directory is the caller's to see to.
//
// Processes may share it. Entries appear whole, and one that is damaged is dropped and made anew. Nothing
// is ever removed because it is old: entries of other versions of the engine stay in the way of nobody.
func NewDiskCache(bytes int64, dir string) (*Cache, error) {
	if err := checkCacheDir(dir); err != nil {
		return nil, fmt.Errorf("wasmffi: NewDiskCache: %w", err)
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("wasmffi: NewDiskCache: %w", err)
	}
	c := NewCache(bytes)
	c.dir = dir
	return c, nil
}

// ErrCacheDir says that a directory cannot be trusted with code.
var ErrCacheDir = errors.New("directory for code")

func checkCacheDir(dir string) error {
	if dir == "" {
		return fmt.Errorf("%w: no name given", ErrCacheDir)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	st, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !st.IsDir() {
		return fmt.Errorf("%w: %s is %s, want a directory", ErrCacheDir, dir, st.Mode().Type())
	}
	return checkOwner(dir, st)
}
