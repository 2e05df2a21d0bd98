package wasmbin_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/wasmffi/go/loader/wasmbin"
)

func TestTrampolines(t *testing.T) {
	for _, count := range []int{1, 2, 127, 128, 300} {
		typ := wasmbin.FuncType{Params: []wasmbin.ValueType{wasmbin.F64, wasmbin.I32, wasmbin.I64, wasmbin.F32}, Results: []wasmbin.ValueType{wasmbin.F64}}
		b := wasmbin.Trampolines{Type: typ, Count: count, Module: "host", Host: "call", Guest: "guest", Table: "table"}.Encode()
		m, err := wasmbin.Decode(b)
		require.NoError(t, err)
		require.NoError(t, m.CheckIndices())
		require.Len(t, m.Code, count+2)
		require.Equal(t, uint32(count), m.Elements[0].Count)
		require.Equal(t, wasmbin.Passive, m.Elements[0].Mode)
		require.Equal(t, append([]wasmbin.ValueType{wasmbin.I32}, typ.Params...), m.Types[m.Imports[0].Type].Params)
		require.Equal(t, wasmbin.FuncRef, m.Imports[1].Table.Type)
		require.False(t, m.Imports[1].Table.Limits.HasMax)
		for _, f := range m.Functions[2:] {
			require.Equal(t, typ, m.Types[f])
		}
		require.Equal(t, b, m.Encode())
	}
}

func ExampleTrampolines() {
	typ := wasmbin.FuncType{Params: []wasmbin.ValueType{wasmbin.F64}, Results: []wasmbin.ValueType{wasmbin.F64}}
	b := wasmbin.Trampolines{Type: typ, Count: 1, Module: "host", Host: "call", Guest: "guest", Table: "table"}.Encode()
	m, err := wasmbin.Decode(b)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Imports[0].Name, m.Imports[1].Name, m.Exports[0].Name, m.Exports[1].Name)
	fmt.Printf("% x\n", m.Code[2].Code) // i32.const 0, local.get 0, call 0, end
	// Output:
	// call table grow place
	// 41 00 20 00 10 00 0b
}
