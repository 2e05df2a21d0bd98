package loader

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"unicode/utf8"
)

// signatureSection is the name of the custom section in which a module carries signatures of its functions.
const signatureSection = "wasmffi"

// Signatures is the text of the signatures that the module carries, a copy, and where it stood: "section wasmffi", or
// the path of the sidecar. Several sections of that name are one text, in the order of the module, with a newline
// between them where the first of two does not end in one. The sidecar counts only when the sections hold no byte: an
// empty section, or an empty sidecar, is none. Where there is nothing, text is nil and from is empty.
//
// The text is a claim by whoever made the module, and it is not read here. At most MaxSidecarSize bytes are accepted:
// more are [ErrRefused]. Sections whose sizes and names do not fit into the module are [ErrFormat], also where a
// sidecar is there. Of other sections the frame alone is looked at. The time is linear in the size of the module, and
// the memory that of the text.
func (b *Binary) Signatures() (text []byte, from string, err error) {
	text, e := signatureText(b.Bytes)
	switch {
	case e != nil:
		e.Op, e.Name, e.Path = "signatures", b.Name, b.Path
		return nil, "", e
	case len(text) > 0:
		return text, "section " + signatureSection, nil
	case len(b.Sidecar) > 0:
		return bytes.Clone(b.Sidecar), b.SidecarPath, nil
	}
	return nil, "", nil
}

// signatureText walks the sections of a module (core specification, section 5.5.2): an id of one byte, a size, and as
// many bytes.
func signatureText(module []byte) ([]byte, *Error) {
	if e := checkHeader(module); e != nil {
		return nil, e
	}
	var text []byte
	for rest := module[headerSize:]; len(rest) > 0; {
		at := len(module) - len(rest)
		id := rest[0]
		body, after, problem := sized(rest[1:])
		if problem != "" {
			return nil, malformed(nil, "section at %#x: size: %s", at, problem)
		}
		rest = after
		if id != 0 {
			continue
		}
		name, content, problem := sized(body)
		if problem != "" {
			return nil, malformed(nil, "custom section at %#x: length of its name: %s", at, problem)
		}
		if !utf8.Valid(name) {
			return nil, malformed(nil, "custom section at %#x: name is not valid UTF-8", at)
		}
		if string(name) != signatureSection || len(content) == 0 {
			continue
		}
		if len(text) > 0 && text[len(text)-1] != '\n' {
			text = append(text, '\n')
		}
		// The sum of two lengths of slices in memory cannot overflow.
		if n := len(text) + len(content); n > MaxSidecarSize {
			return nil, refused("section %s: got at least %d bytes of text, want at most %d", signatureSection, n, MaxSidecarSize)
		}
		text = append(text, content...)
	}
	return text, nil
}

// sized cuts b after what its beginning announces: a u32 in LEB128, then as many bytes. The problem is empty when they are
// there.
func sized(b []byte) (body, rest []byte, problem string) {
	const longest = 5 // bytes of a u32; fewer would do for most values, but linkers pad
	n, size := binary.Uvarint(b[:min(len(b), longest)])
	switch {
	case size == 0 && len(b) < longest:
		return nil, nil, "cut short"
	case size == 0 || n > math.MaxUint32:
		return nil, nil, fmt.Sprintf("got % x..., want a LEB128 number of 32 bits", b[:longest])
	}
	b = b[size:]
	if n > uint64(len(b)) {
		return nil, nil, fmt.Sprintf("got %d, want at most the %d that are left", n, len(b))
	}
	return b[:n], b[n:], ""
}
