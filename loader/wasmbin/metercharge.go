package wasmbin

// enter charges at the beginning of the function.
func (w *meterBody) enter(weight int64) {
	switch {
	case w.plan.loops:
		w.ask(&w.out)
		w.out.constant(OpI32Const, weight)
		w.out.op(OpLocalSet, w.spent)
		w.dirty = true
	case w.plan.looks():
		w.takeAndLook(weight)
	default:
		w.charge(weight)
	}
}

// charge charges what is executed once.
func (w *meterBody) charge(weight int64) {
	switch {
	case weight == 0:
	case w.plan.loops:
		w.out.op(OpLocalGet, w.spent)
		w.out.constant(OpI32Const, weight)
		w.out.op(OpI32Add)
		w.out.op(OpLocalSet, w.spent)
		w.dirty = true
	default:
		w.out.op(OpGlobalGet, w.fuel)
		w.out.constant(OpI64Const, weight)
		w.out.op(OpI64Sub)
		w.out.op(OpGlobalSet, w.fuel)
	}
}

// takeAndLook takes fuel from the global and looks at what is left.
func (w *meterBody) takeAndLook(weight int64) {
	w.out.op(OpGlobalGet, w.fuel)
	w.out.constant(OpI64Const, weight)
	w.out.op(OpI64Sub)
	w.out.op(OpLocalTee, w.left)
	w.out.op(OpGlobalSet, w.fuel)
	w.out.op(OpLocalGet, w.left)
	w.out.constant(OpI64Const, 0)
	w.out.op(OpI64LtS)
	w.out.begin(OpIf)
	w.out.op(OpCall, w.poller)
	w.out.op(OpEnd)
}

// overspent is whether the budget is spent.
func (w *meterBody) overspent() {
	w.out.op(OpLocalGet, w.spent)
	w.out.constant(OpI32Const, int64(w.budget))
	w.out.op(OpI32GtS)
}

// chargeAndLook is for what is executed once, after much else.
func (w *meterBody) chargeAndLook(weight int64) {
	if !w.plan.loops {
		w.takeAndLook(weight)
		return
	}
	w.charge(weight)
	w.look()
}

// look looks at the fuel, in a function with loops, when the budget is spent.
func (w *meterBody) look() {
	w.overspent()
	w.out.begin(OpIf)
	w.out.op(OpLocalGet, w.spent)
	w.out.op(OpCall, w.charger)
	w.none()
	w.out.op(OpEnd)
}

// settle takes what was spent from the global.
func (w *meterBody) settle() {
	w.out.op(OpGlobalGet, w.fuel)
	w.out.op(OpLocalGet, w.spent)
	w.out.op(OpI64ExtendI32U)
	w.out.op(OpI64Sub)
	w.out.op(OpGlobalSet, w.fuel)
}

// none sets what was spent to zero.
func (w *meterBody) none() {
	w.out.constant(OpI32Const, 0)
	w.out.op(OpLocalSet, w.spent)
}

// loop begins a loop with a point.
//
// A hot one without calls gets two around it, so that the call is outside of the hot one, where it would cost the registers,
// and so that what leads out of that one leads to no place where values are kept in memory for the call:
//
//	loop                                   of the same type, as the next two: parameters pass through
//	  if spent > budget { charge(spent); spent = 0 }
//	  loop
//	    if spent > budget { br 2 }         to the first
//	    loop                               the original one: branches to it come here
//	      if spent > budget { br 2 }       to the second
//
// With parameters br_if is written in place of if and br, as these could not reach them.
func (w *meterBody) loop(ins Instruction, kind pointKind) {
	added, blockType := uint32(0), w.code[ins.Imm:ins.End]
	begin := func() { w.out = append(append(w.out, byte(OpLoop)), blockType...) }
	begin()
	if kind != pointTurn {
		w.look()
	}
	for ; kind == pointLoop && added < 2; added++ {
		begin()
		w.overspent()
		if w.parameters(blockType) {
			w.out.op(OpBrIf, 1)
			continue
		}
		w.out.begin(OpIf)
		w.out.op(OpBr, 2)
		w.out.op(OpEnd)
	}
	w.push(ins, w.around()+added)
	w.dirty = true // a turn before may have left it so
}

// parameters is whether blocks of a type have parameters.
func (w *meterBody) parameters(blockType []byte) bool {
	if blockType[0]&0xc0 == emptyBlock { // empty, or one result
		return false
	}
	t, _, _ := signed(blockType, 0, heapBits)
	return t < 0 || t >= int64(len(w.m.Types)) || len(w.m.Types[t].Params) > 0
}
