package wasmbin

import (
	"fmt"
	"iter"
)

// Instruction is one instruction in the code of a body.
type Instruction struct {
	Op     Opcode // the prefix, if it has one, included
	Offset int    // of its first byte, in the code
	Imm    int    // of its immediates, after the opcode; End where there are none
	End    int    // after it
}

// Instructions are the instructions of a body ([Body].Code), from the first to the end that closes the body. Code that is not
// well formed ends them with an [*Error], whose offset is that in the code: opcodes that do not exist, immediates that are
// cut short or out of form, blocks that are not closed, an else or end too many, bytes after the last end. What the
// immediates mean is not checked. The instructions are those of WebAssembly 2.0, tail calls, typed function references,
// exceptions with try_table, and threads; memories and tables have 32-bit addresses, and there is one memory.
//
// No memory is allocated but for an error.
func Instructions(code []byte) iter.Seq2[Instruction, error] {
	return func(yield func(Instruction, error) bool) {
		w := walker{code: code, depth: 1}
		for !w.done() {
			ins, e := w.next(nil)
			if e != nil {
				yield(Instruction{}, e)
				return
			}
			if !yield(ins, nil) {
				return
			}
		}
		if e := w.finish(); e != nil {
			yield(Instruction{}, e)
		}
	}
}

// walker reads instructions one by one.
type walker struct {
	code  []byte
	pos   int
	depth int // open blocks; the body is one

	lacks *lack // what the problem is, where that is a feature
}

// done is whether the body was closed or the code is at its end.
func (w *walker) done() bool { return w.depth == 0 || w.pos == len(w.code) }

// finish is the error when the end of the body is not that of the code.
func (w *walker) finish() *Error {
	switch {
	case w.depth > 0:
		return w.failed(w.pos, fmt.Sprintf("end of code: got %d open blocks, want none", w.depth))
	case w.pos < len(w.code):
		return w.failed(w.pos, fmt.Sprintf("got %d bytes after the last end, want none", len(w.code)-w.pos))
	}
	return nil
}

func (w *walker) failed(at int, reason string) *Error {
	e := &Error{Offset: int64(at), Reason: reason}
	if w.lacks != nil {
		e.Feature = w.lacks.feature
	}
	return e
}

// unsupported is the problem with a feature that is lacking; detail is what shows it.
func (w *walker) unsupported(l *lack, detail string) (problem string) {
	w.lacks = l
	return l.problem(detail)
}

// next reads one instruction.
func (w *walker) next(visit visitor) (Instruction, *Error) {
	ins := Instruction{Offset: w.pos}
	shape, problem := w.opcode(&ins)
	if problem != "" {
		return ins, w.failed(ins.Offset, problem)
	}
	ins.Imm = w.pos
	for _, kind := range shape {
		if kind == noOperand || kind == known {
			break
		}
		at := w.pos
		if problem := w.operand(kind, visit); problem != "" {
			return ins, w.failed(at, fmt.Sprintf("%v: %s", ins.Op, problem))
		}
	}
	switch ins.Op {
	case OpBlock, OpLoop, OpIf, OpTryTable:
		w.depth++
	case OpEnd:
		w.depth--
	}
	ins.End = w.pos
	return ins, nil
}

// opcode reads an opcode and finds its shape. Vector and atomic opcodes are taken in their shortest form alone: the engine
// reads one byte of them, and of a longer form it would take the rest for other instructions.
func (w *walker) opcode(ins *Instruction) (s shape, problem string) {
	if w.pos >= len(w.code) {
		return s, "opcode: " + cutShort
	}
	b := w.code[w.pos]
	w.pos++
	ins.Op = Opcode(b)
	if b < prefixMisc || b > prefixAtomic {
		s = plainShapes[b]
	} else {
		n, next, problem := unsigned(w.code, w.pos, 32)
		if problem != "" {
			return s, fmt.Sprintf("opcode after prefix %#x: %s", b, problem)
		}
		size := next - w.pos
		w.pos = next
		if n > 0xff {
			return s, w.unknown(b, n)
		}
		ins.Op = Opcode(b)<<8 | Opcode(n)
		switch b {
		case prefixMisc:
			s = miscShapes[n]
		case prefixVector:
			s = vectorShapes[n]
		case prefixAtomic:
			s = atomicShapes[n]
		}
		if b != prefixMisc && s[0] != noOperand && size != 1+int(n>>7) {
			return s, fmt.Sprintf("%v: got %d bytes after the prefix, want %d", ins.Op, size, 1+n>>7)
		}
	}
	if s[0] == noOperand {
		return s, w.unknown(byte(ins.Op>>8), uint64(ins.Op&0xff))
	}
	return s, ""
}
