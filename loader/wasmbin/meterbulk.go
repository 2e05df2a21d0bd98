package wasmbin

// chunk is how many bytes are filled or copied between two looks at the fuel.
const chunk = 1 << 16

// sized writes an instruction whose work depends on an operand, or the call of a function instead.
func (w *meterBody) sized(ins Instruction) error {
	switch ins.Op {
	case OpMemoryFill, OpMemoryCopy:
		return w.instead(ins.Op, 0)
	case OpMemoryInit:
		k, _, _ := unsigned(w.code, ins.Imm, 32)
		if k < uint64(len(w.m.Data)) && len(w.m.Data[k].Init) > chunk {
			return w.instead(ins.Op, uint32(k))
		}
		w.priced(ins, func() {
			w.out.constant(OpI32Const, unitBytesLog)
			w.out.op(OpI32ShrU)
		})
	case OpMemoryWait32, OpMemoryWait64:
		return w.wait(ins)
	case OpMemoryGrow:
		w.priced(ins, func() {
			w.out.constant(OpI32Const, pageUnits)
			w.out.op(OpI32Mul)
		})
	default:
		w.priced(ins, func() {})
	}
	return nil
}

// priced writes an instruction that charges its last operand, times or by something, when it succeeded.
func (w *meterBody) priced(ins Instruction, price func()) {
	grows := ins.Op == OpMemoryGrow || ins.Op == OpTableGrow
	w.out.op(OpLocalTee, w.length)
	w.out = append(w.out, w.code[ins.Offset:ins.End]...)
	if grows {
		w.out.op(OpLocalTee, w.grown)
		w.out.constant(OpI32Const, -1)
		w.out.op(OpI32Ne)
		w.out.begin(OpIf)
	}
	w.out.op(OpLocalGet, w.length)
	price()
	w.out.op(OpCall, w.charger)
	if grows {
		w.out.op(OpEnd)
		w.out.op(OpLocalGet, w.grown)
	}
}

// instead writes the call of the function that does what memory.fill, memory.copy, or memory.init with a segment does.
func (w *meterBody) instead(op Opcode, segment uint32) error {
	key := uint64(op)<<32 | uint64(segment)
	f, ok := w.bulk[key]
	if !ok {
		typ := w.m.AppendType(FuncType{Params: []ValueType{I32, I32, I32}})
		var err error
		if f, err = w.m.AppendFunction(typ, w.bulkBody(op, segment)); err != nil {
			return err
		}
		w.bulk[key] = f
	}
	w.out.op(OpCall, f)
	return nil
}

// bulkBody is the body of that function:
//
//	(param $to i32) (param $from i32) (param $n i32)
//	if n > chunk {
//	    trap unless the whole is in bounds
//	    if copy && to > from { backwards } else { forwards }
//	}
//	op to from n
//	charge(n / 8)
//
// from is an address in memory, an offset in the segment, or the byte to fill with.
func (mt *meter) bulkBody(op Opcode, segment uint32) []byte {
	const to, from, n = 0, 1, 2
	a := assembler{0}
	a.op(OpLocalGet, n)
	a.constant(OpI32Const, chunk)
	a.op(OpI32GtU)
	a.begin(OpIf)
	mt.bounds(&a, op, segment, to, n, true)
	if op != OpMemoryFill {
		mt.bounds(&a, op, segment, from, n, op == OpMemoryCopy)
	}
	if op == OpMemoryCopy {
		a.op(OpLocalGet, to)
		a.op(OpLocalGet, from)
		a.op(OpI32GtU)
		a.begin(OpIf)
		mt.chunks(&a, op, segment, true)
		a.op(OpElse)
		mt.chunks(&a, op, segment, false)
		a.op(OpEnd)
	} else {
		mt.chunks(&a, op, segment, false)
	}
	a.op(OpEnd)
	a.op(OpLocalGet, to)
	a.op(OpLocalGet, from)
	a.op(OpLocalGet, n)
	a.bulk(op, segment)
	a.op(OpLocalGet, n)
	a.constant(OpI32Const, unitBytesLog)
	a.op(OpI32ShrU)
	a.op(OpCall, mt.charger)
	a.op(OpEnd)
	return a
}

// bulk appends the instruction itself.
func (a *assembler) bulk(op Opcode, segment uint32) {
	switch op {
	case OpMemoryFill:
		a.op(op, 0)
	case OpMemoryCopy:
		a.op(op, 0, 0)
	default:
		a.op(op, segment, 0)
	}
}

// bounds traps unless n bytes at the parameter are there, as the instruction itself would. A segment that was dropped has
// none: then the first chunk traps.
//
//	if u64(param) + u64(n) > size { op -1 0 2 }    // traps: no memory has a byte at 1<<32
func (mt *meter) bounds(a *assembler, op Opcode, segment, param, n uint32, inMemory bool) {
	a.op(OpLocalGet, param)
	a.op(OpI64ExtendI32U)
	a.op(OpLocalGet, n)
	a.op(OpI64ExtendI32U)
	a.op(OpI64Add)
	if inMemory {
		a.op(OpMemorySize, 0)
		a.op(OpI64ExtendI32U)
		a.constant(OpI64Const, 16)
		a.op(OpI64Shl)
	} else {
		a.constant(OpI64Const, int64(len(mt.m.Data[segment].Init)))
	}
	a.op(OpI64GtU)
	a.begin(OpIf)
	a.constant(OpI32Const, -1)
	a.constant(OpI32Const, 0)
	a.constant(OpI32Const, 2)
	a.bulk(op, segment)
	a.op(OpEnd)
}

// chunks moves all but the last chunk, or what is left of it, and takes it off the parameters.
//
//	loop {
//	    forwards:  op to from chunk; to += chunk; from += chunk; n -= chunk
//	    backwards: n -= chunk; op to+n from+n chunk
//	    charge(chunk / 8)
//	    again if n > chunk
//	}
func (mt *meter) chunks(a *assembler, op Opcode, segment uint32, backwards bool) {
	const to, from, n = 0, 1, 2
	step := func(param uint32, op Opcode) {
		a.op(OpLocalGet, param)
		a.constant(OpI32Const, chunk)
		a.op(op)
		a.op(OpLocalSet, param)
	}
	address := func(param uint32) {
		a.op(OpLocalGet, param)
		if backwards {
			a.op(OpLocalGet, n)
			a.op(OpI32Add)
		}
	}
	a.begin(OpLoop)
	if backwards {
		step(n, OpI32Sub)
	}
	address(to)
	address(from)
	a.constant(OpI32Const, chunk)
	a.bulk(op, segment)
	if !backwards {
		step(to, OpI32Add)
		if op != OpMemoryFill {
			step(from, OpI32Add)
		}
		step(n, OpI32Sub)
	}
	a.constant(OpI32Const, chunk>>unitBytesLog)
	a.op(OpCall, mt.charger)
	a.op(OpLocalGet, n)
	a.constant(OpI32Const, chunk)
	a.op(OpI32GtU)
	a.op(OpBrIf, 0)
	a.op(OpEnd)
}
