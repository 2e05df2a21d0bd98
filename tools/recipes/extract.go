package main

import (
	"bytes"
	"crypto/sha256"
	base "encoding/base64"
	"encoding/hex"
	"fmt"
	"iter"
)

// extract finds the file of r in what its path held, by the digest.
func extract(r recipe, held []byte) ([]byte, error) {
	switch r.Encoding {
	case plain:
		if r.is(held) {
			return held, nil
		}
		return nil, fmt.Errorf("%s of %s has %d bytes with sha256 %s, want %d with %s",
			r.Path, r.spec(), len(held), digest(held), r.Size, r.SHA256)
	case base64:
		n := 0
		for b := range encoded(held) {
			if r.is(b) {
				return b, nil
			}
			n++
		}
		return nil, fmt.Errorf("%s of %s holds %d modules in base64, none with sha256 %s", r.Path, r.spec(), n, r.SHA256)
	}
	return nil, fmt.Errorf("encoding is %q, want %s or %s", r.Encoding, plain, base64)
}

// is reports whether b is the file of r.
func (r recipe) is(b []byte) bool { return int64(len(b)) == r.Size && digest(b) == r.SHA256 }

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// magic is how every module begins in base64: the first 60 of the 64 bits of its magic number and version.
const magic = "AGFzbQEAAA"

// encoded yields all modules in text that are encoded in base64, in its usual alphabet or in that of URLs. A run of
// letters that is no base64 is passed by. It takes linear time.
func encoded(text []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for {
			at := bytes.Index(text, []byte(magic))
			if at < 0 {
				return
			}
			end := at
			for end < len(text) && letter(text[end]) {
				end++
			}
			run := bytes.Map(usual, text[at:end])
			text = text[end:]
			b, err := base.RawStdEncoding.AppendDecode(nil, run)
			if err == nil && !yield(b) {
				return
			}
		}
	}
}

// letter reports whether c is in one of the alphabets.
func letter(c byte) bool {
	return 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '+' || c == '/' || c == '-' || c == '_'
}

// usual turns the alphabet of URLs into the usual one.
func usual(r rune) rune {
	switch r {
	case '-':
		return '+'
	case '_':
		return '/'
	}
	return r
}
