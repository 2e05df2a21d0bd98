package main

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
)

// maxLine is the longest line that is read: a few hundred times the longest
// case, and an end to files that are something else.
const maxLine = 1 << 20

// replayFile compares every case of a file and adds it to r. Its errors name
// the file, and the line where there is one.
func replayFile(name string, replay func([]byte) (*outcome, error), r *report) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	text, err := plain(f)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	lines := bufio.NewScanner(text)
	lines.Buffer(nil, maxLine)
	n := 0
	for lines.Scan() {
		n++
		o, err := replay(lines.Bytes())
		if err != nil {
			// A line that is cut off because reading failed is not at fault.
			return fmt.Errorf("%s:%d: %w", name, n, cmp.Or(lines.Err(), err))
		}
		r.add(fmt.Sprintf("%s:%d", name, n), o)
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return fmt.Errorf("%s:%d: line is longer than %d bytes", name, n+1, maxLine)
	case err != nil:
		return fmt.Errorf("%s:%d: %w", name, n+1, err)
	case n == 0:
		return fmt.Errorf("%s: holds no cases", name)
	}
	return nil
}

// plain is the text of a file, uncompressed if it begins like a gzip file.
func plain(r io.Reader) (io.Reader, error) {
	b := bufio.NewReaderSize(r, 1<<16)
	if magic, _ := b.Peek(2); string(magic) == "\x1f\x8b" {
		return gzip.NewReader(b)
	}
	return b, nil
}
