package wasmbin

import "strconv"

func utoa(v uint32) string { return strconv.FormatUint(uint64(v), 10) }

// assembler writes the instructions of appended functions.
type assembler []byte

// op appends an instruction with operands that are indices.
func (a *assembler) op(op Opcode, operands ...uint32) {
	if op > 0xff {
		*a = append(*a, byte(op>>8))
	}
	if op > 0xff {
		*a = appendUnsigned(*a, uint64(op&0xff))
	} else {
		*a = append(*a, byte(op))
	}
	for _, v := range operands {
		*a = appendUnsigned(*a, uint64(v))
	}
}

// constant appends i32.const or i64.const.
func (a *assembler) constant(op Opcode, v int64) { *a = appendSigned(append(*a, byte(op)), v) }

// begin appends a block, loop or if without parameters and results.
func (a *assembler) begin(op Opcode) { *a = append(*a, byte(op), emptyBlock) }

// null appends ref.null for a type.
func (a *assembler) null(t ValueType) { *a = appendSigned(append(*a, byte(OpRefNull)), t.heap()) }

// saveBody is the body of the function that copies a table into its shadow, from entry at on:
//
//	(param $at i32) (result i32) (local $n i32) (local $end i64)
//	n = table.size T
//	end = u64(at) + u64(n)
//	if end > u64(table.size S) {
//	    if end > 0xffff_ffff { return -1 }
//	    if table.grow S null (i32(end) - table.size S) == -1 { return -1 }
//	}
//	table.copy S T at 0 n
//	return n
func saveBody(table, shadow uint32, t ValueType) []byte {
	const at, n, end = 0, 1, 2
	a := assembler{2, 1, byte(I32), 1, byte(I64)}
	a.op(OpTableSize, table)
	a.op(OpLocalSet, n)
	a.op(OpLocalGet, at)
	a.op(OpI64ExtendI32U)
	a.op(OpLocalGet, n)
	a.op(OpI64ExtendI32U)
	a.op(OpI64Add)
	a.op(OpLocalTee, end)
	a.op(OpTableSize, shadow)
	a.op(OpI64ExtendI32U)
	a.op(OpI64GtU)
	a.begin(OpIf)
	{
		a.op(OpLocalGet, end)
		a.constant(OpI64Const, 0xffff_ffff)
		a.op(OpI64GtU)
		a.failIf()
		a.null(t)
		a.op(OpLocalGet, end)
		a.op(OpI32WrapI64)
		a.op(OpTableSize, shadow)
		a.op(OpI32Sub)
		a.op(OpTableGrow, shadow)
		a.constant(OpI32Const, -1)
		a.op(OpI32Eq)
		a.failIf()
	}
	a.op(OpEnd)
	a.op(OpLocalGet, at)
	a.constant(OpI32Const, 0)
	a.op(OpLocalGet, n)
	a.op(OpTableCopy, shadow, table)
	a.op(OpLocalGet, n)
	a.op(OpEnd)
	return a
}

// failIf returns -1 when the value on the stack is not zero.
func (a *assembler) failIf() {
	a.begin(OpIf)
	a.constant(OpI32Const, -1)
	a.op(OpReturn)
	a.op(OpEnd)
}

// restoreBody is the body of the function that copies n entries back:
//
//	(param $at i32) (param $n i32) (result i32)
//	table.copy T S 0 at n
//	table.fill T n null (table.size T - n)
//	return table.size T
//
// table.copy has trapped when the table has fewer than n entries, so the difference is not negative.
func restoreBody(table, shadow uint32, t ValueType) []byte {
	const at, n = 0, 1
	a := assembler{0}
	a.constant(OpI32Const, 0)
	a.op(OpLocalGet, at)
	a.op(OpLocalGet, n)
	a.op(OpTableCopy, table, shadow)
	a.op(OpLocalGet, n)
	a.null(t)
	a.op(OpTableSize, table)
	a.op(OpLocalGet, n)
	a.op(OpI32Sub)
	a.op(OpTableFill, table)
	a.op(OpTableSize, table)
	a.op(OpEnd)
	return a
}
