package wasmffi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/loader/wasmbin"
)

// tryRun runs a program statement by statement, and knows by its own recursion which try_tables are active.
type tryRun struct {
	program *tryProgram
	chosen  uint32 // the state of what the host chooses
	log     []int  // active try_tables, where they are noted
	limit   int    // of log
	active  int
}

// next is what the host chooses, less than n.
func (r *tryRun) next(n uint32) uint32 {
	r.chosen = r.chosen*1664525 + 1013904223
	return r.chosen >> 16 % n
}

// note notes how many are active; false ends the call.
func (r *tryRun) note(active int) bool {
	r.log = append(r.log, active)
	return len(r.log) < r.limit
}

// tryEnd is how a list ends: at its end (the zero value), by a branch, a return, a tail call, a throw, or for good.
type tryEnd struct {
	kind   wasmbin.Opcode
	target int    // label, function or tag
	tag    int    // of what a branch of a clause gives
	reason string // for good
}

// How a call ends.
const (
	tryStops    = wasmbin.OpNop // for good
	tryReturns  = "returns"
	tryThrows   = "throws"
	tryOverflow = "overflows"
	tryLimit    = "too long"
)

// call runs a function.
func (r *tryRun) call(f int) tryEnd {
	active := r.active
	for {
		end := r.list(r.program.functions[f])
		r.active = active
		switch end.kind {
		case wasmbin.OpReturnCall:
			f = end.target
		case wasmbin.OpThrow, tryStops:
			return end
		default:
			return tryEnd{}
		}
	}
}

// list runs statements.
func (r *tryRun) list(list []tryStatement) tryEnd {
	for i := range list {
		if end := r.statement(&list[i]); end.kind != 0 {
			return end
		}
	}
	return tryEnd{}
}

func (r *tryRun) statement(s *tryStatement) tryEnd {
	switch s.op {
	case wasmbin.OpNop:
		if !r.note(r.active) {
			return tryEnd{kind: tryStops, reason: tryLimit}
		}
		return tryEnd{}
	case wasmbin.OpCall:
		return r.call(s.target)
	case wasmbin.OpReturn, wasmbin.OpReturnCall, wasmbin.OpThrow:
		return tryEnd{kind: s.op, target: s.target}
	case wasmbin.OpBr, wasmbin.OpBrOnNull:
		return tryEnd{kind: wasmbin.OpBr, target: s.labels[0]}
	case wasmbin.OpBrIf:
		if r.next(2) == 0 {
			return tryEnd{}
		}
		return tryEnd{kind: wasmbin.OpBr, target: s.labels[0]}
	case wasmbin.OpBrTable:
		k := min(int(r.next(uint32(len(s.labels)+1))), len(s.labels)-1)
		return tryEnd{kind: wasmbin.OpBr, target: s.labels[k]}
	}
	return r.block(s)
}

func (r *tryRun) block(s *tryStatement) tryEnd {
	body, active := s.body, r.active
	if s.op == wasmbin.OpIf && r.next(2) == 0 {
		body = s.other
	}
	if s.op == wasmbin.OpTryTable {
		if r.active++; r.active > wasmbin.MaxTries {
			return tryEnd{kind: tryStops, reason: tryOverflow}
		}
	}
	end := r.list(body)
	for s.op == wasmbin.OpLoop && end.kind == wasmbin.OpBr && end.target == 0 {
		r.active = active
		end = r.list(body)
	}
	if end.kind == tryStops {
		return end
	}
	r.active = active
	if end.kind == wasmbin.OpThrow {
		for _, c := range s.clauses {
			if c.matches(end.target) {
				return tryEnd{kind: wasmbin.OpBr, target: c.label, tag: end.target}
			}
		}
	}
	if end.kind == wasmbin.OpBr && end.target > 0 {
		end.target--
		return end
	}
	if end.kind == wasmbin.OpBr {
		if s.rethrow {
			return tryEnd{kind: wasmbin.OpThrow, target: end.tag}
		}
		return tryEnd{}
	}
	return end
}

// outcome runs a function from the outside.
func (r *tryRun) outcome(f int) string {
	r.log, r.active = nil, 0
	switch end := r.call(f); end.kind {
	case wasmbin.OpThrow:
		return tryThrows
	case tryStops:
		return end.reason
	}
	return tryReturns
}

