package wasmbin

import "slices"

// maxMeterLocals is how many locals a rewrite appends at most.
const maxMeterLocals = 7

// meterBody is the rewrite of one body.
type meterBody struct {
	*meter
	code []byte
	out  assembler

	spent, left   uint32     // locals: what was charged but not taken from the global, in functions with loops; the fuel
	turns, stop   uint32     // locals: of a loop that is counted, those that are paid for, and what its local is then
	types         localTypes // of parameters and locals, where a loop is counted
	length, grown uint32     // locals: an operand that is charged; a result
	outer         uint32     // local: try_tables that were active where the function began
	typ           uint32     // of the function
	blocks        []meterBlock
	landings      []landing // of the try_tables that are open
	dirty         bool      // whether spent can be other than 0 here; false where nothing can be
}

// meterBlock is an open block.
type meterBlock struct {
	op     Opcode
	at     int    // where its type is in the code; not of the function
	around uint32 // how many blocks were added around it
	aim    uint32 // around where branches to it lead: that, or of a try_table one less
	level  uint32 // try_tables that are counted and open inside
	behind uint32 // the same where branches to it lead
	before bool   // dirty where it begins
	after  bool   // dirty where it ends
	leaves bool   // whether a try_table is left for its end
	lands  uint32 // of a try_table: its landings
	goal   uint32 // of what is around a try_table whose clauses are at hand: the number of the landing that leads here, from 1; 0: none
}

// rewrite rewrites the body of entry i of Functions.
func (mt *meter) rewrite(i int) error {
	b := &mt.m.Code[i]
	p := &mt.plan
	p.make(b, mt.budget)
	if len(p.points) == 1 && p.points[0].weight() == 0 {
		return nil // nothing is executed
	}
	w := &meterBody{meter: mt, code: b.Code, typ: mt.m.Functions[i]}
	locals := w.declare(i)
	if len(p.counted) > 0 {
		w.types = mt.localTypes(i)
	}
	if err := w.all(); err != nil {
		return err
	}

	size := len(locals) + len(w.out)
	entry := appendUnsigned(make([]byte, 0, size+5), uint64(size))
	entry = append(append(entry, locals...), w.out...)
	_, groups, _ := unsigned(locals, 0, 32)
	begin := len(entry) - len(w.out)
	// The function may have appended others: b may be stale.
	mt.m.Code[i] = Body{Code: entry[begin:], locals: entry[begin-len(locals)+groups : begin], entry: entry}
	mt.m.edits[idCode].anew = true
	return nil
}

// declare numbers the locals that are appended, and encodes all.
func (w *meterBody) declare(i int) []byte {
	b, p := &w.m.Code[i], &w.plan
	groups, next := uint64(0), uint32(w.locals(i))
	for range b.Locals() {
		groups++
	}
	var added []byte
	add := func(wanted bool, at *uint32, t ValueType) {
		if wanted {
			*at, next = next, next+1
			added = append(added, 1, byte(t))
			groups++
		}
	}
	add(p.loops, &w.spent, I32)
	add(len(p.counted) > 0, &w.turns, I32)
	add(len(p.counted) > 0, &w.stop, I32)
	add(p.looks() && !p.loops, &w.left, I64)
	add(p.length, &w.length, I32)
	add(p.grows, &w.grown, I32)
	add(p.counts, &w.outer, I32)
	return slices.Concat(appendUnsigned(nil, groups), b.locals, added)
}

// all writes the instructions.
func (w *meterBody) all() error {
	points := w.plan.points
	w.out = make(assembler, 0, len(w.code)+len(w.code)/4+32*len(points))
	w.enter(points[0].weight())
	if w.plan.counts {
		w.rememberTries()
	}
	if w.wrapped() {
		w.out = append(w.out, byte(OpBlock))
		w.out = w.appendResults(w.out, w.m.Types[w.typ].Results)
	}
	w.blocks = append(w.blocks, meterBlock{op: OpBlock})
	points, known := points[1:], w.plan.counted
	for s := (walker{code: w.code, depth: 1}); ; {
		for len(points) > 0 && points[0].at == s.pos && points[0].kind <= pointLook {
			if points[0].kind == pointLook {
				w.chargeAndLook(points[0].weight())
			} else {
				w.charge(points[0].weight())
			}
			points = points[1:]
		}
		ins, _ := s.next(nil)
		if len(known) > 0 && known[0].at == ins.Offset {
			w.counted(&known[0])
			s.pos, s.depth = known[0].end, s.depth-1
			points, known = points[known[0].points:], known[1:]
			continue
		}
		if ins.Op == OpLoop && len(points) > 0 && points[0].at == ins.Offset {
			w.loop(ins, points[0].kind)
			if points[0].tries {
				w.setTries(w.level())
			}
			w.charge(points[0].weight())
			points = points[1:]
			continue
		}
		if err := w.instruction(ins); err != nil || len(w.blocks) == 0 {
			return err
		}
	}
}

// wrapped is whether the body is in a block, behind the end of which is what is done at the end of the function.
func (w *meterBody) wrapped() bool { return w.plan.loops || w.plan.counts }

// push opens a block.
func (w *meterBody) push(ins Instruction, around uint32) {
	w.blocks = append(w.blocks, meterBlock{op: ins.Op, at: ins.Imm, around: around, aim: around, level: w.level(), behind: w.level(), before: w.dirty})
}

