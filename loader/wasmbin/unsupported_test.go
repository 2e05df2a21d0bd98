package wasmbin_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/loader/wasmbin"
)

func TestUnsupported(t *testing.T) {
	types := func(entry string) []byte { return module(sec(1, "\x01"+entry)) }
	for name, c := range map[string]struct {
		module        []byte
		feature, want string
	}{
		"table shared":     {module(sec(4, "\x01\x70\x03\x00\x00")), "shared-everything", "table section: offset 0xc: limits of a table: unsupported: tables, globals and references that threads share (a shared table)"},
		"table 64":         {module(sec(4, "\x01\x70\x04\x00")), "memory64", "table section: offset 0xc: limits of a table: unsupported: 64-bit memories and tables (memory64): compile for wasm32"},
		"memory 64":        {module(sec(2, "\x01\x00\x00\x02\x05\x00")), "memory64", "import section: offset 0xe: limits of a memory: unsupported: 64-bit memories and tables (memory64): compile for wasm32"},
		"page size":        {module(sec(5, "\x01\x08\x00")), "custom-page-sizes", "memory section: offset 0xb: limits of a memory: unsupported: page sizes other than 64 KiB (custom-page-sizes)"},
		"global shared":    {module(sec(6, "\x01\x7f\x03\x0b")), "shared-everything", "global section: offset 0xc: mutability: unsupported: tables, globals and references that threads share (a shared global)"},
		"struct":           {types("\x5f\x00"), "gc", "type section: offset 0xb: form of a type: unsupported: garbage collection (0x5f)"},
		"array":            {types("\x5e\x7f\x00"), "gc", "type section: offset 0xb: form of a type: unsupported: garbage collection (0x5e)"},
		"sub":              {types("\x50\x00\x60\x00\x00"), "gc", "type section: offset 0xb: form of a type: unsupported: garbage collection (0x50)"},
		"sub final":        {types("\x4e\x01\x4f\x00\x60\x00\x00"), "gc", "type section: offset 0xd: form of a type: unsupported: garbage collection (0x4f)"},
		"cont":             {types("\x5d\x00"), "stack-switching", "type section: offset 0xb: form of a type: unsupported: stack switching (0x5d)"},
		"shared type":      {types("\x65\x60\x00\x00"), "shared-everything", "type section: offset 0xb: form of a type: unsupported: tables, globals and references that threads share (0x65)"},
		"anyref":           {types("\x60\x01\x6e\x00"), "gc", "type section: offset 0xd: type of parameters: unsupported: garbage collection (type 6e 00)"},
		"i31":              {types("\x60\x00\x01\x64\x6c"), "gc", "type section: offset 0xe: type of results: unsupported: garbage collection (type 64 6c)"},
		"shared reference": {types("\x60\x01\x63\x65\x6f\x00"), "shared-everything", "type section: offset 0xd: type of parameters: unsupported: tables, globals and references that threads share (type 63 65)"},
		"constant":         {module(sec(6, "\x01\x70\x00\xd0\x73\x0b")), "gc", "global section: offset 0xe: initial value: opcode 0xd0: unsupported: garbage collection (type 73 0b)"},
		"constant i31":     {module(sec(6, "\x01\x70\x00\xfb\x1c\x0b")), "gc", "global section: offset 0xd: initial value: unsupported: garbage collection (opcode 0xfb)"},
		"try":              {code("\x06\x40\x0b\x0b"), "legacy-exceptions", "code section: offset 0x17: unsupported: legacy exception handling (try): compile with -fwasm-exceptions -mllvm -wasm-use-legacy-eh=false, with Emscripten -sWASM_LEGACY_EXCEPTIONS=0"},
		"relaxed":          {code("\xfd\x93\x02\x0b"), "relaxed-simd", "code section: offset 0x17: unsupported: relaxed vector instructions (opcode 0xfd 275): compile with -mno-relaxed-simd"},
		"half":             {code("\xfd\xa0\x02\x0b"), "fp16", "code section: offset 0x17: unsupported: half precision (opcode 0xfd 288): compile with -mno-fp16"},
		"load of a half":   {code("\xfc\x30\x01\x00\x0b"), "fp16", "code section: offset 0x17: unsupported: half precision (opcode 0xfc30): compile with -mno-fp16"},
		"wide":             {code("\xfc\x13\x0b"), "wide-arithmetic", "code section: offset 0x17: unsupported: wide arithmetic (opcode 0xfc13): compile with -mno-wide-arithmetic"},
		"switch":           {code("\xe6\x00\x00\x0b"), "stack-switching", "code section: offset 0x17: unsupported: stack switching (opcode 0xe6)"},
		"ref.eq":           {code("\xd3\x0b"), "gc", "code section: offset 0x17: unsupported: garbage collection (ref.eq)"},
		"block of cont":    {code("\x02\x68\x0b\x0b"), "stack-switching", "code section: offset 0x18: opcode 0x2: unsupported: stack switching (type 68 0b)"},
		"memory of load":   {code("\x28\x42\x01\x00\x0b"), "multimemory", "code section: offset 0x18: opcode 0x28: unsupported: several memories (the index of a memory)"},
		"memory.size 1":    {code("\x3f\x81\x00\x0b"), "multimemory", "code section: offset 0x18: opcode 0x3f: unsupported: several memories (memory 1)"},
		"memory.init 0 1":  {code("\xfc\x08\x00\x01\x0b"), "multimemory", "code section: offset 0x1a: opcode 0xfc08: unsupported: several memories (memory 1)"},
		"nothing of it":    {types("\x61\x00"), "", "type section: offset 0xb: form of a type: got 0x61, want 0x60 (a function type)"},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := wasmbin.Decode(c.module)
			if err == nil {
				_, err = m.Writes()
			}
			require.EqualError(t, err, "wasmbin: "+c.want)
			var e *wasmbin.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, c.feature, e.Feature)
		})
	}
}

func TestUnsupportedOpcodes(t *testing.T) {
	for feature, opcodes := range map[string][]string{
		"legacy-exceptions": {"\x06", "\x07", "\x09", "\x18", "\x19"},
		"relaxed-simd":      {"\xfd\x80\x02", "\xfd\x93\x02"},
		"fp16":              {"\xfd\xa0\x02", "\xfd\xcf\x02", "\xfc\x31"},
		"wide-arithmetic":   {"\xfc\x13", "\xfc\x96\x00"},
		"stack-switching":   {"\xe0", "\xe6"},
		"gc":                {"\xfb", "\xd3"},
		"":                  {"\x16", "\xe7", "\xfd\x94\x02", "\xfd\xd0\x02", "\xfc\x12", "\xfc\x17", "\xfe\x4f", "\xfc\xff\xff\xff\xff\x0f"},
	} {
		for _, op := range opcodes {
			_, err := walk(op + "\x00\x0b")
			var e *wasmbin.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, feature, e.Feature, "% x", op)
		}
	}
}

func ExampleError_unsupported() {
	_, err := wasmbin.Decode([]byte("\x00asm\x01\x00\x00\x00" + "\x05\x03\x01\x04\x01")) // (memory i64 1)
	var e *wasmbin.Error
	if errors.As(err, &e) && e.Feature != "" {
		fmt.Println(e.Feature)
		fmt.Println(e.Reason)
	}
	// Output:
	// memory64
	// limits of a memory: unsupported: 64-bit memories and tables (memory64): compile for wasm32
}
