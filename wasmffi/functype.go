package wasmffi

import (
	"strings"

	"github.com/tetratelabs/wazero/api"
)

// FuncType is the wasm type of a function: "i32", "i64", "f32", "f64" and the like.
type FuncType struct {
	Params  []string // value types of the parameters, in order
	Results []string // value types of the results; C has one at most
}

// String is the type as "(i32, f64) -> f64".
func (t FuncType) String() string {
	s := "(" + strings.Join(t.Params, ", ") + ")"
	if len(t.Results) > 0 {
		s += " -> " + strings.Join(t.Results, ", ")
	}
	return s
}

func funcType(f api.FunctionDefinition) FuncType {
	return FuncType{Params: typeNames(f.ParamTypes()), Results: typeNames(f.ResultTypes())}
}

func typeNames(types []api.ValueType) []string {
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = api.ValueTypeName(t)
	}
	return names
}
