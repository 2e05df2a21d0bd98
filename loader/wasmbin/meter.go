package wasmbin

import (
	"fmt"
	"math"
)

// DefaultBudget is [MeterOptions].Budget when that is zero.
const DefaultBudget = 1 << 14

// MeterOptions are how a module is metered. The zero value is what most hosts want.
type MeterOptions struct {
	// Budget is how much fuel a function with loops spends before it takes it from the global, or pays in advance: the time between two looks
	// at the global, and by how much the fuel that is left can be wrong inside such a function. Zero is DefaultBudget, and at
	// most it is 1<<20.
	Budget int32
	// Fuel is what is in the global at first, at most 1<<63 - 1: what an instance may spend, its start function included, before
	// its host does anything. Zero is none: then nothing runs until the host is there.
	Fuel uint64
}

// Metering is what [Module.Meter] appended for its host: the names of two exports, or three.
type Metering struct {
	Fuel  string // a mutable global of i64, MeterOptions.Fuel at first: the fuel that is left
	Poll  string // a table with one entry of funcref, null at first: the function that is called when fuel is below zero
	Tries string // a mutable global of i32, 0 at first: how many try_tables are active; empty: the module has none that catches
}

// Prices of instructions whose work depends on an operand, beside the unit of every instruction. One of a table costs a unit
// for each entry.
const (
	unitBytesLog = 3                  // memory.fill, copy and init: 8 bytes a unit
	pageUnits    = 1 << 16 / unitSize // memory.grow: the same for the bytes of a page
	unitSize     = 1 << unitBytesLog
)

// largestBody is the length up to which the weights of a body cannot overflow the numbers that count them.
const largestBody = 1 << 28

// Meter rewrites the functions of the module so that the host can stop a call at any time, and knows how much was executed.
//
// The module has a count of fuel, a global, which goes down by one for each instruction executed (else and end aside). Where
// it is below zero, the function in the table of Poll is called. That is the host's: it puts fuel into the global and returns,
// or panics and so ends the call. Until it is there, looks trap: instantiate the module, then that of [EncodeRefill], and only
// then call what [Module.RemoveStart] took out, a constructor, or anything else. With [MeterOptions].Fuel they do not before that is
// spent, and a start section may stay.
//
// Fuel is charged in blocks, before they are executed. What is charged is at least what is executed, and at most twice that,
// traps and exceptions aside. It is the same in every run and on every machine. Functions with loops keep the count in a
// local, which they bring to the global after Budget units, before calls that can lead to further calls, and where they end:
// a trap loses at most what was spent since.
//
// A loop is counted where a local goes up or down by a power of two each turn until it is what does not change, another local or a constant, or
// passes it, without calls, loops and other exits inside: most kernels are such. Its turns are paid for in advance, as many as Budget allows,
// and the hot loop has nothing added but that it ends with those: a trap inside has paid for turns that were not executed.
//
// Functions look at the fuel where they begin, in every loop when Budget units were spent there, and after 4,096 instructions
// without either. Those with up to 64 instructions, no loops and no calls do not look. Further:
//
//   - memory.fill, memory.copy and memory.init cost a unit for 8 bytes, and look after every 64 KiB; the bounds are
//     checked whole before the first.
//   - table.fill, table.copy, table.init and table.grow cost a unit for each entry, memory.grow 8,192 for each page, after
//     they succeeded.
//   - memory.atomic.wait32 and wait64 wait 5 ms at a time; then the function is called in any case. A wait that goes on
//     after 5 ms compares again: it ends with 0, as if woken, when what is there is not what was expected.
//
// Where functions have try_tables that catch, it is counted how many of them are active in one another: in the activations of all
// functions of an instance, those that the host calls meanwhile included. One more than [MaxTries] ends in a recursion without
// end of a function that was appended, and so in the trap of a stack that overflows, which engines tell apart. The count is exact,
// whichever way a try_table is left, but for calls that end otherwise than by a return, an exception that leaves the module
// among them: then the host sets the global of Tries to what it was before the call, 0 for an outermost one.
//
// An engine that copies the native stack for each active try_table makes no more than MaxTries copies then, a few megabytes at the
// bottom of a stack. How large a copy is, nothing here bounds: above a recursion that has taken 50 MiB of stack, so many take 12.5 GiB
// at least. A module that is not metered counts nothing.
//
// It is append-only: no index changes. Appended are types, functions, a table, a global or two, the exports of these, and locals at
// the end of those of a function. Functions that were appended before are the host's and are not metered, nor are those twice that
// are metered. Time and memory are linear in the length of the module.
// Code grows by a third or so; at worst, with nothing but loops without content, by 17 times, and with locals in
// their millions by up to 50.
//
// The result needs what the module needs, and of an engine reference-types and mutable-globals, for a second table and the
// export of the fuel. It is as valid as the module was. Types are not checked.
//
// The caller has checked the indices of the module ([Module.CheckIndices]): else they may name what is appended. An error is
// an [*Error], and nothing has been changed then: a body that is not well formed, a function whose type is not there, a body
// of more than 256 MiB or with 2**32 locals.
func (m *Module) Meter(o MeterOptions) (*Metering, error) {
	if o.Budget == 0 {
		o.Budget = DefaultBudget
	}
	if o.Budget < 0 || o.Budget > 1<<20 {
		return nil, misuse("budget: got %d, want 1 to %d, or 0 for %d", o.Budget, 1<<20, DefaultBudget)
	}
	if o.Fuel > math.MaxInt64 {
		return nil, misuse("fuel: got %d, want at most %d", o.Fuel, int64(math.MaxInt64))
	}
	mt := &meter{m: m, budget: o.Budget, imported: m.imported(KindFunc)}
	if e := mt.survey(); e != nil {
		return nil, e
	}
	prefix := m.PrivatePrefix("wasmffi.meter")
	names := &Metering{Fuel: prefix + ".fuel", Poll: prefix + ".poll"}
	if mt.tries.any {
		names.Tries = prefix + ".tries"
	}
	if err := mt.begin(names, int64(o.Fuel)); err != nil {
		return nil, err
	}
	for i := range mt.leaf {
		if m.Code[i].Offset != 0 {
			if err := mt.rewrite(i); err != nil {
				return nil, err
			}
		}
	}
	return names, nil
}

