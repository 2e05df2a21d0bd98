package wasmbin

import "fmt"

// visitor is told the operands of an instruction that are an index or contain one.
type visitor func(kind operand, value uint32) (problem string)

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
	case memory:
		if problem = w.memory(); problem == "" && visit != nil {
			return visit(memory, 0)
		}
	case reserved:
		if problem = w.skip(1); problem == "" && w.code[w.pos-1] != 0 {
			return fmt.Sprintf("got %#x, want 0", w.code[w.pos-1])
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
			return w.typeProblem(lackingHeap(w.code, w.pos), problem)
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

// typeProblem is problem, or what is lacking.
func (w *walker) typeProblem(l *lack, problem string) string {
	if l == nil {
		return problem
	}
	return w.unsupported(l, fmt.Sprintf("type % x", w.code[w.pos:min(w.pos+2, len(w.code))]))
}

// memory passes the index of a memory, which can only be 0. Longer forms of that number are those of several memories:
// without these it is a byte.
func (w *walker) memory() (problem string) {
	v, next, problem := unsigned(w.code, w.pos, 32)
	switch {
	case problem != "":
		return problem
	case v != 0:
		return w.unsupported(lackMemories, fmt.Sprintf("memory %d", v))
	case next-w.pos != 1:
		return fmt.Sprintf("got % x, want 00", w.code[w.pos:next])
	}
	w.pos = next
	return ""
}

func (w *walker) memArg() (problem string) {
	align, next, problem := unsigned(w.code, w.pos, 32)
	if problem != "" {
		return problem
	}
	if align >= 64 && align < 128 {
		return w.unsupported(lackMemories, "the index of a memory")
	}
	if align >= 32 {
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
		return w.typeProblem(lackingType(w.code, w.pos), problem)
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
