package wasmbin

import (
	"fmt"
	"unicode/utf8"
)

// reader reads the content of one section. After the first error it stands still and answers zeros: callers look at err
// where they loop, and at the end. Nothing is allocated for a count that the bytes left cannot hold.
type reader struct {
	b       []byte // the module, up to the end of the section
	pos     int
	section string
	err     *Error
}

// fail keeps the first error.
func (r *reader) fail(at int, format string, args ...any) {
	if r.err == nil {
		r.err = &Error{Offset: int64(at), Section: r.section, Reason: fmt.Sprintf(format, args...)}
	}
}

// lacks is fail for a feature that is lacking; detail is what shows it.
func (r *reader) lacks(at int, what string, l *lack, detail string) {
	if r.err == nil {
		r.fail(at, "%s: %s", what, l.problem(detail))
		r.err.Feature = l.feature
	}
}

// left is how many bytes are left.
func (r *reader) left() int { return len(r.b) - r.pos }

func (r *reader) byte(what string) byte {
	if r.err != nil {
		return 0
	}
	if r.left() == 0 {
		r.fail(r.pos, "%s: %s", what, cutShort)
		return 0
	}
	r.pos++
	return r.b[r.pos-1]
}

func (r *reader) u32(what string) uint32 {
	if r.err != nil {
		return 0
	}
	v, next, problem := unsigned(r.b, r.pos, 32)
	if problem != "" {
		r.fail(r.pos, "%s: %s", what, problem)
		return 0
	}
	r.pos = next
	return uint32(v)
}

// count reads how many entries follow, each of at least least bytes.
func (r *reader) count(what string, least int) int {
	at := r.pos
	n := r.u32(what)
	if r.err == nil && uint64(n) > uint64(r.left()/least) {
		r.fail(at, "%s: got %d, want at most %d: %d bytes are left", what, n, r.left()/least, r.left())
		return 0
	}
	return int(n)
}

// bytes reads a length and as many bytes, which alias the module.
func (r *reader) bytes(what string) []byte {
	n := r.count(what, 1)
	if r.err != nil {
		return nil
	}
	r.pos += n
	return r.b[r.pos-n : r.pos : r.pos]
}

func (r *reader) name(what string) string {
	at := r.pos
	b := r.bytes("length of " + what)
	if r.err == nil && !utf8.Valid(b) {
		r.fail(at, "%s: not valid UTF-8", what)
		return ""
	}
	return string(b)
}

func (r *reader) valueType(what string) ValueType {
	if r.err != nil {
		return 0
	}
	t, next, problem := valueType(r.b, r.pos)
	if problem != "" {
		if l := lackingType(r.b, r.pos); l != nil {
			r.lacks(r.pos, what, l, fmt.Sprintf("type % x", r.b[r.pos:min(r.pos+2, len(r.b))]))
		}
		r.fail(r.pos, "%s: %s", what, problem)
		return 0
	}
	r.pos = next
	return t
}

func (r *reader) refType(what string) ValueType {
	at := r.pos
	t := r.valueType(what)
	if r.err == nil && !t.IsRef() {
		r.fail(at, "%s: got %v, want a reference type", what, t)
	}
	return t
}

// expr reads a constant expression with its end (core specification, section 5.4.9).
func (r *reader) expr(what string) []byte {
	if r.err != nil {
		return nil
	}
	start := r.pos
	w := walker{code: r.b, pos: r.pos, depth: 1}
	for {
		ins, e := w.next(nil)
		if e == nil && !constant(ins.Op) {
			e = &Error{Offset: int64(ins.Offset), Reason: fmt.Sprintf("got %v, want a constant instruction", ins.Op)}
		}
		if e != nil {
			r.err = &Error{Offset: e.Offset, Section: r.section, Reason: what + ": " + e.Reason, Feature: e.Feature}
			return nil
		}
		if ins.Op == OpEnd {
			r.pos = w.pos
			return r.b[start:r.pos:r.pos]
		}
	}
}
