package loader

import (
	"encoding/hex"
	"math"
)

// DefaultMaxSize is the limit that a zero [Options].MaxSize stands for: 64 MiB.
const DefaultMaxSize = 64 << 20

// MaxSidecarSize is the largest sidecar that is read, and the longest text that the sections of a module may carry in its
// stead: 1 MiB.
const MaxSidecarSize = 1 << 20

// Options are what a caller may ask of [Find], [FindPath] and [FromBytes]. The zero value and nil mean the defaults.
// Options are only read; one value may serve any number of calls at the same time.
type Options struct {
	// MaxSize is the largest module accepted, in bytes, after decompression. A compressed file may itself be larger
	// than that by a 64th and 128 KiB, no more. Zero: DefaultMaxSize. Negative: refused.
	MaxSize int64

	// SHA256 is the digest that the module must have, in 64 hexadecimal digits of either case. It is taken over the
	// decompressed bytes, so that compressing a file again does not change it, and does not cover the sidecar. Empty: any
	// module. Anything else is refused before a file is touched.
	SHA256 string
}

// limits are checked Options.
type limits struct {
	maxSize int64
	pin     []byte // nil: none
}

// limits checks o, which may be nil.
func (o *Options) limits() (limits, *Error) {
	l := limits{maxSize: DefaultMaxSize}
	if o == nil {
		return l, nil
	}
	if o.MaxSize < 0 {
		return l, refused("Options.MaxSize: got %d, want 0 or more", o.MaxSize)
	}
	if o.MaxSize > 0 {
		l.maxSize = o.MaxSize
	}
	if o.SHA256 != "" {
		if n := len(o.SHA256); n != 64 {
			return l, refused("Options.SHA256: got %s of %d characters, want 64 hexadecimal digits", quote(o.SHA256), n)
		}
		pin, err := hex.DecodeString(o.SHA256)
		if err != nil {
			return l, refused("Options.SHA256: got %s, want 64 hexadecimal digits", quote(o.SHA256))
		}
		l.pin = pin
	}
	return l, nil
}

// maxFile is the size that a file may have, compressed or not: stored deflate blocks and a gzip header add little, and
// what adds more (any number of empty blocks) is there to keep the reader busy.
func (l limits) maxFile() int64 {
	slack := l.maxSize/64 + 128<<10
	if l.maxSize > math.MaxInt64-slack {
		return math.MaxInt64
	}
	return l.maxSize + slack
}