// Functions of the host of a program: choose (i32) -> i32, and note () -> ().
const tryChoose, tryNote, tryFirst = 0, 1, 2

// code is the program as a module, which exports function k as fk.
func (p *tryProgram) code(t *testing.T) []byte {
	t.Helper()
	m, err := wasmbin.Decode(binary(
		section(1, signature(nil, nil), signature([]byte{i32}, []byte{i32}), signature([]byte{i32}, nil), signature([]byte{i32, i32}, nil)),
		section(2, cat("t", "choose", 0, 1), cat("t", "note", 0, 0)), section(13, cat(0, 0), cat(0, 2), cat(0, 3))))
	require.NoError(t, err)
	p.module = m
	for k, f := range p.functions {
		index, err := m.AppendFunction(0, cat(0, p.bytes(f), opEnd))
		require.NoError(t, err)
		_, err = m.AppendExport(wasmbin.Export{Name: fmt.Sprint("f", k), Kind: wasmbin.KindFunc, Index: index})
		require.NoError(t, err)
	}
	return m.Encode()
}

// bytes are statements in binary form.
func (p *tryProgram) bytes(list []tryStatement) (b []byte) {
	const drop, throwRef = 0x1a, 0x0a
	values := func(n int) []byte { return []byte(strings.Repeat("\x41\x05", n)) }
	drops := func(n int) []byte { return []byte(strings.Repeat("\x1a", n)) }
	choice := func(n int) []byte { return cat(0x41, leb(n), 0x10, tryChoose) }
	for i := range list {
		s := &list[i]
		label := 0
		if len(s.labels) > 0 {
			label = s.labels[0]
		}
		switch s.op {
		case wasmbin.OpNop:
			b = append(b, 0x10, tryNote)
		case wasmbin.OpReturn:
			b = append(b, byte(s.op))
		case wasmbin.OpCall, wasmbin.OpReturnCall:
			b = append(b, byte(s.op), byte(tryFirst+s.target))
		case wasmbin.OpThrow:
			b = append(b, cat(values(s.target), byte(s.op), s.target)...)
		case wasmbin.OpBr:
			b = append(b, cat(values(s.arity), byte(s.op), label)...)
		case wasmbin.OpBrIf:
			b = append(b, cat(values(s.arity), choice(2), byte(s.op), label, drops(s.arity))...)
		case wasmbin.OpBrOnNull:
			b = append(b, cat(values(s.arity), 0xd0, 0x70, byte(s.op), label, drops(1+s.arity), 0)...)
		case wasmbin.OpBrTable:
			b = append(b, cat(values(s.arity), choice(len(s.labels)+1), byte(s.op), len(s.labels)-1)...)
			for _, l := range s.labels {
				b = append(b, byte(l))
			}
		default:
			b = append(b, values(s.params)...)
			if s.op == wasmbin.OpIf {
				b = append(b, choice(2)...)
			}
			b = append(b, byte(s.op))
			b = append(b, p.blockType(s)...)
			if s.op == wasmbin.OpTryTable {
				b = append(b, byte(len(s.clauses)))
				for _, c := range s.clauses {
					b = append(b, c.kind)
					if c.kind&2 == 0 {
						b = append(b, byte(c.tag))
					}
					b = append(b, byte(c.label))
				}
			}
			results := strings.Count(s.results, "i")
			b = append(b, cat(drops(s.params), p.bytes(s.body), values(results))...)
			if s.op == wasmbin.OpIf {
				b = append(b, cat(0x05, drops(s.params), p.bytes(s.other), values(results))...)
			}
			b = append(b, opEnd)
			switch {
			case s.rethrow:
				b = append(b, throwRef)
			case s.results == "e":
				b = append(b, drop)
			default:
				b = append(b, drops(results)...)
			}
		}
	}
	return b
}

// blockType is the type of a block, which is appended where there is none.
func (p *tryProgram) blockType(s *tryStatement) []byte {
	key := fmt.Sprint(s.params, s.results)
	typ, ok := p.types[key]
	if !ok {

		f := wasmbin.FuncType{}
		for range s.params {
			f.Params = append(f.Params, wasmbin.I32)
		}
		for _, r := range s.results {
			f.Results = append(f.Results, map[rune]wasmbin.ValueType{'i': wasmbin.I32, 'e': wasmbin.ExnRef}[r])
		}
		typ = p.module.AppendType(f)
		p.types[key] = typ
	}
	return leb(int(typ))
}
