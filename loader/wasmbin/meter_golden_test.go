package wasmbin_test

import (
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/loader/wasmbin"
)

var update = flag.Bool("update", false, "write testdata/meter.txt anew")

// mnemonics are the instructions of the golden bodies.
var mnemonics = map[wasmbin.Opcode]string{
	wasmbin.OpUnreachable: "unreachable", wasmbin.OpNop: "nop", wasmbin.OpBlock: "block", wasmbin.OpLoop: "loop", wasmbin.OpIf: "if",
	wasmbin.OpElse: "else", wasmbin.OpEnd: "end", wasmbin.OpThrow: "throw", wasmbin.OpBr: "br", wasmbin.OpBrIf: "br_if", wasmbin.OpBrTable: "br_table",
	wasmbin.OpReturn: "return", wasmbin.OpCall: "call", wasmbin.OpCallIndirect: "call_indirect", wasmbin.OpReturnCall: "return_call",
	0x1a: "drop", wasmbin.OpSelect: "select", wasmbin.OpTryTable: "try_table", wasmbin.OpLocalGet: "local.get", wasmbin.OpLocalSet: "local.set",
	wasmbin.OpLocalTee: "local.tee", wasmbin.OpGlobalGet: "global.get", wasmbin.OpGlobalSet: "global.set", wasmbin.OpMemoryGrow: "memory.grow",
	wasmbin.OpMemorySize: "memory.size", wasmbin.OpI32Const: "i32.const", wasmbin.OpI64Const: "i64.const", wasmbin.OpI32Ne: "i32.ne",
	wasmbin.OpI32Eq: "i32.eq", wasmbin.OpI32GtS: "i32.gt_s", wasmbin.OpI32GeS: "i32.ge_s", wasmbin.OpI32LtS: "i32.lt_s", wasmbin.OpI32LtU: "i32.lt_u", wasmbin.OpI32Rotr: "i32.rotr", wasmbin.OpI32GtU: "i32.gt_u", wasmbin.OpI64LtS: "i64.lt_s", wasmbin.OpI64GtU: "i64.gt_u",
	wasmbin.OpI64GeS: "i64.ge_s", wasmbin.OpI64Eqz: "i64.eqz", wasmbin.OpI32Add: "i32.add", wasmbin.OpI32Sub: "i32.sub", wasmbin.OpI32Mul: "i32.mul",
	wasmbin.OpI32And: "i32.and", wasmbin.OpI32Or: "i32.or", wasmbin.OpI32ShrU: "i32.shr_u", wasmbin.OpI64Add: "i64.add", wasmbin.OpI64Sub: "i64.sub",
	wasmbin.OpI64Shl: "i64.shl", wasmbin.OpI64ExtendI32U: "i64.extend_i32_u", wasmbin.OpBrOnNull: "br_on_null", wasmbin.OpRefNull: "ref.null",
	wasmbin.OpMemoryInit: "memory.init", wasmbin.OpMemoryCopy: "memory.copy", wasmbin.OpMemoryFill: "memory.fill", wasmbin.OpTableGrow: "table.grow",
	wasmbin.OpTableFill: "table.fill", wasmbin.OpMemoryWait32: "memory.atomic.wait32", wasmbin.OpMemoryWait64: "memory.atomic.wait64",
}

// listing is a body in text, an instruction a line; immediates are the bytes, numbers where they are one number.
func listing(t *testing.T, b wasmbin.Body) string {
	t.Helper()
	var out strings.Builder
	fmt.Fprint(&out, "  locals")
	for n, typ := range b.Locals() {
		fmt.Fprintf(&out, " %d %v", n, typ)
	}
	depth := 1
	for ins, err := range wasmbin.Instructions(b.Code) {
		require.NoError(t, err)
		name := mnemonics[ins.Op]
		require.NotEmpty(t, name, "%v", ins.Op)
		if ins.Op == wasmbin.OpEnd || ins.Op == wasmbin.OpElse {
			depth--
		}
		fmt.Fprintf(&out, "\n%s%s", strings.Repeat("  ", depth+1), name)
		imm := b.Code[ins.Imm:ins.End]
		switch v, n := binary.Uvarint(imm); {
		case ins.Op == wasmbin.OpI32Const || ins.Op == wasmbin.OpI64Const:
			v := int64(v) << (64 - 7*n) >> (64 - 7*n)
			fmt.Fprintf(&out, " %d", v)
		case len(imm) == 1 && imm[0] == 0x40: // the type of a block
		case n > 0 && n == len(imm):
			fmt.Fprintf(&out, " %d", v)
		case len(imm) > 0:
			fmt.Fprintf(&out, " [% x]", imm)
		}
		switch ins.Op {
		case wasmbin.OpBlock, wasmbin.OpLoop, wasmbin.OpIf, wasmbin.OpElse, wasmbin.OpTryTable:
			depth++
		}
	}
	return out.String() + "\n"
}

