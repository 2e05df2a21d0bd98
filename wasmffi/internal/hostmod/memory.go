package hostmod

import (
	"bytes"
	"encoding/binary"
	"reflect"
	"strings"
	"unicode/utf16"

	"github.com/tetratelabs/wazero/api"
)

// memory is the guest's memory; nil: it has none.
func (c call) memory() api.Memory {
	m := c.module.Memory()
	if m == nil || reflect.ValueOf(m).IsNil() { // the engine gives a nil pointer in an interface
		return nil
	}
	return m
}

// bytes is n bytes of the guest at p, until its memory grows.
func (c call) bytes(p, n uint32) ([]byte, bool) {
	m := c.memory()
	if m == nil {
		return nil, false
	}
	return m.Read(p, n)
}

// must is bytes for functions that cannot tell their guest of an error.
func (c call) must(what string, p, n uint32) []byte {
	b, ok := c.bytes(p, n)
	if !ok {
		panic(&Abort{what, "address is outside of the memory"})
	}
	return b
}

// putInt32 stores a number of 32 bits.
func (c call) putInt32(what string, p uint32, x int32) {
	binary.LittleEndian.PutUint32(c.must(what, p, 4), uint32(x))
}

// int32 is a number of 32 bits at p.
func (c call) int32(what string, p uint32) int32 {
	return int32(binary.LittleEndian.Uint32(c.must(what, p, 4)))
}

// prefix is up to most bytes at p, fewer where the memory ends.
func (c call) prefix(p uint32, most int) []byte {
	m := c.memory()
	if m == nil || p >= m.Size() {
		return nil
	}
	b, _ := m.Read(p, min(uint32(most), m.Size()-p))
	return b
}

// text is the string of C at p, to its NUL, of at most maxText bytes: for texts of errors.
func (c call) text(p uint32) string {
	switch s, ok := c.cstring(p, maxText+1); {
	case p == 0:
		return "NULL"
	case !ok && s == "":
		return "a string outside of the memory"
	default:
		return printable(s)
	}
}

// cstring is the string of C at p, cut after most bytes, and whether it is whole.
func (c call) cstring(p uint32, most int) (string, bool) {
	s, _, whole := bytes.Cut(c.prefix(p, most), []byte{0})
	return string(s), whole
}

// utf8 is n bytes at p, of which errors show the first.
func (c call) utf8(p, n uint32) string {
	b, ok := c.bytes(p, n)
	if !ok {
		return "a string outside of the memory"
	}
	return printable(strings.ToValidUTF8(string(b[:min(len(b), maxText+1)]), "\uFFFD"))
}

// utf16 is the string of AssemblyScript at p, cut after most bytes: its length, in bytes,
// stands before it. A string with a bad address is none.
func (c call) utf16(p uint32, most int) (string, bool) {
	if p < 4 {
		return "", false
	}
	head, ok := c.bytes(p-4, 4)
	if !ok {
		return "", false
	}
	n := binary.LittleEndian.Uint32(head)
	if _, ok := c.bytes(p, n); !ok || n%2 != 0 {
		return "", false
	}
	b := c.prefix(p, min(int(min(n, 1<<30)), most&^1))
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return string(utf16.Decode(units)), true
}