// meter is one rewrite. The indices are those of what is appended.
type meter struct {
	m        *Module
	budget   int32
	imported uint32 // functions
	leaf     []bool // by entry of Functions as they were: calls nothing and throws nothing

	fuel, table     uint32            // the global and the table
	poller, charger uint32            // functions: () -> () calls the table's; (n i32) -> () charges n units and looks
	bulk            map[uint64]uint32 // functions instead of instructions, by opcode and segment
	results         map[string]uint32 // types () -> results, by the results in binary form
	tries           tries             // what counts try_tables
	plan            plan              // of the function at hand, and memory for the next
}

// survey looks at all bodies before anything is changed, so that nothing can fail afterwards.
func (mt *meter) survey() *Error {
	m := mt.m
	mt.leaf = make([]bool, len(m.Code))
	for i := range m.Code {
		b := &m.Code[i]
		t := m.Functions[i]
		if uint64(t) >= uint64(len(m.Types)) {
			return &Error{Offset: -1, Section: sections[idFunction].name,
				Reason: fmt.Sprintf("entry %d: type index: got %d, want less than %d", i, t, len(m.Types))}
		}
		const most = math.MaxUint32 - maxMeterLocals
		if n := mt.locals(i); n > most || len(b.Code) > largestBody {
			return &Error{Offset: int64(b.Offset), Section: sections[idCode].name,
				Reason: fmt.Sprintf("body: got %d locals and %d bytes, want at most %d and %d", n, len(b.Code), uint32(most), largestBody)}
		}
		if b.Offset == 0 {
			continue
		}
		leaf, e := mt.look(b)
		if e != nil {
			return e
		}
		mt.leaf[i] = leaf
	}
	return nil
}

