package wasmffi_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/wasmffi"
)

const (
	opI64Store = 0x37
	opWrap     = 0xa7 // i32.wrap_i64
)

// liar is a guest that answers whatever it is told to: an address, a number, and what it says in outputs.
func liar() []byte {
	var m made
	m.pages(1)
	m.globals = append(m.globals, heapGlobal)
	m.funcs, m.bodies = append(m.funcs, leb(m.typ("i", "i"))), append(m.bodies, heapMalloc)
	m.export("malloc", kindFunc, 0)
	m.fn("free", "i", "")
	m.fn("end", "i", "")
	m.fn("id", "i", "i", opLocalGet, 0)
	m.fn("id64", "j", "j", opLocalGet, 0)
	// An output of 64 bits, and the result.
	m.fn("give", "iji", "i", opLocalGet, 0, opLocalGet, 1, opI64Store, 3, 0, opLocalGet, 2)
	// The same of two, and of one of 32 bits.
	m.fn("give2", "iijji", "i", opLocalGet, 0, opLocalGet, 2, opI64Store, 3, 0, opLocalGet, 1, opLocalGet, 3, opI64Store, 3, 0, opLocalGet, 4)
	m.fn("give32", "iii", "i", opLocalGet, 0, opLocalGet, 1, opStore, 2, 0, opLocalGet, 2)
	// A result that says how much of an array there is, and an output that does.
	m.fn("fill", "ij", "j", opLocalGet, 1)
	m.fn("fillout", "iij", "", opLocalGet, 1, opLocalGet, 2, opI64Store, 3, 0)
	m.fn("same", "ii", "i", opLocalGet, 1) // beside an array
	m.data = append(m.data, cat(0, constant(65526), opEnd, leb(10), []byte("hi\x00\xff\xfe\x00wxyz")))
	return m.bytes()
}

// route is one of those in which a call can be made. It gives the result, unless that is of another kind.
type route struct {
	name string
	call func(f *wasmffi.Func, args []any) (wasmffi.Result, error)
}

var ways = []route{
	{"Call", func(f *wasmffi.Func, args []any) (wasmffi.Result, error) { return f.Call(bg, args...) }},
	{"Prepare", func(f *wasmffi.Func, args []any) (wasmffi.Result, error) {
		p, err := f.Prepare(args...)
		if err != nil {
			return wasmffi.Result{}, err
		}
		return p.Call(bg)
	}},
	{"WithLimits", func(f *wasmffi.Func, args []any) (wasmffi.Result, error) {
		g, err := f.WithLimits(wasmffi.CallLimits{Fuel: 1 << 20})
		if err != nil {
			return wasmffi.Result{}, err
		}
		return g.Call(bg, args...)
	}},
}

// everyWay makes a call in all ways, each with an instance of its own, and requires that they agree. It
// returns the result of one of them, and the text of the error.
func everyWay(t testing.TB, m *wasmffi.Module, sig string, args ...any) (r wasmffi.Result, err error) {
	t.Helper()
	for i, w := range ways {
		lib := instance(t, m)
		got, e := w.call(bind(t, lib, sig), args)
		what := fmt.Sprintf("%s of %s with %#x", w.name, sig, args)
		if i == 0 {
			r, err = got, e
			continue
		}
		if err == nil {
			require.NoError(t, e, what)
			require.Equal(t, shown(r), shown(got), what)
			continue
		}
		require.EqualError(t, e, err.Error(), what)
		require.Equal(t, wasmffi.Result{}, got, what)
	}
	return r, err
}

// shown is a result as text, but for the contents of arrays.
func shown(r wasmffi.Result) string {
	if a, ok := r.Value().(memview.Array); ok {
		return fmt.Sprint(a.Ptr(), a.Shape(), a.DType())
	}
	return fmt.Sprintf("%T %v", r.Value(), r.Value())
}

// inMemory requires that an array lies in the memory of its library, by reading all of it.
func inMemory(t testing.TB, a memview.Array, size uint64, what string) {
	t.Helper()
	if a.IsZero() || a.Memory() == nil {
		return
	}
	require.LessOrEqual(t, uint64(a.Ptr())+uint64(a.NBytes()), size, what)
	b, err := a.Memory().Bytes(a.Ptr(), uint32(a.NBytes()))
	require.NoError(t, err, what)
	require.Len(t, b, a.NBytes(), what)
}

// boundCall calls a function of one number that was bound as a Go function, and gives the error alone.
func boundCall(lib *wasmffi.Library, sig, kind string, v uint32) error {
	var err error
	switch kind {
	case "array":
		var f func(context.Context, uint32) (memview.Array, error)
		if f, err = wasmffi.Bind[func(context.Context, uint32) (memview.Array, error)](lib, sig); err == nil {
			_, err = f(bg, v)
		}
	case "slice":
		var f func(context.Context, uint32) ([]float64, error)
		if f, err = wasmffi.Bind[func(context.Context, uint32) ([]float64, error)](lib, sig); err == nil {
			_, err = f(bg, v)
		}
	case "text":
		var f func(context.Context, uint32) (string, error)
		if f, err = wasmffi.Bind[func(context.Context, uint32) (string, error)](lib, sig); err == nil {
			_, err = f(bg, v)
		}
	case "handle":
		var f func(context.Context, uint32) (wasmffi.Handle, error)
		if f, err = wasmffi.Bind[func(context.Context, uint32) (wasmffi.Handle, error)](lib, sig); err == nil {
			_, err = f(bg, v)
		}
	}
	return err
}