// meterCases are bodies of function 2, with their locals, whose type is () -> (). There are an import of that type, function 0, and a leaf,
// function 1; a type 1 of (i32) -> (i32 i32); a table, a memory, a tag, a segment of 65,537 bytes and one without.
var meterCases = []struct{ name, code string }{
	{"nothing", "\x00\x0b"},
	{"leaf", "\x00\x41\x01\x1a\x0b"},
	{"call", "\x00\x10\x00\x0b"},
	{"call of a leaf", "\x00\x10\x01\x0b"},
	{"tail call", "\x00\x12\x00\x0b"},
	{"loop", "\x00\x03\x40\x0c\x00\x0b\x0b"},
	{"loop with a parameter", "\x00\x41\x00\x03\x01\x0c\x00\x0b\x1a\x1a\x0b"},
	{"loop around a loop", "\x00\x03\x40\x03\x40\x01\x0d\x00\x0d\x01\x0b\x0b\x0b"},
	{"loop around a loop that may be left before", "\x00\x02\x40\x03\x40\x01\x0d\x01\x03\x40\x0d\x00\x0d\x01\x0d\x02\x0b\x0b\x0b\x0b"},
	{"loop with calls", "\x00\x03\x40\x10\x00\x10\x00\x0d\x00\x0b\x10\x01\x10\x00\x0b"},
	{"loop with a call that does not return", "\x00\x03\x40\x04\x40\x10\x00\x00\x0b\x0d\x00\x0b\x0b"},
	{"return and tail call in a loop", "\x00\x03\x40\x04\x40\x0f\x05\x12\x00\x0b\x0c\x00\x0b\x0b"},
	{"br_table in loops", "\x00\x02\x40\x03\x40\x02\x40\x03\x40\x41\x00\x0e\x04\x80\x00\x01\x02\x03\x04\x0b\x0b\x0b\x0b\x0b"},
	{"br_on_null in a loop", "\x00\x02\x40\x03\x40\xd0\x70\xd5\x01\x1a\x0c\x00\x0b\x0b\x0b"},
	{"try_table in a loop", "\x00\x02\x40\x03\x40\x1f\x40\x02\x00\x00\x01\x02\x00\x08\x00\x0b\x0c\x00\x0b\x0b\x0b"},
	{"try_table without clauses", "\x00\x1f\x40\x00\x10\x00\x0c\x00\x0b\x0b"},
	{"try_table with parameters and results", "\x00\x41\x00\x1f\x01\x01\x02\x00\x41\x01\x41\x02\x0c\x00\x0b\x1a\x1a\x0b"},
	{"try_tables in one another", "\x00\x02\x40\x1f\x40\x01\x02\x00\x1f\x40\x01\x00\x00\x01\x10\x00\x0b\x0b\x0b\x0b"},
	{"what leads out of try_tables", "\x00\x02\x40\x02\x40\x1f\x40\x01\x02\x01\x1f\x40\x01\x02\x00\x41\x00\x0d\x01\x41\x00\x0d\x02\x41\x00\x0e\x02\x00\x03\x04\x0b\x0b\x0b\x0b\x0b"},
	{"br_table without a choice in try_tables", "\x00\x1f\x40\x01\x02\x00\x41\x00\x0e\x00\x00\x0b\x41\x00\x0e\x00\x00\x0b"},
	{"return and tail call in a try_table", "\x00\x1f\x40\x01\x02\x00\x41\x00\x04\x40\x0f\x0b\x12\x00\x0b\x12\x00\x0b"},
	{"loops that a try_table leads to", "\x00\x03\x40\x03\x40\x1f\x40\x01\x02\x01\x41\x00\x0d\x01\x0b\x0b\x0b\x03\x40\x0d\x00\x0b\x0b"},
	{"clauses that lead out of try_tables", "\x00\x02\x01\x03\x01\x1f\x01\x01\x02\x02\x1f\x01\x05\x02\x02\x00\x00\x01\x02\x02\x02\x03\x02\x00\x0b\x0b\x0b\x0b\x0b"},
	{"try_table in dead code", "\x00\x00\x03\x40\x1f\x40\x01\x02\x00\x0c\x01\x0b\x0b\x0b"},
	{"arms that are short", "\x00\x01\x01\x41\x00\x04\x40\x01\x05\x01\x01\x0b\x01\x0b"},
	{"arms that are long", "\x00\x41\x00\x04\x40\x01\x01\x01\x01\x05\x01\x01\x01\x01\x01\x0b\x01\x0b"},
	{"what follows a branch that leaves", "\x00\x02\x40\x02\x40\x41\x00\x0d\x01\x0b\x01\x01\x01\x01\x01\x01\x0b\x01\x0b"},
	{"dead code", "\x00\x03\x40\x0f\x03\x40\x10\x00\x0c\x01\x0b\x0b\x0b"},
	{"a loop that is dead code", "\x00\x00\x03\x40\x10\x00\x0c\x00\x0b\x0b"},
	{"memory.fill and copy", "\x00\x41\x00\x41\x00\x41\x00\xfc\x0b\x00\x41\x00\x41\x00\x41\x00\xfc\x0a\x00\x00\x0b"},
	{"memory.init", "\x00\x41\x00\x41\x00\x41\x00\xfc\x08\x00\x00\x41\x00\x41\x00\x41\x00\xfc\x08\x01\x00\x0b"},
	{"memory.grow", "\x00\x41\x01\x40\x00\x1a\x0b"},
	{"table.fill and grow", "\x00\x41\x00\xd0\x70\x41\x03\xfc\x11\x00\xd0\x70\x41\x01\xfc\x0f\x00\x1a\x0b"},
	{"wait32", "\x00\x41\x00\x41\x00\x42\x7f\xfe\x01\x02\x10\x1a\x0b"},
	{"wait64", "\x00\x41\x00\x42\x00\x42\x7f\xfe\x02\x03\x00\x1a\x0b"},
	{"wait32 with an alignment that is not valid", "\x00\x41\x00\x41\x00\x42\x7f\xfe\x01\x03\x00\x1a\x0b"},
	{"counted up to a local", "\x01\x02\x7f\x03\x40\x01\x20\x00\x41\x04\x6a\x22\x00\x20\x01\x47\x0d\x00\x0b\x0b"},
	{"counted down to zero", "\x01\x02\x7f\x03\x40\x20\x00\x41\x01\x6b\x22\x00\x0d\x00\x0b\x0b"},
	{"counted with a test in front", "\x01\x02\x7f\x02\x40\x03\x40\x20\x00\x20\x01\x4e\x0d\x01\x01\x20\x00\x41\x01\x6a\x21\x00\x41\x00\x0c\x00\x0b\x0b\x0b"},
	{"not counted: the bound changes", "\x01\x02\x7f\x03\x40\x20\x00\x21\x01\x20\x00\x41\x01\x6a\x22\x00\x20\x01\x47\x0d\x00\x0b\x0b"},
}

