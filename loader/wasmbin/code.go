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
}

// visitor is told the operands of an instruction that are an index or contain one.
type visitor func(kind operand, value uint32) (problem string)

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
	return &Error{Offset: int64(at), Reason: reason}
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
			return s, fmt.Sprintf("unknown opcode %#x %d", b, n)
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
		return s, fmt.Sprintf("unknown %v", ins.Op)
	}
	return s, ""
}

// index reads a number of 32 bits and shows it.
func (w *walker) index(kind operand, visit visitor) (problem string) {
	v, next, problem := unsigned(w.code, w.pos, 32)
	if problem != "" {
		return problem
	}
	w.pos = next
	if visit != nil {
		return visit(kind, uint32(v))
	}
	return ""
}

// skip passes n bytes.
func (w *walker) skip(n int) (problem string) {
	if n > len(w.code)-w.pos {
		return cutShort
	}
	w.pos += n
	return ""
}

// operand passes one operand.
func (w *walker) operand(kind operand, visit visitor) (problem string) {
	switch kind {
	case typeIndex, funcIndex, tableIndex, globalIndex, localIndex, tagIndex, elemIndex, dataIndex, label:
		return w.index(kind, visit)
	case i32Value:
		_, w.pos, problem = signed(w.code, w.pos, 32)
	case i64Value:
		_, w.pos, problem = signed(w.code, w.pos, 64)
	case f32Value:
		return w.skip(4)
	case f64Value:
		return w.skip(8)
	case v128Value:
		return w.skip(16)
	case lane:
		return w.skip(1)
	case memory, reserved:
		if problem = w.skip(1); problem == "" && w.code[w.pos-1] != 0 {
			return fmt.Sprintf("got %#x, want 0", w.code[w.pos-1])
		}
		if problem == "" && kind == memory && visit != nil {
			return visit(memory, 0)
		}
	case memArg:
		if problem = w.memArg(); problem == "" && visit != nil {
			return visit(memory, 0)
		}
	case blockType:
		return w.blockType(visit)
	case heapOf:
		h, next, problem := heapType(w.code, w.pos)
		if problem != "" {
			return problem
		}
		w.pos = next
		return visitType(visit, h)
	case typeList:
		return w.typeList(visit)
	case labelList:
		return w.labelList(visit)
	case catchList:
		return w.catchList(visit)
	}
	return problem
}

// visitType shows the index in a heap type, if there is one.
func visitType(visit visitor, heap int64) (problem string) {
	if visit == nil || heap < 0 {
		return ""
	}
	return visit(typeIndex, uint32(heap))
}

func (w *walker) memArg() (problem string) {
	align, next, problem := unsigned(w.code, w.pos, 32)
	if problem != "" {
		return problem
	}
	if align >= 32 { // bit 6 says that a memory index follows
		return fmt.Sprintf("alignment: got 2**%d, want at most 2**31", align)
	}
	_, w.pos, problem = unsigned(w.code, next, 32)
	return problem
}

// emptyBlock is the type of a block without parameters and results.
const emptyBlock = 0x40

func (w *walker) blockType(visit visitor) (problem string) {
	if w.pos >= len(w.code) {
		return cutShort
	}
	switch c := w.code[w.pos]; {
	case c == emptyBlock:
		w.pos++
		return ""
	case c&0xc0 == 0x40: // a negative number of one byte
		return w.valueType(visit)
	}
	h, next, problem := signed(w.code, w.pos, heapBits)
	if problem == "" && h < 0 {
		return fmt.Sprintf("got % x, want a block type", w.code[w.pos:next])
	}
	if problem != "" {
		return problem
	}
	w.pos = next
	return visitType(visit, h)
}

func (w *walker) valueType(visit visitor) (problem string) {
	t, next, problem := valueType(w.code, w.pos)
	if problem != "" {
		return problem
	}
	w.pos = next
	if i, ok := t.TypeIndex(); ok {
		return visitType(visit, int64(i))
	}
	return ""
}

// list reads the count of a list, each entry of which is at least least bytes.
func (w *walker) list(least int) (n uint64, problem string) {
	n, next, problem := unsigned(w.code, w.pos, 32)
	if problem != "" {
		return 0, problem
	}
	if left := len(w.code) - next; n > uint64(left/least) {
		return 0, fmt.Sprintf("length of a list: got %d, want at most %d: %d bytes are left", n, left/least, left)
	}
	w.pos = next
	return n, ""
}

func (w *walker) typeList(visit visitor) (problem string) {
	n, problem := w.list(1)
	for ; n > 0 && problem == ""; n-- {
		problem = w.valueType(visit)
	}
	return problem
}

func (w *walker) labelList(visit visitor) (problem string) {
	n, problem := w.list(1)
	if problem != "" {
		return problem
	}
	for i := uint64(0); i <= n && problem == ""; i++ {
		problem = w.index(label, visit)
	}
	return problem
}

// Bits of the leading byte of a catch clause.
const (
	catchRef = 1 << 0 // the exception itself is given, too
	catchAll = 1 << 1 // no tag follows
)

func (w *walker) catchList(visit visitor) (problem string) {
	n, problem := w.list(2)
	for ; n > 0 && problem == ""; n-- {
		if problem = w.skip(1); problem != "" {
			break
		}
		clause := w.code[w.pos-1]
		if clause > catchRef|catchAll {
			return fmt.Sprintf("catch clause: got %#x, want 0 to 3", clause)
		}
		if clause&catchAll == 0 {
			problem = w.index(tagIndex, visit)
		}
		if problem == "" {
			problem = w.index(label, visit)
		}
	}
	return problem
}
