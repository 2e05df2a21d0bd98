package constraints_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

var refKinds = map[string]error{
	"args": constraints.ErrArgs, "array": constraints.ErrArray, "dtype": constraints.ErrDType, "ndim": constraints.ErrNDim,
	"shape": constraints.ErrShape, "access": constraints.ErrAccess, "layout": constraints.ErrLayout, "align": constraints.ErrAlign,
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

func randomSignature(r *rand.Rand) (params []refParam, text string) {
	var words []string
	dimNames := []string{"m", "n", "k", "_", "2", "3", "0", "in"}[:2+r.IntN(7)]
	used := map[string]bool{}
	for i := range 1 + r.IntN(4) {
		p := refParam{name: fmt.Sprintf("x%d", i), typ: pick(r, slices.Sorted(maps.Keys(refSizes))...), dir: pick(r, "in", "in", "out", "inout")}
		p.dims = []string{}
		for range r.IntN(4) {
			p.dims = append(p.dims, pick(r, dimNames...))
			used[p.dims[len(p.dims)-1]] = true
		}
		params = append(params, p)
	}
	for _, d := range slices.Sorted(maps.Keys(used)) {
		if strings.Trim(d, "_0123456789") != "" && r.IntN(2) == 0 {
			params = append(params, refParam{name: d, typ: pick(r, "i32", "u64", "size"), dir: "in", number: true})
		}
	}
	if r.IntN(3) == 0 {
		params = append(params, refParam{name: "s", typ: pick(r, "i8", "f64", "ptr"), dir: pick(r, "in", "out", "inout"), number: true})
	}
	r.Shuffle(len(params), func(i, j int) { params[i], params[j] = params[j], params[i] })
	for _, p := range params {
		word := p.name + ": "
		if p.dir != "in" {
			word += p.dir + " "
		}
		word += p.typ
		if !p.number {
			word += "[" + strings.Join(p.dims, ",") + "]"
		}
		words = append(words, word)
	}
	return params, "f(" + strings.Join(words, ", ") + ")"
}

// randomArg mostly fits: else no random call would ever be accepted.
func randomArg(r *rand.Rand, p refParam, sizes map[string]int) refArray {
	a := refArray{typ: p.typ, given: "array", dense: true, local: r.IntN(3) == 0}
	if p.dir == "out" && r.IntN(4) == 0 {
		a.given = "shape"
	}
	for _, d := range p.dims {
		n := r.IntN(4)
		if size, ok := sizes[d]; ok {
			n = size
		}
		a.shape = append(a.shape, n)
	}
	switch r.IntN(24) {
	case 0:
		a.typ = pick(r, slices.Sorted(maps.Keys(refSizes))...)
	case 1:
		a.shape = append(a.shape, 1)
	case 2, 3:
		if len(a.shape) > 0 {
			a.shape[r.IntN(len(a.shape))] = r.IntN(5)
		}
	case 4:
		a.readOnly = true
	case 5:
		a.odd = true
	case 6:
		a.dense = false
	case 7:
		a.big = a.typ != "u8"
	case 8:
		a.given = "nothing"
	case 9:
		if a.given == "shape" && len(a.shape) > 0 {
			a.shape[r.IntN(len(a.shape))] = -1
		}
	}
	return a
}

// make is the array, and notes what the layout turned out to be: one of few elements
// is dense whatever its strides.
func (a *refArray) make(t *testing.T) memview.Array {
	d := map[string]memview.DType{"u8": memview.U8, "i16": memview.I16, "f32": memview.F32, "f64": memview.F64, "c128": memview.C128}[a.typ]
	if a.big {
		d = d.BigEndian()
	}
	if a.local {
		z, err := memview.Zeros(d, a.shape...)
		require.NoError(t, err)
		if a.readOnly {
			z = z.ReadOnly()
		}
		return z
	}
	l := memview.Layout{Shape: a.shape, ReadOnly: a.readOnly}
	if !a.dense {
		// Twice the distance along every axis: gaps, where an axis has two elements or more.
		step := 2 * refSizes[a.typ]
		l.Strides = make([]int, len(a.shape))
		a.dense = true
		for i := len(a.shape) - 1; i >= 0; i-- {
			l.Strides[i] = step
			step *= max(a.shape[i], 1)
			a.dense = a.dense && a.shape[i] <= 1
		}
		a.dense = a.dense || slices.Contains(a.shape, 0)
	}
	p := memview.Ptr(0x400)
	if a.odd {
		p++
	}
	return guestAt(t, p, d, l)
}

func TestCheckerAgainstReference(t *testing.T) {
	const signatures, calls = 3000, 12
	r := rand.New(rand.NewPCG(2024, 7))
	count := map[string]int{}
	for range signatures {
		params, text := randomSignature(r)
		c := compile(t, text)
		b := c.NewBinding()
		sizes := map[string]int{"2": 2, "3": 3, "0": 0}
		for range calls {
			for _, d := range []string{"m", "n", "k", "in"} {
				sizes[d] = r.IntN(4)
			}
			args, arrays := map[int]refArray{}, map[int]memview.Array{}
			all, without := 0, 0
			for i := range params {
				switch c.Role(i) {
				case constraints.Array:
					all++
					if params[i].dir != "out" {
						without++
					}
				case constraints.Given, constraints.InOutScalar:
					all++
					without++
				}
			}
			nargs := pick(r, all, all, without)
			if r.IntN(40) == 0 {
				nargs += pick(r, -1, 1)
			}
			for i, p := range params {
				if p.number {
					continue
				}
				a := randomArg(r, p, sizes)
				if p.dir == "out" && nargs == without && all != without {
					a = refArray{given: "nothing"}
				}
				if a.given == "array" {
					arrays[i] = a.make(t)
				}
				args[i] = a
			}
			want := reference(params, args, nargs)

			e := c.Start(b, nargs)
			if e == nil {
				for i, a := range args {
					b.Arrays[i] = arrays[i]
					if a.given == "shape" {
						b.Shapes[i] = append([]int{}, a.shape...)
					}
				}
				e = c.Check(b)
			}
			place := func() string { return fmt.Sprintf("%s, %d arguments: %+v", text, nargs, args) }
			if want.kind == "" {
				require.Nil(t, e, place())
				count["accepted"]++
				compareValues(t, c, b, params, want, count)
				continue
			}
			require.NotNil(t, e, "%s: want %s", place(), want.kind)
			require.True(t, errors.Is(e, refKinds[want.kind]), "%s: got %v, want %s", place(), e, want.kind)
			require.Equal(t, want.param, e.Index, "%s: %v", place(), e)
			count[want.kind]++
			for name, n := range want.bound {
				// The parameter that failed may have bound names before it did.
				require.Contains(t, ", "+e.Bound+" from ", fmt.Sprintf(", %s=%d from ", name, n), place())
			}
		}
	}
	for kind := range refKinds {
		require.Positive(t, count[kind], "no call failed with %s", kind)
	}
	require.Greater(t, count["accepted"], signatures)
	require.Positive(t, count["value"])
	require.Positive(t, count["unbound"])
	t.Logf("%d signatures, %d calls: %v", signatures, signatures*calls, count)
}

// compareValues looks at what was bound: by the derived parameters and by the shapes of
// outputs that were left out.
func compareValues(t *testing.T, c *constraints.Checker, b *constraints.Binding, params []refParam, want refVerdict, count map[string]int) {
	for i, p := range params {
		switch {
		case c.Role(i) == constraints.Derived:
			got, e := c.Value(b, i)
			n, known := want.bound[p.name]
			require.Equal(t, known, e == nil, "%s: %v", c, e)
			if !known {
				count["unbound"]++
				continue
			}
			count["value"]++
			require.EqualValues(t, n, got, c.String())
		case !p.number && p.dir == "out" && b.Arrays[i].IsZero() && b.Shapes[i] == nil:
			shape, known := []int{}, true
			for _, d := range p.dims {
				n, ok := want.bound[d]
				if strings.Trim(d, "0123456789") == "" {
					n, ok = int(d[0]-'0'), true
				}
				shape, known = append(shape, n), known && ok
			}
			got, e := c.OutShape(b, i)
			require.Equal(t, known, e == nil, "%s: %v", c, e)
			if known {
				require.Equal(t, shape, got)
				count["shape of an output"]++
			}
		}
	}
}
