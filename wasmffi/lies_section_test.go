package wasmffi_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// What a module says of the wasm type of its own exports is held against them.
func TestSectionLiesOfTypes(t *testing.T) {
	for _, text := range []string{
		"scale(x: inout f64[n], n: size)",
		"scale(x: inout f64[n], n: size, a: f64, b: f64)",
		"scale(x: inout f64[n], n: size, a: f32)",
		"scale(x: inout f64[n], n: size, a: i32)",
		"scale(x: inout f64[n], n: i64, a: f64)",
		"scale(x: inout f64[n], n: size, a: f64) -> f64",
		"scale(x: inout f64[n], n: size, a: f64) -> cstr",
		"sum(x: f64[n], n: size)",
		"sum(x: f64[n], n: size) -> f32",
		"sum(x: f64[n], n: size) -> i64",
		"sum(x: f64[n], n: size) -> f64[1000]",
		"type Hh = opaque free(nothing_there); sum(x: f64[n], n: size) -> Hh",
		"type Hh = opaque free(sum); scale(h: Hh, n: size, a: f64)",
		"not_there(x: f64[n], n: size)",
	} {
		lib := openCarrying(t, wasm.Vec, text+"\n")
		s, err := lib.Module().Signatures()
		require.NoError(t, err, text)
		_, err = lib.DeclaredFunc(s.Signatures[0].Name)
		require.Error(t, err, text)
		require.NotContains(t, err.Error(), "panic")
		// The caller's word is what counts for all others.
		require.EqualValues(t, 3, call(t, bind(t, lib, "dot(x: f64[n], y: f64[n], n: size) -> f64"), []float64{1, 1}, []float64{1, 2}).Float64())
	}
}

// A signature that a module carries for one of its exports writes no Go memory, whatever it says of directions and sizes.
func TestDeclaredDirections(t *testing.T) {
	for _, tt := range []struct {
		text string
		args []any
	}{
		{"scale(x: out f64[n], n: size, a: f64)", []any{[]float64{1, 2, 3}, 2}},
		{"scale(x: inout f64[n], n: size, a: f64)", []any{[]float64{1, 2, 3}, 2}},
		{"scale(x: inout f64[n] nullable, n: size, a: f64)", []any{[]float64{1, 2, 3}, 2}},
		{"scale(x: inout f64[n] strided, n: size, a: f64)", []any{[]float64{1, 2, 3}, 2}},
		{"scale(x: inout f64[n] len(n-1), n: size, a: f64)", []any{[]float64{1, 2, 3}, 2}},
		{"scale(x: f64[n], n: size, a: f64)", []any{[]float64{1, 2, 3}, 2}}, // in, and the guest writes to the copy
		{"scale(x: f64[n] mayalias, n: size, a: f64)", []any{[]float64{1, 2, 3}, 2}},
	} {
		for _, w := range ways {
			lib := openCarrying(t, wasm.Vec, tt.text+"\n")
			f, err := lib.DeclaredFunc("scale")
			require.NoError(t, err, tt.text)
			for _, wrap := range []func([]float64) any{
				func(x []float64) any { return x },
				func(x []float64) any { return goArray(t, x) },
				func(x []float64) any { return must(goArray(t, x).Sub(0, 0, 2, 1)) },
				func(x []float64) any { return goArray(t, x).ReadOnly() },
				func(x []float64) any { return wasmffi.InOut(goArray(t, x).ReadOnly()) },
			} {
				x := []float64{1, 2, 3}
				_, err := w.call(f, []any{wrap(x), 2})
				require.Equal(t, []float64{1, 2, 3}, x, "%s by %s", tt.text, w.name)
				if !strings.Contains(tt.text, "out") {
					continue
				}
				require.ErrorIs(t, err, constraints.ErrAccess, "%s by %s", tt.text, w.name)
				require.ErrorIs(t, err, wasmffi.ErrNotRun)
			}
		}
	}
	// Nor may what is read be written, when the guest's memory is what was passed.
	lib := openCarrying(t, wasm.Vec, "scale(x: out f64[100000000], n: i32, a: f64)\n")
	f, err := lib.DeclaredFunc("scale")
	if err == nil {
		_, err = f.Call(bg, 1, 2)
	}
	require.Error(t, err, "800 MB that the module wants")
	require.Less(t, lib.Memory().Size(), uint64(900<<20))
}

