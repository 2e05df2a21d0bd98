package wasmbin_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/wasmffi/go/loader/wasmbin"
)

func TestAppendCaller(t *testing.T) {
	typ := wasmbin.FuncType{Params: []wasmbin.ValueType{wasmbin.F64, wasmbin.I64}, Results: []wasmbin.ValueType{wasmbin.F32}}
	b, err := wasmbin.EncodeCaller(typ, "guest", "table")
	require.NoError(t, err)
	m, err := wasmbin.Decode(b)
	require.NoError(t, err)
	require.NoError(t, m.CheckIndices())
	require.Equal(t, typ, m.Types[0])
	require.Equal(t, []wasmbin.ValueType{wasmbin.F64, wasmbin.I64, wasmbin.I32}, m.Types[m.Functions[0]].Params)
	require.Len(t, typ.Params, 2)

	require.NoError(t, m.AppendCaller(typ, 0, "other"))
	require.Error(t, m.AppendCaller(typ, 0, "call"))
}

func ExampleModule_AppendCaller() {
	m, err := wasmbin.Decode([]byte("\x00asm\x01\x00\x00\x00\x04\x04\x01\x70\x00\x01")) // one table
	if err != nil {
		fmt.Println(err)
		return
	}
	err = m.AppendCaller(wasmbin.FuncType{Params: []wasmbin.ValueType{wasmbin.F64}}, 0, "call f64")
	fmt.Printf("%v % x\n", err, m.Code[0].Code) // local.get 0, local.get 1, call_indirect 0 0, end
	// Output: <nil> 20 00 20 01 11 00 00 0b
}

func ExampleEncodeCaller() {
	b, err := wasmbin.EncodeCaller(wasmbin.FuncType{Results: []wasmbin.ValueType{wasmbin.I32}}, "guest", "table")
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := wasmbin.Decode(b)
	fmt.Println(m.Imports[0].Module, m.Imports[0].Name, m.Exports[0].Name, err)
	// Output: guest table call <nil>
}
