package wasmbin

import "fmt"

// Opcode is the opcode of an instruction: its byte, or for instructions with a prefix the prefix and the number after it,
// such as 0xfc0b for memory.fill. The numbers are those of the core specification, appendix A.7.
type Opcode uint16

// Opcodes that this package, or code that rewrites bodies, needs by name.
const (
	OpUnreachable        Opcode = 0x00
	OpNop                Opcode = 0x01
	OpBlock              Opcode = 0x02
	OpLoop               Opcode = 0x03
	OpIf                 Opcode = 0x04
	OpElse               Opcode = 0x05
	OpThrow              Opcode = 0x08
	OpThrowRef           Opcode = 0x0a
	OpEnd                Opcode = 0x0b
	OpBr                 Opcode = 0x0c
	OpBrIf               Opcode = 0x0d
	OpBrTable            Opcode = 0x0e
	OpReturn             Opcode = 0x0f
	OpCall               Opcode = 0x10
	OpCallIndirect       Opcode = 0x11
	OpReturnCall         Opcode = 0x12
	OpReturnCallIndirect Opcode = 0x13
	OpCallRef            Opcode = 0x14
	OpReturnCallRef      Opcode = 0x15
	OpSelect             Opcode = 0x1b
	OpSelectTyped        Opcode = 0x1c
	OpTryTable           Opcode = 0x1f
	OpLocalGet           Opcode = 0x20
	OpLocalSet           Opcode = 0x21
	OpLocalTee           Opcode = 0x22
	OpGlobalGet          Opcode = 0x23
	OpGlobalSet          Opcode = 0x24
	OpTableGet           Opcode = 0x25
	OpTableSet           Opcode = 0x26
	OpMemorySize         Opcode = 0x3f
	OpMemoryGrow         Opcode = 0x40
	OpI32Const           Opcode = 0x41
	OpI64Const           Opcode = 0x42
	OpF32Const           Opcode = 0x43
	OpF64Const           Opcode = 0x44
	OpI32Eqz             Opcode = 0x45
	OpI32Eq              Opcode = 0x46
	OpI32Ne              Opcode = 0x47
	OpI32LtS             Opcode = 0x48
	OpI32LtU             Opcode = 0x49
	OpI32GtS             Opcode = 0x4a
	OpI32GtU             Opcode = 0x4b
	OpI32LeS             Opcode = 0x4c
	OpI32LeU             Opcode = 0x4d
	OpI32GeS             Opcode = 0x4e
	OpI32GeU             Opcode = 0x4f
	OpI64Eqz             Opcode = 0x50
	OpI64LtS             Opcode = 0x53
	OpI64GtU             Opcode = 0x56
	OpI64GeS             Opcode = 0x59
	OpI32Add             Opcode = 0x6a
	OpI32Sub             Opcode = 0x6b
	OpI32Mul             Opcode = 0x6c
	OpI32And             Opcode = 0x71
	OpI32Or              Opcode = 0x72
	OpI32ShrU            Opcode = 0x76
	OpI32Rotr            Opcode = 0x78
	OpI64Add             Opcode = 0x7c
	OpI64Sub             Opcode = 0x7d
	OpI64Mul             Opcode = 0x7e
	OpI64Shl             Opcode = 0x86
	OpI32WrapI64         Opcode = 0xa7
	OpI64ExtendI32U      Opcode = 0xad
	OpRefNull            Opcode = 0xd0
	OpRefIsNull          Opcode = 0xd1
	OpRefFunc            Opcode = 0xd2
	OpRefAsNonNull       Opcode = 0xd4
	OpBrOnNull           Opcode = 0xd5
	OpBrOnNonNull        Opcode = 0xd6
	OpMemoryInit         Opcode = 0xfc08
	OpDataDrop           Opcode = 0xfc09
	OpMemoryCopy         Opcode = 0xfc0a
	OpMemoryFill         Opcode = 0xfc0b
	OpTableInit          Opcode = 0xfc0c
	OpElemDrop           Opcode = 0xfc0d
	OpTableCopy          Opcode = 0xfc0e
	OpTableGrow          Opcode = 0xfc0f
	OpTableSize          Opcode = 0xfc10
	OpTableFill          Opcode = 0xfc11
	OpV128Const          Opcode = 0xfd0c
	OpMemoryNotify       Opcode = 0xfe00
	OpMemoryWait32       Opcode = 0xfe01
	OpMemoryWait64       Opcode = 0xfe02
)

// String is the opcode in hexadecimal.
func (op Opcode) String() string { return fmt.Sprintf("opcode %#x", uint16(op)) }

// Prefixes of opcodes.
const (
	prefixMisc   = 0xfc
	prefixVector = 0xfd
	prefixAtomic = 0xfe
)

// operand is one immediate of an instruction.
type operand byte

// The operands. Those up to the last index are numbers of 32 bits.
const (
	noOperand operand = iota
	typeIndex
	funcIndex
	tableIndex
	globalIndex
	localIndex
	tagIndex
	elemIndex
	dataIndex
	label
	i32Value
	i64Value
	f32Value  // 4 bytes
	f64Value  // 8 bytes
	v128Value // 16 bytes, also the lanes of a shuffle
	lane      // a byte
	memory    // the index of a memory: a byte that is 0
	reserved  // a byte that is 0
	memArg    // alignment and offset
	blockType
	heapOf    // the type of ref.null
	typeList  // the types of select
	labelList // the labels of br_table, the default one last
	catchList // the catch clauses of try_table
	known     // no operand, of an instruction that exists
)

