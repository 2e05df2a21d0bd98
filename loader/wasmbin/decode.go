package wasmbin

import (
	"bytes"
	"fmt"
)

// header is magic and version.
var header = []byte("\x00asm\x01\x00\x00\x00")

// Section ids, and the last of them.
const (
	idCustom    = 0
	idType      = 1
	idImport    = 2
	idFunction  = 3
	idTable     = 4
	idMemory    = 5
	idGlobal    = 6
	idExport    = 7
	idStart     = 8
	idElement   = 9
	idCode      = 10
	idData      = 11
	idDataCount = 12
	idTag       = 13
	lastID      = 13
)

// section says what is known about each kind of section: its name in errors, its place in the order (the ids of tag and
// data count came later), and how its content is read.
var sections = [lastID + 1]struct {
	name string
	rank int
	read func(*Module, *reader)
}{
	idCustom:    {"custom", 0, (*Module).readCustom},
	idType:      {"type", 1, (*Module).readTypes},
	idImport:    {"import", 2, (*Module).readImports},
	idFunction:  {"function", 3, (*Module).readFunctions},
	idTable:     {"table", 4, (*Module).readTables},
	idMemory:    {"memory", 5, (*Module).readMemories},
	idTag:       {"tag", 6, (*Module).readTags},
	idGlobal:    {"global", 7, (*Module).readGlobals},
	idExport:    {"export", 8, (*Module).readExports},
	idStart:     {"start", 9, (*Module).readStart},
	idElement:   {"element", 10, (*Module).readElements},
	idDataCount: {"data count", 11, (*Module).readDataCount},
	idCode:      {"code", 12, (*Module).readCode},
	idData:      {"data", 13, (*Module).readData},
}

// Decode reads a module. The result aliases b, which must not change while the result is used. The error is an [*Error].
//
// It checks the form: header, order and sizes of sections, numbers, names, types, constant expressions, frames of bodies
// and segments, and that the counts of different sections agree. Indices are not checked (see [Module.CheckIndices]), nor are
// instructions of bodies (see [Instructions]). Time and memory are linear in the length of b.
func Decode(b []byte) (*Module, error) {
	m, e := decode(b)
	if e != nil {
		return nil, e
	}
	return m, nil
}

func decode(b []byte) (*Module, *Error) {
	if !bytes.HasPrefix(b, header) {
		return nil, &Error{Reason: fmt.Sprintf("header: got % x, want % x", b[:min(len(b), len(header))], header)}
	}
	m := &Module{bytes: b}
	last := idCustom
	for pos := len(header); pos < len(b); {
		id := int(b[pos])
		if id > lastID {
			return nil, &Error{Offset: int64(pos), Reason: fmt.Sprintf("section id: got %d, want 0 to %d", id, lastID)}
		}
		kind := &sections[id]
		if id != idCustom {
			if kind.rank <= sections[last].rank {
				reason := fmt.Sprintf("comes after the %s section, want it before", sections[last].name)
				if id == last {
					reason = "got a second one, want at most one"
				}
				return nil, &Error{Offset: int64(pos), Section: kind.name, Reason: reason}
			}
			last = id
		}
		r := &reader{b: b, pos: pos + 1, section: kind.name}
		content := r.bytes("size")
		if r.err != nil {
			return nil, r.err
		}
		m.Sections = append(m.Sections, Section{ID: byte(id), Offset: pos, Raw: b[pos:r.pos:r.pos], Content: content})
		r.b, r.pos = b[:r.pos], r.pos-len(content)
		kind.read(m, r)
		if r.err == nil && r.left() != 0 {
			r.fail(r.pos, "got %d bytes after the last entry, want none", r.left())
		}
		if r.err != nil {
			return nil, r.err
		}
		pos = len(r.b)
	}
	if len(m.Functions) != len(m.Code) {
		return nil, misuse("functions: got %d types and %d bodies, want as many", len(m.Functions), len(m.Code))
	}
	if m.DataCount != nil && uint64(*m.DataCount) != uint64(len(m.Data)) {
		return nil, misuse("data segments: got %d, want the %d of the data count section", len(m.Data), *m.DataCount)
	}
	return m, nil
}

// entries reads the count of the entries of a section, which are at least least bytes each, and keeps where they begin.
func (m *Module) entries(r *reader, what string, least int) int {
	n := r.count("number of "+what, least)
	s := &m.Sections[len(m.Sections)-1]
	s.entries, s.count = len(s.Content)-r.left(), uint32(n)
	return n
}

// reserve is for how many entries memory is taken before one of them was read: what a count claims may not be there.
const reserve = 1 << 10

// each reads the entries of a section.
func each[T any](m *Module, r *reader, what string, least int, read func(*reader) T) []T {
	n := m.entries(r, what, least)
	if r.err != nil {
		return nil
	}
	all := make([]T, 0, min(n, reserve))
	for i := 0; i < n && r.err == nil; i++ {
		all = append(all, read(r))
	}
	return all
}
