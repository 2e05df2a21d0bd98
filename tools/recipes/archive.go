package main

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
)

// Limits on an archive, whoever made it. The greatest of the manifest has 6,807 entries and unpacks to 28 MB.
const (
	maxEntries  = 20_000
	maxUnpacked = 96 << 20 // bytes
)

// unpack reads the files of the archive at path, a tar compressed by gzip, that are wanted, by their names in it. A file
// that is not there is missing in the answer. Nothing is written anywhere, so what the entries are called does no harm.
func unpack(path string, wanted map[string]bool) (map[string][]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	found := map[string][]byte{}
	r := tar.NewReader(&bounded{z, maxUnpacked})
	for n := 0; ; n++ {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return found, nil
		}
		if err != nil {
			return nil, fmt.Errorf("archive: entry %d: %w", n, err)
		}
		switch {
		case n == maxEntries:
			return nil, fmt.Errorf("archive: more than %d entries", maxEntries)
		case !wanted[h.Name]:
			continue
		case h.Typeflag != tar.TypeReg:
			return nil, fmt.Errorf("archive: %s has type %q, want a regular file", h.Name, h.Typeflag)
		case found[h.Name] != nil:
			return nil, fmt.Errorf("archive: %s is there twice", h.Name)
		case h.Size > maxFile:
			return nil, fmt.Errorf("archive: %s has %d bytes, want at most %d", h.Name, h.Size, maxFile)
		}
		b, err := io.ReadAll(io.LimitReader(r, maxFile+1))
		if err != nil {
			return nil, fmt.Errorf("archive: %s: %w", h.Name, err)
		}
		found[h.Name] = b
	}
}

// bounded reads no more than left bytes: the next one is an error. A limit of io.LimitReader would look like the end.
type bounded struct {
	r    io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, fmt.Errorf("more than %d bytes when unpacked", maxUnpacked)
	}
	return n, err
}
