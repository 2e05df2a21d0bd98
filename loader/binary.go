package loader

import (
	"bytes"
	"crypto/sha256"
)

// Binary is a wasm module that was found, read and checked: within the size limit, decompressed, a version 1 core module
// by its header, and the pinned one where a pin was given. It is plain data, owned by the caller, and safe to read from
// many goroutines; its fields must not be changed, for Digest speaks of Bytes.
type Binary struct {
	Name        string   // the name that was asked for
	Path        string   // the file: in the fs.FS, or in the operating system for FindPath; empty for FromBytes
	Bytes       []byte   // the module, decompressed
	Digest      [32]byte // SHA-256 of Bytes
	Sidecar     []byte   // content of the file .sig beside the module; nil when there is none, empty when it is empty
	SidecarPath string   // the file of Sidecar, as Path; empty when there is none
}

// FromBytes checks a module that is in memory already, compressed or not, as [Find] checks a file, and copies it. The name
// is a label for errors and Binary.Name and may be anything. There is no sidecar.
func FromBytes(name string, b []byte, o *Options) (*Binary, error) {
	lim, e := o.limits()
	if e == nil {
		var bin *Binary
		if bin, e = readModule(bytes.NewReader(b), int64(len(b)), lim); e == nil {
			bin.Name = name
			return bin, nil
		}
	}
	e.Op, e.Name = "load", name
	return nil, e
}

// newBinary checks decompressed bytes and takes them over.
func newBinary(b []byte, lim limits) (*Binary, *Error) {
	if e := checkHeader(b); e != nil {
		return nil, e
	}
	bin := &Binary{Bytes: b, Digest: sha256.Sum256(b)}
	if lim.pin != nil && !bytes.Equal(lim.pin, bin.Digest[:]) {
		return nil, refused("SHA-256: got %x, want %x", bin.Digest, lim.pin)
	}
	return bin, nil
}