func (w *meterBody) top() *meterBlock { return &w.blocks[len(w.blocks)-1] }

// around is how many blocks were added around the innermost block.
func (w *meterBody) around() uint32 { return w.top().around }

// level is how many try_tables of the function that are counted are open.
func (w *meterBody) level() uint32 { return w.top().level }

// target is the block of a label.
func (w *meterBody) target(label uint32) *meterBlock { return &w.blocks[len(w.blocks)-1-int(label)] }

// depth is the depth of a label in the result.
func (w *meterBody) depth(label uint32) uint32 { return label + w.around() - w.target(label).aim }

// instruction writes an instruction, or what stands for it.
func (w *meterBody) instruction(ins Instruction) error {
	switch ins.Op {
	case OpBlock, OpLoop, OpIf:
		w.push(ins, w.around())
		w.dirty = w.dirty || ins.Op == OpLoop && w.plan.loops // dead code
	case OpTryTable:
		w.tryTable(ins)
		return nil
	case OpBr, OpBrIf, OpBrTable, OpBrOnNull, OpBrOnNonNull:
		if ins.Op != OpBrTable || !w.onlyDefault(ins) {
			w.relabel(ins, 0)
		}
		w.dirty = w.dirty && ins.Op != OpBr && ins.Op != OpBrTable
		return nil
	case OpElse:
		b := w.top()
		b.op, b.after, w.dirty = OpElse, b.after || w.dirty, b.before
	case OpEnd:
		left := w.top().leaves
		w.end()
		w.out.op(OpEnd)
		if left && len(w.blocks) > 0 {
			w.setTries(w.level())
		}
		return nil
	case OpUnreachable:
		w.dirty = false
	case OpReturn:
		if w.wrapped() { // to where the function ends
			label := uint32(len(w.blocks) - 1)
			w.out.op(OpBr, w.depth(label))
			w.leave(label, w.dirty)
			w.dirty = false
			return nil
		}
	case OpThrow, OpThrowRef:
		w.settleFor(true)
	case OpCall, OpCallIndirect, OpCallRef, OpReturnCall, OpReturnCallIndirect, OpReturnCallRef:
		spent := w.dirty
		w.settleFor(returns(ins.Op) || w.nested(w.code, ins))
		if spent && !w.dirty && !w.callsOwn(w.code, ins) {
			w.ask(&w.out) // else a loop whose callees do not look would not either: it has never spent too much
		}
		if returns(ins.Op) && w.level() > 0 {
			w.setTries(0)
		}
	case OpMemoryFill, OpMemoryCopy, OpMemoryInit, OpMemoryWait32, OpMemoryWait64, OpMemoryGrow,
		OpTableFill, OpTableCopy, OpTableInit, OpTableGrow:
		return w.sized(ins)
	}
	w.out = append(w.out, w.code[ins.Offset:ins.End]...)
	return nil
}

// settleFor settles before a call where that is wanted, so that the fuel is right for the callee, and after an exception.
// Calls of leaves need it not.
func (w *meterBody) settleFor(wanted bool) {
	if wanted && w.dirty {
		w.settle()
		w.none()
		w.dirty = false
	}
}

// leave notes a branch.
func (w *meterBody) leave(label uint32, dirty bool) {
	b := w.target(label)
	b.after = b.after || dirty
	b.leaves = b.leaves || b.op != OpLoop && w.level() > b.behind
}

// end closes the blocks that were added around one, and at the end of the function settles. The end itself is written then.
func (w *meterBody) end() {
	b := *w.top()
	w.blocks = w.blocks[:len(w.blocks)-1]
	w.dirty = w.dirty || b.after || b.op == OpIf && b.before
	if len(w.blocks) > 0 {
		if b.lands > 0 {
			w.land(b.lands)
			return
		}
		for added := b.around - w.around(); added > 0; added-- {
			w.out.op(OpEnd)
		}
		return
	}
	if w.wrapped() {
		w.out.op(OpEnd)
	}
	if w.plan.loops && w.dirty {
		w.settle()
	}
	if w.plan.counts {
		w.setTries(0)
	}
}

// relabel writes an instruction with labels, inside of which so many blocks are open already. Those of a try_table are taken with any
// amount spent.
func (w *meterBody) relabel(ins Instruction, inside uint32) {
	done := ins.Offset
	labels(w.code, ins, func(from, to int, label uint32) {
		label += inside
		depth := w.depth(label) - inside
		if b := w.target(label); b.goal > 0 {
			depth = w.top().lands - b.goal
		}
		w.out = append(w.out, w.code[done:from]...)
		w.out = appendUnsigned(w.out, uint64(depth))
		w.leave(label, w.dirty || w.plan.loops && ins.Op == OpTryTable)
		done = to
	})
	w.out = append(w.out, w.code[done:ins.End]...)
}

// appendResults appends the type of a block with these results.
func (mt *meter) appendResults(b []byte, results []ValueType) []byte {
	switch len(results) {
	case 0:
		return append(b, emptyBlock)
	case 1:
		return appendValueType(b, results[0])
	}
	var key []byte
	for _, t := range results {
		key = appendValueType(key, t)
	}
	typ, ok := mt.results[string(key)]
	if !ok {
		typ = mt.m.AppendType(FuncType{Results: results})
		mt.results[string(key)] = typ
	}
	return appendSigned(b, int64(typ))
}
