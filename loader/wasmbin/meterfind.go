package wasmbin

import "slices"

// assignment is a local.set or local.tee in a loop.
type assignment struct {
	local uint32
	step  int64 // what it adds to the local in each turn; 0: it does something else
	end   int
}

// window is the last instructions one after the other, without a branch or a block between them.
type window struct {
	list [8]Instruction
	n    int
}

func (w *window) add(ins Instruction) {
	if w.n == len(w.list) {
		copy(w.list[:], w.list[1:])
		w.n--
	}
	w.list[w.n] = ins
	w.n++
}

// last is the instruction k before the end; its Op is OpNop where there is none.
func (w *window) last(k int) Instruction {
	if k >= w.n {
		return Instruction{Op: OpNop}
	}
	return w.list[w.n-1-k]
}

// findCounted looks at the innermost loop that begins there, in linear time. The code is well formed.
func (p *plan) findCounted(code []byte, at int) (c counted, ok bool) {
	w := walker{code: code, pos: at}
	head, _ := w.next(nil)
	if code[head.Imm] != emptyBlock {
		return c, false
	}
	c = counted{at: at, head: head.End, body: stretch{from: head.End}}
	var run window
	p.sets, p.gets = p.sets[:0], p.gets[:0]
	for done := false; ; {
		ins, _ := w.next(nil)
		if w.depth == 0 {
			c.end = ins.End
			if !done || !c.settle(p.sets) {
				return c, false
			}
			c.reads = p.onlyRead()
			return c, true
		}
		if done {
			return c, false // there is more after the branch that goes on
		}
		switch ins.Op {
		case OpLoop, OpTryTable, OpUnreachable, OpReturn, OpThrow, OpThrowRef, OpCall, OpCallIndirect, OpCallRef,
			OpReturnCall, OpReturnCallIndirect, OpReturnCallRef, OpMemoryFill, OpMemoryCopy, OpMemoryInit, OpMemoryGrow,
			OpTableFill, OpTableCopy, OpTableInit, OpTableGrow, OpMemoryWait32, OpMemoryWait64:
			return c, false
		case OpBlock, OpIf, OpElse, OpEnd:
			run = window{}
			continue
		case OpBr, OpBrIf, OpBrTable, OpBrOnNull, OpBrOnNonNull:
			inside := true
			labels(code, ins, func(_, _ int, label uint32) { inside = inside && uint64(label) < uint64(w.depth-1) })
			switch {
			case inside:
			case w.depth > 1:
				return c, false
			case ins.Op == OpBrIf && c.front.Op == 0 && operandOf(code, ins) == 0:
				done = true
				if !c.testBehind(code, &run) {
					return c, false
				}
			case ins.Op == OpBr && c.front.Op != 0 && operandOf(code, ins) == 0:
				done = true
				c.body.to = ins.Offset
			case ins.Op == OpBrIf && c.front.Op == 0 && operandOf(code, ins) > 0 && c.testInFront(code, &run):
				c.front, c.body.from = ins, ins.End
			default:
				return c, false
			}
			run = window{}
			continue
		case OpLocalGet:
			p.gets = append(p.gets, operandOf(code, ins))
		case OpLocalSet, OpLocalTee:
			a := assignment{local: operandOf(code, ins), end: ins.End}
			if w.depth == 1 {
				a.step = stepOf(code, &run, a.local)
			}
			p.sets = append(p.sets, a)
		}
		run.add(ins)
	}
}

// onlyRead are the locals that a loop reads and does not assign.
func (p *plan) onlyRead() []uint32 {
	slices.Sort(p.gets)
	list := slices.Clone(slices.Compact(p.gets))
	assigned := make(map[uint32]bool, len(p.sets))
	for _, a := range p.sets {
		assigned[a.local] = true
	}
	return slices.DeleteFunc(list, func(x uint32) bool { return assigned[x] })
}

// operandOf is the first operand of an instruction: an index.
func operandOf(code []byte, ins Instruction) uint32 {
	v, _, _ := unsigned(code, ins.Imm, 32)
	return uint32(v)
}

// stepOf is what local.get, i32.const, and i32.add or i32.sub, in front of an assignment, add to the local; 0: it is not that.
func stepOf(code []byte, run *window, local uint32) int64 {
	get, by, op := run.last(2), run.last(1), run.last(0)
	if get.Op != OpLocalGet || operandOf(code, get) != local || by.Op != OpI32Const || op.Op != OpI32Add && op.Op != OpI32Sub {
		return 0
	}
	v, _, _ := signed(code, by.Imm, 32)
	if op.Op == OpI32Sub {
		v = -v
	}
	return v
}

// simple is an operand of a test: a local, or a constant.
func simple(code []byte, ins Instruction) (b limit, ok bool) {
	switch ins.Op {
	case OpLocalGet:
		return limit{value: int64(operandOf(code, ins))}, true
	case OpI32Const:
		v, _, _ := signed(code, ins.Imm, 32)
		return limit{constant: true, value: v}, true
	}
	return b, false
}

