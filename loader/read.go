package loader

import (
	"bufio"
	"compress/gzip"
	"errors"
	"io"
)

// errTooLarge is what a source answers when more than its limit is there to read.
var errTooLarge = errors.New("too large")

// source reads at most left bytes of r and trusts it in nothing: more bytes are errTooLarge, impossible counts and endless
// empty reads are errors. err keeps the first failure, to tell a broken file system from broken gzip data.
type source struct {
	r    io.Reader
	left int64
	idle int
	err  error
}

func (s *source) Read(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	if len(p) == 0 {
		return 0, nil
	}
	if int64(len(p))-1 > s.left {
		p = p[:s.left+1] // one more than allowed, to see whether it is there
	}
	n, err := s.r.Read(p)
	switch {
	case n < 0 || n > len(p):
		n, err = 0, errors.New("file system: Read returned an impossible count")
	case int64(n) > s.left:
		n, err = int(s.left), errTooLarge
	case n > 0:
		s.idle = 0
	case err == nil:
		if s.idle++; s.idle == 100 {
			err = io.ErrNoProgress
		}
	}
	s.left -= int64(n)
	s.err = err
	return n, err
}

// readAll reads s to its end. The hint is a size that somebody claims; it saves copies and decides nothing.
func readAll(s *source, hint int64) ([]byte, error) {
	// One byte beyond the hint, so that the end is seen without growing. A claim alone reserves no more than the default.
	b := make([]byte, 0, 1+max(0, min(hint, s.left, DefaultMaxSize)))
	for {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		n, err := s.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if err == io.EOF {
			return b, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// readModule reads and checks a module of which size is claimed.
func readModule(r io.Reader, size int64, lim limits) (*Binary, *Error) {
	if size > lim.maxFile() {
		return nil, refused("file size: got %d, want at most %d for a module of %d", size, lim.maxFile(), lim.maxSize)
	}
	raw := &source{r: r, left: lim.maxFile()}
	buf := bufio.NewReader(raw)
	head, _ := buf.Peek(2) // whatever is wrong comes up again when it is read
	if string(head) == "\x1f\x8b" {
		return readGzip(raw, buf, lim)
	}
	if size > lim.maxSize {
		return nil, refused("module size: got %d, want at most %d", size, lim.maxSize)
	}
	b, err := readAll(&source{r: buf, left: lim.maxSize}, size)
	switch {
	case err == errTooLarge:
		return nil, refused("module size: got more than %d, want at most that", lim.maxSize)
	case err != nil:
		return nil, failed(err, "read")
	}
	return newBinary(b, lim)
}

// readGzip decompresses the one gzip member in buf, which reads from raw.
func readGzip(raw *source, buf *bufio.Reader, lim limits) (*Binary, *Error) {
	broken := func(err error, b string) *Error {
		switch {
		case raw.err == errTooLarge:
			return refused("compressed file: got more than %d bytes, want at most that for a module of %d", lim.maxFile(), lim.maxSize)
		case raw.err != nil && raw.err != io.EOF:
			return failed(raw.err, "read")
		case err == io.EOF, err == io.ErrUnexpectedEOF:
			return malformed(io.ErrUnexpectedEOF, "gzip data cut short")
		}
		return malformed(err, "%s: %v", b, err)
	}
	gz, err := gzip.NewReader(buf)
	if err != nil {
		return nil, broken(err, "gzip header")
	}
	gz.Multistream(false)
	b, err := readAll(&source{r: gz, left: lim.maxSize}, 0)
	switch {
	case err == errTooLarge && raw.err != errTooLarge:
		return nil, refused("decompressed size: got more than %d, want at most that", lim.maxSize)
	case err != nil:
		return nil, broken(err, "gzip data")
	}
	rest, err := buf.Peek(2)
	switch {
	case string(rest) == "\x1f\x8b":
		return nil, malformed(nil, "a second gzip member follows the first, want one")
	case len(rest) > 0:
		return nil, malformed(nil, "data after the end of the gzip member, beginning with % x", rest)
	case err != io.EOF:
		return nil, broken(err, "gzip data")
	}
	return newBinary(b, lim)
}
