package wasmbin

import (
	"math/bits"
	"sort"
)

// counted is a loop of which some turns can be told in advance: a local goes up or down by a constant each turn and is compared
// with what does not change, and nothing else leads out or calls. These turns are paid for before they begin, and neither
// count nor look: the test of the hot loop is whether they are over.
type counted struct {
	at, end int         // of the loop, and behind it
	front   Instruction // the br_if of a test in front of the turn; its Op is 0 where the test is behind
	head    int         // where what a test in front begins with begins
	body    stretch     // of a turn, without the test
	tee     stretch     // what follows it where the test has the local's new value: the instructions that give that
	local   uint32
	step    int64  // a power of two, or the opposite of one
	bound   limit  // what the local is compared with
	while   Opcode // ne, lt or gt: how, for the loop to go on

	reads  []uint32 // locals that the body reads and does not change
	points int      // of the plan, that are in it
	first  int64    // what a test in front costs
	weight int64    // what a turn costs
	turns  int64    // that may be paid for in advance
}

// stretch is a part of the code.
type stretch struct{ from, to int }

// limit is a local, or a constant.
type limit struct {
	constant bool
	value    int64
}

// write writes it.
func (l limit) write(a *assembler) {
	if l.constant {
		a.constant(OpI32Const, l.value)
	} else {
		a.op(OpLocalGet, uint32(l.value))
	}
}

// A loop is counted in this way only when it is worth it, and when nothing overflows.
const (
	largestStep = 1 << 11 // of the local: this many times the largest budget is less than 2**32
	fewestTurns = 16      // that the budget pays for
)

// plan decides whether the loop is worth it: its points, of which the first is the loop's, are nothing but what a turn costs.
func (c *counted) plan(points []point, budget int32) bool {
	c.points = len(points)
	c.weight, c.first = points[0].weight(), int64(points[0].sure)
	switch {
	case c.points == 2 && c.front.Op != 0 && points[1].kind == pointCharge && points[1].at == c.front.End:
		c.weight += points[1].weight()
	case c.points > 1:
		return false
	}
	c.turns = int64(budget) / max(c.weight, 1)
	return c.turns >= fewestTurns
}

// counted writes the loop:
//
//	loop
//	  if fuel < 0 { poll }
//	  loop
//	    if fuel < 0 { br 1 }
//	    a test in front
//	    turns = those until the test ends the loop, or as many as may be paid for
//	    fuel -= spent + turns * weight; spent = 0
//	    stop = local + turns * step
//	    fresh locals
//	    loop
//	      the body
//	      br_if local != stop
//	    end
//	    br_if the test behind, or br
//
// Nothing of this is alive in the hot loop but stop. What lives across a call is kept in memory by the engine, and read from there
// at each use: so locals that the body only reads get another value, which does not.
func (w *meterBody) counted(c *counted) {
	w.out.begin(OpLoop)
	w.ask(&w.out)
	w.out.begin(OpLoop)
	w.out.op(OpGlobalGet, w.fuel)
	w.out.constant(OpI64Const, 0)
	w.out.op(OpI64LtS)
	w.out.begin(OpIf)
	w.out.op(OpBr, 2)
	w.out.op(OpEnd)
	if c.front.Op != 0 {
		label := operandOf(w.code, c.front) - 1 // of the blocks around the loop
		w.charge(c.first)                       // taken at once: nobody else looks, where the test ends the loop at its beginning again and again
		w.settle()
		w.none()
		w.copy(stretch{c.head, c.front.Offset})
		w.out.op(OpBrIf, w.depth(label)+2)
		w.leave(label, false)
	}
	w.prepay(c)
	w.refresh(c)
	w.out.begin(OpLoop)
	w.copy(c.body)
	if c.tee == (stretch{}) {
		w.out.op(OpLocalGet, c.local)
	} else {
		w.copy(c.tee)
	}
	w.out.op(OpLocalGet, w.stop)
	w.out.op(OpI32Ne)
	w.out.op(OpBrIf, 0)
	if c.front.Op != 0 { // what the body has left on the stack goes
		w.out.op(OpBr, 1)
		w.out.op(OpEnd)
	} else {
		w.out.op(OpEnd)
		w.test(c)
		w.out.op(OpBrIf, 0)
	}
	w.out.op(OpEnd)
	w.out.op(OpEnd)
	w.dirty = false
}

