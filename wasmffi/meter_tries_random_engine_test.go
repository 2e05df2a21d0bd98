package wasmffi_test

import (
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/wasmffi/go/loader/wasmbin"
)

// tryProgram are functions of type () -> () with try_tables. What they do depends on nothing but numbers that the host chooses.
type tryProgram struct {
	functions [][]tryStatement
	types     map[string]uint32 // of blocks, by parameters and results
	module    *wasmbin.Module
	rng       *rand.Rand
}

// tryStatement is an instruction, or some that leave nothing on the stack.
type tryStatement struct {
	op      wasmbin.Opcode // OpNop: the host notes how many try_tables are active
	params  int            // of a block
	results string         // "", i, ii, or e for an exception
	body    []tryStatement // of a block, or an arm
	other   []tryStatement // the other arm
	labels  []int          // of branches
	arity   int            // of these
	clauses []tryClause
	target  int  // tag, or function
	rethrow bool // what a block gives
}

// tryClause is a clause; its label does not count the try_table.
type tryClause struct {
	kind  byte
	tag   int
	label int
}

// matches is whether a clause catches a tag.
func (c tryClause) matches(tag int) bool { return c.kind&2 != 0 || c.tag == tag }

const tryTags = 3 // tag k has k parameters

// takes is what a clause gives its label.
func (c tryClause) gives() string {
	s := strings.Repeat("i", c.tag)
	if c.kind&2 != 0 {
		s = ""
	}
	if c.kind&1 != 0 {
		s += "e"
	}
	return s
}

// list generates statements in blocks whose labels take values, the innermost last.
func (p *tryProgram) list(labels []string, budget int) (list []tryStatement, ends bool) {
	for range 1 + p.rng.IntN(4) {
		s, last := p.statement(labels, budget)
		list = append(list, s)
		if last {
			return list, true
		}
		if p.rng.IntN(2) == 0 {
			list = append(list, tryStatement{op: wasmbin.OpNop})
		}
	}
	return list, false
}

// statement generates one; last is whether nothing after it is executed.
func (p *tryProgram) statement(labels []string, budget int) (s tryStatement, last bool) {
	function := p.rng.IntN(len(p.functions))
	if budget <= 0 {
		return tryStatement{op: wasmbin.OpNop}, false
	}
	switch k := p.rng.IntN(16); k {
	case 0, 1, 2, 3, 4, 5:
		return p.tryTable(labels, budget), false
	case 6, 7, 8:
		s.op = []wasmbin.Opcode{wasmbin.OpBlock, wasmbin.OpLoop, wasmbin.OpIf}[k-6]
		p.block(&s, labels, budget)
		return s, false
	case 9:
		return tryStatement{op: wasmbin.OpCall, target: function}, false
	case 10:
		return tryStatement{op: wasmbin.OpThrow, target: p.rng.IntN(tryTags)}, true
	case 11:
		if p.rng.IntN(2) == 0 {
			return tryStatement{op: wasmbin.OpReturn}, true
		}
		return tryStatement{op: wasmbin.OpReturnCall, target: function}, true
	}
	return p.branch(labels)
}

// branch generates a branch.
func (p *tryProgram) branch(labels []string) (s tryStatement, last bool) {
	first := p.rng.IntN(len(labels))
	takes := labels[len(labels)-1-first]
	if takes == "e" {
		return tryStatement{op: wasmbin.OpNop}, false
	}
	s = tryStatement{labels: []int{first}, arity: len(takes)}
	s.op = []wasmbin.Opcode{wasmbin.OpBr, wasmbin.OpBrIf, wasmbin.OpBrIf, wasmbin.OpBrTable, wasmbin.OpBrOnNull}[p.rng.IntN(5)]
	if s.op == wasmbin.OpBrTable {
		for n := p.rng.IntN(4); n > 0; n-- {
			if k := p.rng.IntN(len(labels)); labels[len(labels)-1-k] == takes {
				s.labels = append(s.labels, k)
			}
		}
	}
	return s, s.op != wasmbin.OpBrIf
}

// block generates what is in a block, and its type.
func (p *tryProgram) block(s *tryStatement, labels []string, budget int) {
	s.params = p.rng.IntN(3) * p.rng.IntN(2)
	s.results = []string{"", "", "", "i", "ii", "e"}[p.rng.IntN(6)]
	label := s.results
	if s.op == wasmbin.OpLoop || s.op == wasmbin.OpTryTable && s.results == "e" || s.op == wasmbin.OpIf && s.results == "e" {
		s.results = strings.TrimSuffix(s.results, "e")
		label = s.results
	}
	if s.op == wasmbin.OpLoop {
		label = strings.Repeat("i", s.params)
	}
	inside := append(slices.Clone(labels), label)
	ends := false
	s.body, ends = p.list(inside, budget-1)
	if s.op == wasmbin.OpLoop {
		s.body = slices.Insert(s.body, 0, tryStatement{op: wasmbin.OpNop}) // here what does not end, ends
	}
	if s.op == wasmbin.OpIf {
		s.other, _ = p.list(inside, budget-1)
	}
	if s.results == "e" {
		if !ends {
			s.body = append(s.body, tryStatement{op: wasmbin.OpThrow, target: p.rng.IntN(tryTags)})
		}
		s.rethrow = p.rng.IntN(2) == 0
	}
}

// tryTable generates a try_table with clauses for what is around.
func (p *tryProgram) tryTable(labels []string, budget int) tryStatement {
	s := tryStatement{op: wasmbin.OpTryTable}
	for len(s.clauses) < 1 || p.rng.IntN(2) == 0 {
		c := tryClause{byte(p.rng.IntN(4)), p.rng.IntN(tryTags), 0}
		var fits []int
		for k, takes := range labels {
			if takes == c.gives() {
				fits = append(fits, len(labels)-1-k)
			}
		}
		if len(fits) > 0 {
			c.label = fits[p.rng.IntN(len(fits))]
			s.clauses = append(s.clauses, c)
		}
	}
	p.block(&s, labels, budget)
	return s
}

// newTryProgram generates some functions.
func newTryProgram(rng *rand.Rand) *tryProgram {
	p := &tryProgram{functions: make([][]tryStatement, 2+rng.IntN(4)), types: map[string]uint32{}, rng: rng}
	for i := range p.functions {
		body, _ := p.list([]string{""}, 2+rng.IntN(5))
		p.functions[i] = slices.Insert(body, 0, tryStatement{op: wasmbin.OpNop})
	}
	return p
}
