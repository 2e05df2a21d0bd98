package wasmbin

// waitSlice is how long one wait takes at most, in nanoseconds.
const waitSlice = 5_000_000

// Results of memory.atomic.wait32 and wait64.
const (
	waitWoken    = 0
	waitTimedOut = 2
)

// wait writes the call of a function instead of a wait. One with an alignment that is not valid is left to the engine, which
// refuses it.
func (w *meterBody) wait(ins Instruction) error {
	value, size := I32, uint32(4)
	if ins.Op == OpMemoryWait64 {
		value, size = I64, 8
	}
	align, next, _ := unsigned(w.code, ins.Imm, 32)
	offset, _, _ := unsigned(w.code, next, 32)
	if 1<<align > uint64(size) {
		w.out = append(w.out, w.code[ins.Offset:ins.End]...)
		return nil
	}
	key := uint64(ins.Op) << 32
	f, ok := w.bulk[key]
	if !ok {
		typ := w.m.AppendType(FuncType{Params: []ValueType{I32, value, I64, I32}, Results: []ValueType{I32}})
		var err error
		if f, err = w.m.AppendFunction(typ, w.waitBody(ins.Op, size)); err != nil {
			return err
		}
		w.bulk[key] = f
	}
	w.out.constant(OpI32Const, int64(int32(offset)))
	w.out.op(OpCall, f)
	return nil
}

// waitBody is the body of that function:
//
//	(param $address i32) (param $expected T) (param $left i64) (param $offset i32) (result i32)
//	(local $step i64) (local $result i32)
//	if u64(address) + u64(offset) > 0xffff_ffff {      // out of bounds, with the alignment that it has
//	    return wait (((address + offset) & 7) | -8) expected 0, at offset 8
//	}
//	address += offset
//	step = left as unsigned < waitSlice ? left : waitSlice         // a negative time is no limit
//	result = wait address expected step
//	loop {
//	    if result != timed out { return result }
//	    poll
//	    if left >= 0 { left -= step; if left == 0 { return timed out } }
//	    step = as above
//	    result = wait address expected step
//	    if result == 1 { result = woken }              // what is there was changed meanwhile
//	    again
//	}
func (mt *meter) waitBody(op Opcode, size uint32) []byte {
	const address, expected, left, offset, step, result = 0, 1, 2, 3, 4, 5
	align := uint32(2)
	if size == 8 {
		align = 3
	}
	a := assembler{2, 1, byte(I64), 1, byte(I32)}
	sum := func() {
		a.op(OpLocalGet, address)
		a.op(OpLocalGet, offset)
		a.op(OpI32Add)
	}
	wait := func() {
		a.constant(OpI64Const, waitSlice)
		a.op(OpLocalGet, left)
		a.op(OpLocalGet, left)
		a.constant(OpI64Const, waitSlice)
		a.op(OpI64GtU)
		a.op(OpSelect)
		a.op(OpLocalSet, step)
		a.op(OpLocalGet, address)
		a.op(OpLocalGet, expected)
		a.op(OpLocalGet, step)
		a.op(op, align, 0)
	}
	a.op(OpLocalGet, address)
	a.op(OpI64ExtendI32U)
	a.op(OpLocalGet, offset)
	a.op(OpI64ExtendI32U)
	a.op(OpI64Add)
	a.constant(OpI64Const, 0xffff_ffff)
	a.op(OpI64GtU)
	a.begin(OpIf)
	sum()
	a.constant(OpI32Const, 7)
	a.op(OpI32And)
	a.constant(OpI32Const, -8)
	a.op(OpI32Or)
	a.op(OpLocalGet, expected)
	a.constant(OpI64Const, 0)
	a.op(op, align, 8)
	a.op(OpReturn)
	a.op(OpEnd)
	sum()
	a.op(OpLocalSet, address)
	wait()
	a.op(OpLocalSet, result)
	a.begin(OpLoop)
	a.op(OpLocalGet, result)
	a.constant(OpI32Const, waitTimedOut)
	a.op(OpI32Ne)
	a.begin(OpIf)
	a.op(OpLocalGet, result)
	a.op(OpReturn)
	a.op(OpEnd)
	a.op(OpCall, mt.poller)
	a.op(OpLocalGet, left)
	a.constant(OpI64Const, 0)
	a.op(OpI64GeS)
	a.begin(OpIf)
	a.op(OpLocalGet, left)
	a.op(OpLocalGet, step)
	a.op(OpI64Sub)
	a.op(OpLocalTee, left)
	a.op(OpI64Eqz)
	a.begin(OpIf)
	a.constant(OpI32Const, waitTimedOut)
	a.op(OpReturn)
	a.op(OpEnd)
	a.op(OpEnd)
	wait()
	a.op(OpLocalTee, result)
	a.constant(OpI32Const, waitWoken)
	a.op(OpLocalGet, result)
	a.constant(OpI32Const, waitTimedOut)
	a.op(OpI32Eq)
	a.op(OpSelect)
	a.op(OpLocalSet, result)
	a.op(OpBr, 0)
	a.op(OpEnd)
	a.op(OpUnreachable)
	a.op(OpEnd)
	return a
}