// Sections as large as a module may be, and texts that are made to take long.
func TestSectionsOfMuchText(t *testing.T) {
	many := func(n int, line func(int) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(line(i))
		}
		return b.String()
	}
	for name, text := range map[string]string{
		"100 MiB of lines":     strings.Repeat("sum(x: f64[n], n: size) -> f64\n", 100<<20/31),
		"100 MiB of one line":  "sum(" + strings.Repeat("x", 100<<20),
		"100 MiB of a comment": "#" + strings.Repeat("\xff", 100<<20),
		"100,000 equal lines":  strings.Repeat("sum(x: f64[n], n: size) -> f64\n", 100_000),
		"100,000 names":        many(100_000, func(i int) string { return fmt.Sprintf("f%d(x: f64[n], n: size) -> f64\n", i) }),
		"100,000 types":        many(100_000, func(i int) string { return fmt.Sprintf("type Ab%d = {x: f64}\n", i) }),
		"100,000 breaks":       strings.Repeat(";\n", 100_000),
		"100,000 versions":     strings.Repeat("wasmffi 1\n", 100_000),
		"types of types": "type Aa = {x: f64[1000]}\n" + many(60, func(i int) string {
			return fmt.Sprintf("type A%c%c = {x: A%c%c[1000]}\n", 'a'+(i+1)/26, 'a'+(i+1)%26, 'a'+i/26, 'a'+i%26)
		}),
		"a type of itself":     "type Aa = {x: Aa}\nf(x: Aa[1])\n",
		"types in a circle":    "type Aa = {x: Bb}\ntype Bb = {x: Aa}\nf(x: Aa[1])\n",
		"no UTF-8":             "s\xc0\x80m(x: f64[n], n: size) -> f64\n",
		"half a rune":          "sum(x: f64[n], n: size) -> f64\n\xe2\x82",
		"NUL":                  "sum(x: f64[n], n: size) -> f64\x00\n",
		"two of one name":      "sum(x: f64[n], n: size) -> f64\nsum(x: inout f64[n], n: size) -> f64\n",
		"quoted and not":       "sum(x: f64[n], n: size) -> f64\n\"sum\"(x: inout f64[n], n: size) -> f64\n",
		"a name of escapes":    "\"\\x1b[2J\\n\"(x: f64[n], n: size) -> f64\n",
		"brackets without end": strings.Repeat("f(x: f64[(", 10_000),
		"4,096 long, all parsed": many(4096, func(i int) string {
			return fmt.Sprintf("f%d(%sz: f64[n], n: size)\n", i, many(60, func(k int) string { return fmt.Sprintf("x%d: f64[n+%d], ", k, k) }))
		}),
	} {
		begin := time.Now()
		code := carrying(wasm.Vec, text)
		m, err := wasmffi.Compile(bg, code, nil)
		if err != nil {
			require.Less(t, len(err.Error()), 1000, name)
			require.Less(t, time.Since(begin), hostileTime, name)
			continue
		}
		lib, err := m.Instantiate(bg)
		require.NoError(t, err, name)
		if _, err = m.Signatures(); err != nil {
			require.Less(t, len(err.Error()), 10_000, name)
			for _, c := range err.Error() {
				require.True(t, c >= ' ', "%s: %q", name, err)
			}
		}
		_, err = lib.DeclaredFunc("f1")
		require.Error(t, err, name)
		require.EqualValues(t, 3, call(t, bind(t, lib, "sum(x: f64[n], n: size) -> f64"), []float64{1, 2}).Float64(), name)
		require.NoError(t, lib.Close())
		require.NoError(t, m.Close())
		if !raced {
			require.Less(t, time.Since(begin), hostileTime, name)
		}
	}
}

// Outputs that a module declares count against the limit of its memory, and are found out before anything is made.
func TestDeclaredOutputs(t *testing.T) {
	m, err := wasmffi.Compile(bg, carrying(wasm.Vec, "linspace(a: f64, b: f64, n: size, y: out f64[n])\n"), &wasmffi.Options{Limits: wasmffi.Limits{Memory: 4 << 20}})
	require.NoError(t, err)
	lib := instance(t, m)
	require.NoError(t, m.Close())
	f, err := lib.DeclaredFunc("linspace")
	require.NoError(t, err)
	for _, n := range []int{1 << 20, 1 << 28, 1<<31 - 1} {
		_, err = f.Call(bg, 0, 1, wasmffi.New(n))
		require.ErrorIs(t, err, wasmffi.ErrNotRun, "%d", n)
		require.LessOrEqual(t, lib.Memory().Size(), uint64(4<<20))
	}
	r := call(t, f, 0, 1, wasmffi.New(3))
	require.Equal(t, []float64{0, 0.5, 1}, take[float64](t, r, "y"))
	_, err = memview.Values[float64](r.Out("y"))
	require.ErrorIs(t, err, wasmffi.ErrFreed)
}
