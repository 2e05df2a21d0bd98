package loader

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
)

// headerSize is that of the preamble: four bytes of magic, two of version, two of layer (WebAssembly core specification,
// section 5.5.16, where version and layer are one number; the component model split it).
const headerSize = 8

const magic = "\x00asm"

// checkHeader accepts a version 1 core module and says of anything else what it looks like.
func checkHeader(b []byte) *Error {
	if len(b) == 0 {
		return malformed(nil, "empty file, want a wasm module")
	}
	head := b[:min(len(b), headerSize)]
	if !strings.HasPrefix(magic, string(head[:min(len(head), len(magic))])) {
		return malformed(nil, "not a wasm module: begins with % x%s, want % x", head[:min(len(head), len(magic))],
			guess(b), magic)
	}
	if len(head) < headerSize {
		return malformed(nil, "too short for a wasm module: got %d bytes (% x), want a header of %d", len(head), head, headerSize)
	}
	version, layer := binary.LittleEndian.Uint16(head[4:]), binary.LittleEndian.Uint16(head[6:])
	switch {
	case version == 1 && layer == 0:
		return nil
	case layer == 1:
		return malformed(nil, "a component (version %#x, layer 1), want a core module (version 0x1, layer 0): "+
			"take the core module out of it", version)
	}
	return malformed(nil, "wasm version: got %#x, layer %d, want 0x1, layer 0", version, layer)
}

// lookalikes are the files that are most often found where a module was meant.
var lookalikes = []struct{ prefix, what string }{
	{"\x7fELF", "an ELF object: compile for wasm32"},
	{"\xfe\xed\xfa\xce", "a Mach-O object: compile for wasm32"},
	{"\xfe\xed\xfa\xcf", "a Mach-O object: compile for wasm32"},
	{"\xce\xfa\xed\xfe", "a Mach-O object: compile for wasm32"},
	{"\xcf\xfa\xed\xfe", "a Mach-O object: compile for wasm32"},
	{"\xca\xfe\xba\xbe", "a universal Mach-O object or a Java class: compile for wasm32"},
	{"MZ", "a PE file (DLL or EXE): compile for wasm32"},
	{"BC\xc0\xde", "LLVM bitcode: link with wasm-ld"},
	{"!<arch>\n", "an ar archive: link with wasm-ld"},
	{"\x1f\x8b", "gzip within gzip: compress once"},
	{"PK\x03\x04", "a zip archive"},
	{"PK\x05\x06", "a zip archive"},
	{"\x28\xb5\x2f\xfd", "zstd data: only gzip is read"},
	{"\xfd7zXZ\x00", "xz data: only gzip is read"},
	{"version https://git-lfs", "a Git LFS pointer: run git lfs pull"},
	{"#!", "a script"},
}

// guess is " (what b looks like)", or nothing.
func guess(b []byte) string {
	for _, l := range lookalikes {
		if bytes.HasPrefix(b, []byte(l.prefix)) {
			return fmt.Sprintf(" (%s)", l.what)
		}
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(b[:min(len(b), 4096)], []byte("\xef\xbb\xbf")), " \t\r\n")
	lower := bytes.ToLower(text[:min(len(text), 16)])
	switch {
	case bytes.HasPrefix(text, []byte("(")), bytes.HasPrefix(text, []byte(";;")):
		return " (wasm text format: assemble with wat2wasm)"
	case bytes.HasPrefix(lower, []byte("<!doctype html")), bytes.HasPrefix(lower, []byte("<html")):
		return " (an HTML page: perhaps of a failed download)"
	}
	return ""
}
