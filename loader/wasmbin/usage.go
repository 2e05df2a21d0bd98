package wasmbin

import (
	"fmt"
	"math"
)

// Usage is what a module uses, and what its functions take of an engine.
type Usage struct {
	Features   Features // in code and sections
	AtomicWait bool     // memory.atomic.wait32 or wait64: a call may sleep

	Nesting      Peak   // blocks open at once, without the body
	LoopCount    Peak   // loops: each is compared with each, and with all blocks
	Loops        Peak   // of these, loops: what is live in one is looked at for each that is around it
	BlockValues  Peak   // parameters and results of all blocks of the function that have a type with an index
	Locals       Peak   // parameters and declared locals
	LocalNesting Peak   // locals times blocks open at once
	LocalBlocks  Peak   // locals times blocks: of these as many as there are block, loop, if and try_table, and the body
	Work         uint64 // locals times blocks, of all functions together: what an engine that compiles has to look at
	BrTable      Peak   // labels of a br_table, without the default one
	BodySize     Peak   // bytes of a body: declarations of locals and instructions
}

// Peak is the greatest value over all functions that the module defines; zero where there are none.
type Peak struct {
	Value uint64 // the greatest one
	Func  uint32 // the index of the first function that has it; imported functions come first
}

func (p *Peak) see(value uint64, f uint32) {
	if value > p.Value {
		*p = Peak{value, f}
	}
}

// Usage walks all code and sections. The error is an [*Error]: that of [Instructions], or a function whose type is not
// there. Other indices are not checked.
//
// Features are what shows: those without which an engine would read the module differently, or refuse it. A module that says
// nothing but what WebAssembly 1.0 says uses none. More than one memory is FeatureMultiMemory; instructions on another
// memory than the first are an error, see [Error].
//
// Time is linear in the length of the module, and no memory is allocated but for an error.
func (m *Module) Usage() (Usage, error) {
	u, e := m.usage()
	if e != nil {
		return Usage{}, e
	}
	return u, nil
}

func (m *Module) usage() (Usage, *Error) {
	u := Usage{Features: m.sectionFeatures()}
	imported := m.imported(KindFunc)
	var open loops
	for i := range m.Code {
		b := &m.Code[i]
		if t := m.Functions[i]; uint64(t) >= uint64(len(m.Types)) {
			return u, &Error{Offset: -1, Section: sections[idFunction].name,
				Reason: fmt.Sprintf("entry %d: type index: got %d, want less than %d", i, t, len(m.Types))}
		}
		locals := uint64(len(m.Types[m.Functions[i]].Params))
		for n, t := range b.Locals() {
			locals += uint64(n)
			u.Features |= t.features()
		}
		f := imported + uint32(i)
		u.Locals.see(locals, f)
		u.BodySize.see(uint64(len(b.locals))+uint64(len(b.Code)), f)
		blocks, deepest, e := u.walk(m.Types, b.Code, f, &open)
		if e != nil {
			return u, b.inModule(e)
		}
		u.LocalNesting.see(locals*deepest, f)
		u.LocalBlocks.see(locals*blocks, f) // less than 2**33 times less than 2**31
		if u.Work += locals * blocks; u.Work < locals*blocks {
			u.Work = math.MaxUint64
		}
	}
	return u, nil
}

// walk sees the instructions of function f and counts the blocks, the body included, and those in one another, without the
// body. No block is open before and after.
func (u *Usage) walk(types []FuncType, code []byte, f uint32, open *loops) (blocks, deepest uint64, e *Error) {
	blocks = 1
	values, count := uint64(0), uint64(0)
	w := walker{code: code, depth: 1}
	for !w.done() {
		ins, e := w.next(nil)
		if e != nil {
			return 0, 0, e
		}
		u.Features |= ins.Op.features()
		switch ins.Op {
		case OpBlock, OpLoop, OpIf, OpTryTable:
			blocks++
			if ins.Op == OpLoop {
				count++
			}
			deepest = max(deepest, uint64(w.depth-1))
			u.Loops.see(open.push(ins.Op == OpLoop), f)
			u.Features |= blockFeatures(code, ins.Imm)
			values += blockValues(types, code, ins.Imm) // less than 2**31 times less than 2**33
		case OpEnd:
			open.pop()
		case OpSelectTyped:
			u.Features |= listFeatures(code, ins.Imm)
		case OpRefNull:
			u.Features |= heapFeatures(code, ins.Imm)
		case OpBrTable:
			n, _, _ := unsigned(code, ins.Imm, 32)
			u.BrTable.see(n, f)
		case OpMemoryWait32, OpMemoryWait64:
			u.AtomicWait = true
		}
	}
	if e := w.finish(); e != nil {
		return 0, 0, e
	}
	u.Nesting.see(deepest, f)
	u.BlockValues.see(values, f)
	u.LoopCount.see(count, f)
	return blocks, deepest, nil
}

// blockFeatures are those of the block type at code[pos:]: one that is an index is that of several values.
func blockFeatures(code []byte, pos int) Features {
	switch c := code[pos]; {
	case c == emptyBlock:
		return 0
	case c&0xc0 == 0x40:
		t, _, _ := valueType(code, pos)
		return t.features()
	}
	return FeatureMultivalue
}

// blockValues are how many parameters and results the block type at code[pos:] has, if it is an index of a type that is there.
func blockValues(types []FuncType, code []byte, pos int) uint64 {
	if code[pos]&0xc0 == 0x40 {
		return 0
	}
	t, _, problem := unsigned(code, pos, 32)
	if problem != "" || t >= uint64(len(types)) {
		return 0
	}
	return uint64(len(types[t].Params)) + uint64(len(types[t].Results))
}

// listFeatures are those of a list of types.
func listFeatures(code []byte, pos int) (f Features) {
	n, pos, _ := unsigned(code, pos, 32)
	for ; n > 0; n-- {
		var t ValueType
		t, pos, _ = valueType(code, pos)
		f |= t.features()
	}
	return f
}

// heapFeatures are those of the type of ref.null.
func heapFeatures(code []byte, pos int) Features {
	h, _, _ := heapType(code, pos)
	switch {
	case h >= 0:
		return FeatureFunctionReferences
	case ValueType(h+0x80) == ExnRef:
		return FeatureExceptionHandling
	}
	return 0
}
