package wasmbin

import "unicode/utf8"

// nameSection is the custom section with names for people, of appendix 7.4.1 of the core specification.
const nameSection = "name"

// Subsections of it that engines read.
const (
	namesOfModule    = 0
	namesOfFunctions = 1
	namesOfLocals    = 2
)

// DropUnsoundNames takes out sections of names that are not well formed, and all but the first of others; it returns how many those were.
// Nothing depends on them, but engines may take memory for as many names as such a section says that it has: 30 bytes ended a process.
func (m *Module) DropUnsoundNames() int {
	seen := false
	return m.drop(func(c Custom) bool {
		if c.Name != nameSection {
			return false
		}
		again := seen
		seen = true
		return again || !soundNames(c.Data)
	})
}

// soundNames is whether the content is well formed.
func soundNames(b []byte) bool {
	r := nameReader{b: b}
	for len(r.b) > 0 && !r.bad {
		id := r.byte()
		part := nameReader{b: r.take(r.number())}
		switch id {
		case namesOfModule:
			part.name()
		case namesOfFunctions:
			part.names()
		case namesOfLocals:
			for n := part.count(2); n > 0 && !part.bad; n-- { // an index and a count at least
				part.number()
				part.names()
			}
		default:
			continue
		}
		if part.bad || len(part.b) > 0 {
			return false
		}
	}
	return !r.bad
}

// nameReader reads the numbers and texts of such a section.
type nameReader struct {
	b   []byte // what is left
	bad bool
}

func (r *nameReader) fail() {
	r.b, r.bad = nil, true
}

func (r *nameReader) byte() byte {
	if len(r.b) == 0 {
		r.fail()
		return 0
	}
	x := r.b[0]
	r.b = r.b[1:]
	return x
}

func (r *nameReader) number() uint64 {
	v, next, problem := unsigned(r.b, 0, 32)
	if problem != "" {
		r.fail()
		return 0
	}
	r.b = r.b[next:]
	return v
}

// count is how many entries follow, of so many bytes at least.
func (r *nameReader) count(least int) uint64 {
	n := r.number()
	if n > uint64(len(r.b)/least) {
		r.fail()
		return 0
	}
	return n
}

func (r *nameReader) take(n uint64) []byte {
	if n > uint64(len(r.b)) {
		r.fail()
		return nil
	}
	part := r.b[:n]
	r.b = r.b[n:]
	return part
}

func (r *nameReader) name() {
	if !utf8.Valid(r.take(r.number())) {
		r.fail()
	}
}

// names are indices, each with a name.
func (r *nameReader) names() {
	for n := r.count(2); n > 0 && !r.bad; n-- {
		r.number()
		r.name()
	}
}
