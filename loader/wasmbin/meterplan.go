package wasmbin

// straightLine is after how many instructions on a path there is a look at the fuel.
const straightLine = 4096

// smallLeaf is up to how many instructions a function without loops and calls does not look: as many as it has may be executed
// for each instruction of its callers.
const smallLeaf = 64

// pointKind is what is done at a point.
type pointKind byte

const (
	pointCharge pointKind = iota // charge
	pointEntry                   // the same at the beginning of the function, and look where it is part of call trees
	pointLook                    // charge and look
	pointLoop                    // look at the beginning of each turn, away from the hot loop, then charge
	pointHead                    // the same in the loop: it has calls, or loops that look, and so its values are in memory anyway
	pointTurn                    // charge at the beginning of each turn: it leads to a pointLoop inside, in any case
)

// point is a place in a body where fuel is charged, before the instructions that it is for.
type point struct {
	at    int // offset in the code: before this instruction, in a loop after it
	kind  pointKind
	sure  uint32 // instructions that are executed whenever the point is passed
	maybe uint32 // instructions that may be, not more than sure
	tries bool   // of a loop: a branch to it leaves a try_table
}

func (p *point) weight() int64 { return int64(p.sure) + int64(p.maybe) }

// plan is where a body is charged, and what its rewrite needs.
//
// A region is a run of instructions between two places where paths part or meet. Each belongs to a point that is passed
// before. When that point cannot be passed without the region being executed, its instructions are sure there. Else they
// may be added to the same point as long as these are not more than the sure ones, so that at most twice is charged what is
// executed; beyond that the region has a point of its own. Points of a loop serve regions of the same loop alone: others are
// passed another number of times.
type plan struct {
	points  []point // in the order of the code; the first is the entry
	size    int     // instructions
	loops   bool    // there is a pointLoop
	looping int     // how many
	calls   bool    // there is a call
	late    bool    // there is a pointLook
	length  bool    // an instruction whose length is charged
	grows   bool    // one that gives -1 when it fails
	tries   bool    // a try_table, where a call can lead past what follows it
	counts  bool    // one that is counted

	counted []counted // loops, in the order of the code
	budget  int32     // of the meter

	frames []planFrame
	sets   []assignment // memory for findCounted
	gets   []uint32
	here   place
	start  int    // where the open region begins
	weight uint32 // its instructions
}

// looks is whether the function looks at the fuel where it begins. That stops call trees without loops.
func (p *plan) looks() bool { return p.loops || p.calls || p.late || p.size > smallLeaf }

// place is where the walk is.
type place struct {
	point int    // the point to which instructions belong
	sure  bool   // whether they are executed whenever it is passed
	live  bool   // whether they can be reached
	run   uint32 // instructions since the last look, on the longest path
}

// planFrame is an open block.
type planFrame struct {
	op     Opcode
	point  int    // of a loop
	calls  bool   // whether there is a call inside that returns, the engine's or that of a look
	before place  // where it begins
	out    int    // the outermost frame that a branch from inside leaves for
	level  uint32 // try_tables that are counted and open inside
	after  bool   // whether a branch, or an arm, leads behind the end
	run    uint32 // the longest run of those
}

// make plans a body, which is well formed.
func (p *plan) make(b *Body, budget int32) {
	*p = plan{points: append(p.points[:0], point{kind: pointEntry}), frames: p.frames[:0], counted: p.counted[:0], sets: p.sets, gets: p.gets, budget: budget}
	p.here = place{sure: true, live: true}
	p.push(OpBlock)
	w := walker{code: b.Code, depth: 1}
	for len(p.frames) > 0 {
		ins, _ := w.next(nil)
		p.step(b.Code, ins)
	}
	if p.looping > manyLoops {
		p.spare()
	}
}

// manyLoops is up to how many loops of a function are made fast: they become three, and engines take time for each with each.
const manyLoops = 500

// spare makes the loops of a function that has very many as small as they can be.
func (p *plan) spare() {
	p.counted = p.counted[:0]
	for i := range p.points {
		if p.points[i].kind == pointLoop {
			p.points[i].kind = pointHead
		}
	}
}

// push opens a block.
func (p *plan) push(op Opcode) {
	f := planFrame{op: op, before: p.here, out: len(p.frames)}
	if len(p.frames) > 0 {
		f.level = p.top().level
	}
	p.frames = append(p.frames, f)
}

func (p *plan) top() *planFrame { return &p.frames[len(p.frames)-1] }

// close ends the open region, and begins the next at the offset given.
func (p *plan) close(next int) {
	if at := &p.points[p.here.point]; p.weight > 0 && p.here.live {
		switch {
		case p.here.sure:
			at.sure += p.weight
		case at.maybe+p.weight <= at.sure:
			at.maybe += p.weight
		default:
			p.begin(pointCharge, p.start)
			p.points[p.here.point].sure = p.weight
		}
	}
	p.start, p.weight = next, 0
}

// begin makes a point to which what follows belongs.
func (p *plan) begin(kind pointKind, at int) {
	p.points = append(p.points, point{at: at, kind: kind})
	p.here.point, p.here.sure = len(p.points)-1, true
}