// meterModule is the module of meterCases, with a segment of that many bytes.
func meterModule(t testing.TB, body string, segment int) *wasmbin.Module {
	t.Helper()
	entry := func(b string) string { return string(binary.AppendUvarint(nil, uint64(len(b)))) + b }
	return decode(t, module(sec(1, "\x02\x60\x00\x00\x60\x01\x7f\x02\x7f\x7f"), sec(2, "\x01\x01m\x01f\x00\x00"), sec(3, "\x02\x00\x00"),
		sec(4, "\x01\x70\x00\x01"), sec(5, "\x01\x03\x01\x08"), sec(13, "\x01\x00\x00"), sec(12, "\x02"),
		sec(10, "\x02"+entry("\x00\x01\x0b")+entry(body)), sec(11, "\x02\x01"+entry(strings.Repeat("x", segment))+"\x01\x00")))
}

// TestMeterGolden compares the bodies after the rewrite, and the functions that were appended for them.
func TestMeterGolden(t *testing.T) {
	var out strings.Builder
	for _, c := range meterCases {
		m := meterModule(t, c.code, 65537)
		require.NoError(t, m.CheckIndices(), c.name)
		_, err := m.Meter(wasmbin.MeterOptions{Budget: 1000})
		require.NoError(t, err, c.name)
		again := decode(t, m.Encode())
		require.NoError(t, again.CheckIndices(), c.name)
		sameFields(t, m, again)
		fmt.Fprintf(&out, "%s\n%s", c.name, listing(t, m.Code[1]))
		for k, b := range m.Code[2:] {
			if f := k + 3; f > 4 || c.name == "nothing" {
				fmt.Fprintf(&out, " function %d of type %v -> %v\n%s", f, m.Types[m.Functions[k+2]].Params, m.Types[m.Functions[k+2]].Results, listing(t, b))
			}
		}
	}
	if *update {
		require.NoError(t, os.WriteFile("testdata/meter.txt", []byte(out.String()), 0o644))
	}
	want, err := os.ReadFile("testdata/meter.txt")
	require.NoError(t, err)
	require.Equal(t, string(want), out.String())
}