// comparison is what a comparison of x with y says: ne, lt, gt, or for a test that leaves the loop eq, ge, le; and the same of y with x.
var comparisons = map[Opcode][2]Opcode{
	OpI32Eq: {OpI32Eq, OpI32Eq}, OpI32Ne: {OpI32Ne, OpI32Ne},
	OpI32LtS: {OpI32LtS, OpI32GtS}, OpI32LtU: {OpI32LtU, OpI32GtU}, OpI32GtS: {OpI32GtS, OpI32LtS}, OpI32GtU: {OpI32GtU, OpI32LtU},
	OpI32LeS: {OpI32LeS, OpI32GeS}, OpI32LeU: {OpI32LeU, OpI32GeU}, OpI32GeS: {OpI32GeS, OpI32LeS}, OpI32GeU: {OpI32GeU, OpI32LeU},
}

// opposites are comparisons that leave a loop, and those that go on instead.
var opposites = map[Opcode]Opcode{OpI32Eq: OpI32Ne, OpI32GeS: OpI32LtS, OpI32GeU: OpI32LtU, OpI32LeS: OpI32GtS, OpI32LeU: OpI32GtU}

// testInFront reads the test that a loop begins with. Which operand is the local is left for settle.
func (c *counted) testInFront(code []byte, run *window) bool {
	if run.n == 2 && run.last(0).Op == OpI32Eqz {
		return run.list[0].Offset == c.head && c.compare(code, run.last(1), Instruction{}, OpI32Ne)
	}
	while, ok := opposites[run.last(0).Op]
	return ok && run.n == 3 && run.list[0].Offset == c.head && c.compare(code, run.last(2), run.last(1), while)
}

// compare notes a test of two simple operands, of which the second may not be there: zero.
func (c *counted) compare(code []byte, x, y Instruction, while Opcode) bool {
	a, ok := simple(code, x)
	b, also := limit{constant: true}, true
	if y.Op != 0 {
		b, also = simple(code, y)
	}
	if !ok || !also {
		return false
	}
	if a.constant { // which is then the bound
		a, b, while = b, a, comparisons[while][1]
	}
	c.local, c.bound, c.while = uint32(a.value), b, while
	return !a.constant
}

// testBehind reads the test that a loop ends with.
func (c *counted) testBehind(code []byte, run *window) bool {
	tee := func(k int) (stretch, bool) { // the instructions that end with the tee k before the end
		at := run.last(k)
		part := window{n: run.n - k}
		copy(part.list[:], run.list[:max(part.n, 0)])
		if at.Op != OpLocalTee || part.n < 4 {
			return stretch{}, false
		}
		part.n--
		c.local = operandOf(code, at)
		return stretch{part.last(2).Offset, at.End}, stepOf(code, &part, c.local) != 0
	}
	while, compared := comparisons[run.last(0).Op]
	switch {
	case !compared: // with zero
		c.while, c.bound = OpI32Ne, limit{constant: true}
		if s, ok := tee(0); ok {
			c.tee, c.body.to = s, s.from
			return true
		}
		c.body.to = run.last(0).Offset
		return run.last(0).Op == OpLocalGet && c.compare(code, run.last(0), Instruction{}, OpI32Ne)
	case run.last(1).Op == OpLocalTee: // the bound, then the local
		s, ok := tee(1)
		if !ok {
			return false
		}
		at := run.last(5)
		c.tee, c.body.to, c.while = s, at.Offset, while[1]
		c.bound, ok = simple(code, at)
		return ok
	}
	if s, ok := tee(2); ok {
		c.tee, c.body.to, c.while = s, s.from, while[0]
		c.bound, ok = simple(code, run.last(1))
		return ok
	}
	c.body.to = run.last(2).Offset
	return c.compare(code, run.last(2), run.last(1), while[0])
}

// settle finds the step, which must be the only assignment of the local, and sees that the bound has none.
func (c *counted) settle(sets []assignment) bool {
	if !c.bound.constant {
		for _, a := range sets { // of two locals the one with an assignment is that which is counted
			if a.local == uint32(c.bound.value) && c.tee == (stretch{}) {
				c.local, c.bound.value, c.while = uint32(c.bound.value), int64(c.local), comparisons[c.while][1]
				break
			}
		}
	}
	for _, a := range sets {
		switch {
		case !c.bound.constant && a.local == uint32(c.bound.value), a.local == c.local && c.step != 0:
			return false
		case a.local == c.local:
			if c.step = a.step; a.step == 0 {
				return false
			}
		}
	}
	size := max(c.step, -c.step)
	if size == 0 || size > largestStep || size&(size-1) != 0 || !c.bound.constant && uint32(c.bound.value) == c.local {
		return false
	}
	switch c.while {
	case OpI32LtS, OpI32LtU:
		return c.step > 0
	case OpI32GtS, OpI32GtU:
		return c.step < 0
	}
	return c.while == OpI32Ne
}
