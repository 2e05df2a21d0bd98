package wasmbin

// MaxTries is how many try_tables of an instance may be active in one another after [Module.Meter].
const MaxTries = 256

// tries is what counts the try_tables that are active. Those without a clause catch nothing: they are blocks, and not counted.
//
// The global is right at each instruction of the module. A function that has try_tables keeps in a local what it was at the beginning, and
// sets it to that and the level of a place, the try_tables of the function that are open there, where control comes from
// another level: after the end of a try_table, or of a block for which a branch or a clause leaves one, at the head of such a loop, before
// tail calls, and at the end of the function. No number is taken from what a callee left behind, so that exceptions, which
// land in the clauses alone, leave nothing.
type tries struct {
	any     bool   // whether the module has one; else nothing of this is there
	active  uint32 // the global
	counter uint32 // a function: (n i32) -> () sets the global, and traps when that are too many

	types  map[landingType][]byte // of landings
	values int                    // of those that have parameters
}

// beginTries appends the global, its export, and the function:
//
//	(param $n i32)
//	active = n
//	if n > MaxTries { counter(n); trap }    // until the stack overflows; no tail call
func (mt *meter) beginTries(names *Metering, typ uint32) error {
	const n = 0
	m := mt.m
	mt.tries.types = make(map[landingType][]byte)
	var a assembler
	a.constant(OpI32Const, 0)
	a.op(OpEnd)
	mt.tries.active = m.AppendGlobal(Global{GlobalType: GlobalType{Type: I32, Mutable: true}, Init: a})
	if _, err := m.AppendExport(Export{names.Tries, KindGlobal, mt.tries.active}); err != nil {
		return err
	}
	mt.tries.counter = mt.imported + uint32(len(m.Functions))
	a = assembler{0}
	a.op(OpLocalGet, n)
	a.op(OpGlobalSet, mt.tries.active)
	a.op(OpLocalGet, n)
	a.constant(OpI32Const, MaxTries)
	a.op(OpI32GtU)
	a.begin(OpIf)
	a.op(OpLocalGet, n)
	a.op(OpCall, mt.tries.counter)
	a.op(OpUnreachable)
	a.op(OpEnd)
	a.op(OpEnd)
	_, err := m.AppendFunction(typ, a)
	return err
}

// hasClauses is whether an instruction is a try_table with a clause. The code is well formed.
func hasClauses(code []byte, ins Instruction) (is bool) {
	if ins.Op == OpTryTable {
		labels(code, ins, func(_, _ int, _ uint32) { is = true })
	}
	return is
}

// rememberTries begins a function that has try_tables.
func (w *meterBody) rememberTries() {
	w.out.op(OpGlobalGet, w.tries.active)
	w.out.op(OpLocalSet, w.outer)
}

// getTries gives what the global is at a level.
func (w *meterBody) getTries(level uint32) {
	w.out.op(OpLocalGet, w.outer)
	if level > 0 {
		w.out.constant(OpI32Const, int64(level))
		w.out.op(OpI32Add)
	}
}

// setTries sets the global where control comes from another level.
func (w *meterBody) setTries(level uint32) {
	w.getTries(level)
	w.out.op(OpGlobalSet, w.tries.active)
}

// tryTable writes a try_table. One that catches gets a block of its type around it:
//
//	counter(outer + level)
//	block
//	  try_table
//
// Branches to it lead to the end of the block instead, which is the same place. One to the end of the try_table itself the engine does
// not take for one that leaves it: it would keep the copy of the stack, and go on catching.
func (w *meterBody) tryTable(ins Instruction) {
	if !hasClauses(w.code, ins) {
		w.push(ins, w.around())
		w.out = append(w.out, w.code[ins.Offset:ins.End]...)
		return
	}
	level, first := w.level()+1, len(w.landings)
	usable := w.plant(ins)
	lands := uint32(len(w.landings) - first)
	if usable {
		w.getTries(level)
	} else {
		w.out.constant(OpI32Const, MaxTries+1)
	}
	w.out.op(OpCall, w.tries.counter)
	s := walker{code: w.code, pos: ins.Imm}
	_ = s.blockType(nil) // passed: it was read before
	w.out = append(append(w.out, byte(OpBlock)), w.code[ins.Imm:s.pos]...)
	for _, l := range w.landings[first:] {
		w.out = append(append(w.out, byte(OpBlock)), l.typ...)
	}
	w.push(ins, w.around()+1+lands)
	b := w.top()
	b.aim, b.level, b.leaves, b.lands = b.around-1-lands, level, true, lands
	w.relabel(ins, 1)
	for _, l := range w.landings[first:] {
		w.blocks[l.target].goal = 0
	}
}

// onlyDefault writes a br_table that has no label but the default one, in a try_table, with that label twice: else the engine does not
// take it for a branch that leaves the try_table.
func (w *meterBody) onlyDefault(ins Instruction) bool {
	n, at, _ := unsigned(w.code, ins.Imm, 32)
	if n > 0 || w.level() == 0 {
		return false
	}
	v, _, _ := unsigned(w.code, at, 32)
	label := uint32(v)
	w.out.op(OpBrTable, 1, w.depth(label), w.depth(label))
	w.leave(label, w.dirty)
	return true
}