// step takes one instruction.
func (p *plan) step(code []byte, ins Instruction) {
	switch ins.Op {
	case OpElse:
		p.close(ins.End)
		f := p.top()
		f.op = OpElse
		p.arrive(f, p.here.run)
		p.here = f.before
		p.here.sure = false
		return
	case OpEnd:
		p.end(code, ins.End)
		return
	}
	p.size++
	p.weight++
	p.here.run++
	switch ins.Op {
	case OpBlock, OpIf, OpTryTable:
		p.close(ins.End)
		counted := hasClauses(code, ins)
		out := p.catches(code, ins)
		p.top().calls = p.top().calls || counted
		p.push(ins.Op)
		p.top().out = min(p.top().out, out)
		if counted {
			p.top().level++
			p.counts = true
		}
		p.here.sure = p.here.sure && ins.Op != OpIf
	case OpLoop:
		p.close(ins.End)
		p.push(ins.Op)
		if p.here.live {
			if around := &p.points[p.here.point]; p.here.sure && around.kind == pointLoop && !p.tries {
				around.kind = pointTurn
			}
			p.begin(pointLoop, ins.Offset)
			p.top().point = p.here.point
			p.here.run, p.loops = 0, true
			p.looping++
		}
	case OpBr, OpBrTable, OpBrIf, OpBrOnNull, OpBrOnNonNull:
		p.close(ins.End)
		if p.here.live {
			labels(code, ins, func(_, _ int, depth uint32) {
				p.top().out = min(p.top().out, p.branch(int(depth), p.here.run, p.top().level))
			})
		}
		p.here.sure = false
		p.here.live = p.here.live && ins.Op != OpBr && ins.Op != OpBrTable
	case OpReturn, OpThrow, OpThrowRef, OpReturnCall, OpReturnCallIndirect, OpReturnCallRef:
		p.calls = p.calls || returns(ins.Op)
		p.close(ins.End)
		if p.here.live {
			p.top().out = 0
		}
		p.here.live = false
	case OpUnreachable:
		p.close(ins.End)
		p.here.live = false
	case OpMemoryFill, OpMemoryCopy, OpMemoryWait32, OpMemoryWait64:
		p.top().calls = true
	case OpMemoryInit, OpTableInit, OpTableCopy, OpTableFill:
		p.length, p.top().calls = true, true
	case OpMemoryGrow, OpTableGrow:
		p.length, p.grows, p.top().calls = true, true, true
	case OpCall, OpCallIndirect, OpCallRef:
		p.calls = true
		if Opcode(code[ins.End]) != OpUnreachable {
			p.top().calls = true
		}
	}
	if p.here.live && p.here.run >= straightLine {
		p.close(ins.End)
		p.begin(pointLook, ins.End)
		p.here.run, p.late = 0, true
	}
}

// arrive notes that the open path leads behind the end of a block.
func (p *plan) arrive(f *planFrame, run uint32) {
	if p.here.live {
		f.after, f.run = true, max(f.run, run)
	}
}

// branch notes a branch that can be taken here, from a level, and returns the frame to whose label it leads.
func (p *plan) branch(depth int, run, level uint32) (to int) {
	to = len(p.frames) - 1 - depth
	if f := &p.frames[to]; f.op != OpLoop {
		p.arrive(f, run)
	} else if level > f.level {
		p.points[f.point].tries = true
	}
	return to
}

// catches notes the branches of a try_table, which is not open yet, and returns the outermost frame to which one leads. An
// exception comes from any place inside, and so after any run.
func (p *plan) catches(code []byte, ins Instruction) (out int) {
	out = len(p.frames)
	p.tries = p.tries || ins.Op == OpTryTable
	if ins.Op == OpTryTable && p.here.live {
		level := p.top().level + 1
		labels(code, ins, func(_, _ int, depth uint32) { out = min(out, p.branch(int(depth), straightLine-1, level)) })
	}
	return out
}

// end closes a block.
func (p *plan) end(code []byte, next int) {
	p.close(next)
	f := p.top()
	p.arrive(f, p.here.run)
	if f.op == OpIf { // the arm that is not there
		p.here = f.before
		p.arrive(f, f.before.run)
	}
	left := f.out < len(p.frames)-1
	after := place{point: f.before.point, sure: f.before.sure && !left, live: f.after, run: f.run}
	out, calls := f.out, f.calls
	if at := &p.points[f.point]; at.kind == pointLoop {
		if calls {
			at.kind = pointHead
		} else if c, ok := p.findCounted(code, at.at); ok && c.plan(p.points[f.point:], p.budget) {
			p.counted = append(p.counted, c)
		}
		calls = true
	}
	p.frames = p.frames[:len(p.frames)-1]
	if len(p.frames) > 0 {
		f = p.top()
		f.out, f.calls = min(f.out, out), f.calls || calls
	}
	p.here = after
}

// labels gives the labels of an instruction, with the places of their numbers in the code. The code is well formed.
func labels(code []byte, ins Instruction, each func(from, to int, depth uint32)) {
	pos := ins.Imm
	number := func() uint64 {
		v, next, _ := unsigned(code, pos, 32)
		pos = next
		return v
	}
	one := func() {
		from := pos
		depth := number()
		each(from, pos, uint32(depth))
	}
	switch ins.Op {
	case OpBr, OpBrIf, OpBrOnNull, OpBrOnNonNull:
		one()
	case OpBrTable:
		for n := number() + 1; n > 0; n-- {
			one()
		}
	case OpTryTable:
		w := walker{code: code, pos: pos}
		_ = w.blockType(nil) // passed: it was read before
		pos = w.pos
		for n := number(); n > 0; n-- {
			clause := code[pos]
			pos++
			if clause&catchAll == 0 {
				number()
			}
			one()
		}
	}
}