// shape is the immediates of an instruction, in order, then noOperand. The shape of an instruction that does not exist
// begins with it.
type shape [3]operand

// shapes are the immediates by opcode, without a prefix and with each.
var (
	plainShapes  = plain()
	miscShapes   = misc()
	vectorShapes = vector()
	atomicShapes = atomic()
)

func span(s *[256]shape, from, to int, operands ...operand) {
	var one shape
	copy(one[:], operands)
	if len(operands) == 0 {
		one[0] = known
	}
	for i := from; i <= to; i++ {
		s[i] = one
	}
}

func plain() *[256]shape {
	s := new([256]shape)
	span(s, 0x00, 0x01)                        // unreachable nop
	span(s, 0x02, 0x04, blockType)             // block loop if
	span(s, 0x05, 0x05)                        // else
	span(s, 0x08, 0x08, tagIndex)              // throw
	span(s, 0x0a, 0x0b)                        // throw_ref end
	span(s, 0x0c, 0x0d, label)                 // br br_if
	span(s, 0x0e, 0x0e, labelList)             // br_table
	span(s, 0x0f, 0x0f)                        // return
	span(s, 0x10, 0x10, funcIndex)             // call
	span(s, 0x11, 0x11, typeIndex, tableIndex) // call_indirect
	span(s, 0x12, 0x12, funcIndex)             // return_call
	span(s, 0x13, 0x13, typeIndex, tableIndex) // return_call_indirect
	span(s, 0x14, 0x15, typeIndex)             // call_ref return_call_ref
	span(s, 0x1a, 0x1b)                        // drop select
	span(s, 0x1c, 0x1c, typeList)              // select with a type
	span(s, 0x1f, 0x1f, blockType, catchList)  // try_table
	span(s, 0x20, 0x22, localIndex)            // local.get local.set local.tee
	span(s, 0x23, 0x24, globalIndex)           // global.get global.set
	span(s, 0x25, 0x26, tableIndex)            // table.get table.set
	span(s, 0x28, 0x3e, memArg)                // loads and stores
	span(s, 0x3f, 0x40, memory)                // memory.size memory.grow
	span(s, 0x41, 0x41, i32Value)              // i32.const
	span(s, 0x42, 0x42, i64Value)              // i64.const
	span(s, 0x43, 0x43, f32Value)              // f32.const
	span(s, 0x44, 0x44, f64Value)              // f64.const
	span(s, 0x45, 0xc4)                        // numeric, with sign extension
	span(s, 0xd0, 0xd0, heapOf)                // ref.null
	span(s, 0xd1, 0xd1)                        // ref.is_null
	span(s, 0xd2, 0xd2, funcIndex)             // ref.func
	span(s, 0xd4, 0xd4)                        // ref.as_non_null
	span(s, 0xd5, 0xd6, label)                 // br_on_null br_on_non_null
	return s
}

func misc() *[256]shape {
	s := new([256]shape)
	span(s, 0x00, 0x07)                         // saturating conversions
	span(s, 0x08, 0x08, dataIndex, memory)      // memory.init
	span(s, 0x09, 0x09, dataIndex)              // data.drop
	span(s, 0x0a, 0x0a, memory, memory)         // memory.copy
	span(s, 0x0b, 0x0b, memory)                 // memory.fill
	span(s, 0x0c, 0x0c, elemIndex, tableIndex)  // table.init
	span(s, 0x0d, 0x0d, elemIndex)              // elem.drop
	span(s, 0x0e, 0x0e, tableIndex, tableIndex) // table.copy
	span(s, 0x0f, 0x11, tableIndex)             // table.grow table.size table.fill
	return s
}

func vector() *[256]shape {
	s := new([256]shape)
	span(s, 0x00, 0x0b, memArg)       // v128.load... v128.store
	span(s, 0x0c, 0x0d, v128Value)    // v128.const i8x16.shuffle
	span(s, 0x0e, 0x14)               // swizzle, splats
	span(s, 0x15, 0x22, lane)         // extract_lane replace_lane
	span(s, 0x23, 0x53)               // comparisons, bitwise
	span(s, 0x54, 0x5b, memArg, lane) // loads and stores of a lane
	span(s, 0x5c, 0x5d, memArg)       // v128.load32_zero v128.load64_zero
	span(s, 0x5e, 0xff)               // numeric
	for _, gap := range []int{0x9a, 0xa2, 0xa5, 0xa6, 0xaf, 0xb0, 0xb2, 0xb3, 0xb4, 0xbb, 0xc2, 0xc5, 0xc6, 0xcf, 0xd0,
		0xd2, 0xd3, 0xd4, 0xe2, 0xee} {
		s[gap] = shape{}
	}
	return s
}

func atomic() *[256]shape {
	s := new([256]shape)
	span(s, 0x00, 0x02, memArg)   // notify, wait
	span(s, 0x03, 0x03, reserved) // atomic.fence
	span(s, 0x10, 0x4e, memArg)   // loads, stores, read-modify-write
	return s
}

// constant is whether an instruction may stand in a constant expression (core specification, section 3.3.10, with the
// arithmetic of extended-const).
func constant(op Opcode) bool {
	switch op {
	case OpI32Const, OpI64Const, OpF32Const, OpF64Const, OpV128Const, OpRefNull, OpRefFunc, OpGlobalGet, OpEnd,
		OpI32Add, OpI32Sub, OpI32Mul, OpI64Add, OpI64Sub, OpI64Mul:
		return true
	}
	return false
}