// look walks a body: whether it is a leaf, and well formed.
func (mt *meter) look(b *Body) (leaf bool, e *Error) {
	leaf = true
	s := new(spaces)
	w := walker{code: b.Code, depth: 1}
	visit := func(kind operand, value uint32) string {
		if kind == label {
			s[label] = uint64(w.depth)
			return s.check(label, value)
		}
		return ""
	}
	for !w.done() {
		ins, e := w.next(visit)
		if e != nil {
			return false, b.inModule(e)
		}
		if calls(ins.Op) || ins.Op == OpThrow || ins.Op == OpThrowRef {
			leaf = false
		}
		mt.tries.any = mt.tries.any || hasClauses(b.Code, ins)
	}
	if e := w.finish(); e != nil {
		return false, b.inModule(e)
	}
	return leaf, nil
}

// calls is whether an instruction calls a function.
func calls(op Opcode) bool { return op >= OpCall && op <= OpReturnCallRef }

// returns is whether it does so in place of the function that it stands in.
func returns(op Opcode) bool {
	return op == OpReturnCall || op == OpReturnCallIndirect || op == OpReturnCallRef
}

// nested is whether a call can lead to further calls: the callee is no leaf, or not known.
func (mt *meter) nested(code []byte, ins Instruction) bool {
	if ins.Op != OpCall && ins.Op != OpReturnCall {
		return calls(ins.Op)
	}
	f, _, _ := unsigned(code, ins.Imm, 32)
	k := f - uint64(mt.imported)
	return f < uint64(mt.imported) || k >= uint64(len(mt.leaf)) || !mt.leaf[k]
}

// callsOwn is whether the callee is a function of the module for sure, not one of the host's and not one that a table has.
func (mt *meter) callsOwn(code []byte, ins Instruction) bool {
	if ins.Op != OpCall && ins.Op != OpReturnCall {
		return false
	}
	f, _, _ := unsigned(code, ins.Imm, 32)
	return f >= uint64(mt.imported)
}

// locals is how many parameters and locals a function has.
func (mt *meter) locals(i int) uint64 {
	n := uint64(len(mt.m.Types[mt.m.Functions[i]].Params))
	for k := range mt.m.Code[i].Locals() {
		n += uint64(k)
	}
	return n
}

// begin appends what is there once.
func (mt *meter) begin(names *Metering, fuel int64) error {
	m := mt.m
	var a assembler
	a.constant(OpI64Const, fuel)
	a.op(OpEnd)
	mt.bulk, mt.results = make(map[uint64]uint32), make(map[string]uint32)
	mt.fuel = m.AppendGlobal(Global{GlobalType: GlobalType{Type: I64, Mutable: true}, Init: a})
	mt.table = m.AppendTable(Table{Type: FuncRef, Limits: Limits{Min: 1, Max: 1, HasMax: true}})
	for _, x := range []Export{{names.Fuel, KindGlobal, mt.fuel}, {names.Poll, KindTable, mt.table}} {
		if _, err := m.AppendExport(x); err != nil {
			return err
		}
	}
	if len(m.Code) == 0 {
		return nil // a first function could make an engine see one that ref.func may name
	}
	var err error
	void := m.AppendType(FuncType{})
	a = assembler{0}
	a.constant(OpI32Const, 0)
	a.op(OpCallIndirect, void, mt.table)
	a.op(OpEnd)
	if mt.poller, err = m.AppendFunction(void, a); err != nil {
		return err
	}
	a = assembler{0}
	a.op(OpGlobalGet, mt.fuel)
	a.op(OpLocalGet, 0)
	a.op(OpI64ExtendI32U)
	a.op(OpI64Sub)
	a.op(OpGlobalSet, mt.fuel)
	mt.ask(&a)
	a.op(OpEnd)
	number := m.AppendType(FuncType{Params: []ValueType{I32}})
	if mt.charger, err = m.AppendFunction(number, a); err != nil || !mt.tries.any {
		return err
	}
	return mt.beginTries(names, number)
}

// ask calls the host's function when there is no fuel left.
func (mt *meter) ask(a *assembler) {
	a.op(OpGlobalGet, mt.fuel)
	a.constant(OpI64Const, 0)
	a.op(OpI64LtS)
	a.begin(OpIf)
	a.op(OpCall, mt.poller)
	a.op(OpEnd)
}