// refresh gives the locals that the body only reads the value that they have.
func (w *meterBody) refresh(c *counted) {
	for _, x := range c.reads {
		if t := w.types.of(x); t != I32 && t != I64 && t != F32 && t != F64 && t != V128 {
			continue
		}
		w.out.op(OpLocalGet, x)
		w.out.op(OpLocalGet, x)
		w.out.op(OpLocalGet, w.stop)
		w.out.op(OpSelect)
		w.out.op(OpLocalSet, x)
	}
}

// localTypes are the types of the parameters and locals of a function.
type localTypes struct {
	params []ValueType
	locals []localGroup
}

// localGroup is locals of the same type, up to an index.
type localGroup struct {
	end uint64
	typ ValueType
}

func (mt *meter) localTypes(i int) localTypes {
	t := localTypes{params: mt.m.Types[mt.m.Functions[i]].Params}
	end := uint64(len(t.params))
	for n, typ := range mt.m.Code[i].Locals() {
		end += uint64(n)
		t.locals = append(t.locals, localGroup{end, typ})
	}
	return t
}

// of is the type of a local; 0 where there is none, which the caller of Meter has not checked then.
func (t *localTypes) of(x uint32) ValueType {
	if uint64(x) < uint64(len(t.params)) {
		return t.params[x]
	}
	k := sort.Search(len(t.locals), func(k int) bool { return uint64(x) < t.locals[k].end })
	if k == len(t.locals) {
		return 0
	}
	return t.locals[k].typ
}

func (w *meterBody) copy(s stretch) { w.out = append(w.out, w.code[s.from:s.to]...) }

// test is whether the loop goes on.
func (w *meterBody) test(c *counted) {
	w.out.op(OpLocalGet, c.local)
	c.bound.write(&w.out)
	w.out.op(c.while)
}

// prepay sets turns and stop, and charges the turns: as many as end with the test true but for the last one.
func (w *meterBody) prepay(c *counted) {
	size := bits.TrailingZeros64(uint64(c.step)) // of the step, as a power of two
	if c.step > 0 {
		c.bound.write(&w.out)
		w.out.op(OpLocalGet, c.local)
	} else {
		w.out.op(OpLocalGet, c.local)
		c.bound.write(&w.out)
	}
	w.out.op(OpI32Sub)
	if c.while == OpI32Ne {
		if size > 0 { // a remainder, with which the two are never equal, makes a large number
			w.out.constant(OpI32Const, int64(size))
			w.out.op(OpI32Rotr)
		}
		w.out.op(OpLocalTee, w.turns)
		w.out.constant(OpI32Const, c.turns)
		w.out.op(OpLocalGet, w.turns)
		w.out.constant(OpI32Const, 1) // 0 is 2**32
		w.out.op(OpI32Sub)
	} else {
		w.out.constant(OpI32Const, 1)
		w.out.op(OpI32Sub)
		if size > 0 {
			w.out.constant(OpI32Const, int64(size))
			w.out.op(OpI32ShrU)
		}
		w.out.constant(OpI32Const, 1)
		w.out.op(OpI32Add)
		w.out.constant(OpI32Const, 1)
		w.test(c) // else the one turn that there is in any case
		w.out.op(OpSelect)
		w.out.op(OpLocalTee, w.turns)
		w.out.constant(OpI32Const, c.turns)
		w.out.op(OpLocalGet, w.turns)
	}
	w.out.constant(OpI32Const, c.turns)
	w.out.op(OpI32LtU)
	w.out.op(OpSelect)
	w.out.op(OpLocalSet, w.turns)

	w.out.op(OpGlobalGet, w.fuel)
	w.out.op(OpLocalGet, w.spent)
	w.addTurns(c.weight)
	w.out.op(OpI64ExtendI32U)
	w.out.op(OpI64Sub)
	w.out.op(OpGlobalSet, w.fuel)
	w.none()

	w.out.op(OpLocalGet, c.local)
	w.addTurns(c.step)
	w.out.op(OpLocalSet, w.stop)
}

// addTurns adds so much for each of the turns.
func (w *meterBody) addTurns(each int64) {
	w.out.op(OpLocalGet, w.turns)
	w.out.constant(OpI32Const, each)
	w.out.op(OpI32Mul)
	w.out.op(OpI32Add)
}
