package constraints_test

import (
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

const (
	flagC = memview.CContiguous
	flagF = memview.FContiguous
	flagW = memview.Writeable
)

func dims(shape ...int) []int { return append([]int{}, shape...) }

func TestNDPointerCheck(t *testing.T) {
	vector := guest(t, memview.F64, 4)
	matrix := guest(t, memview.F64, 2, 3)
	scalar := guest(t, memview.F64)
	fortran := guestAt(t, 0x400, memview.F64, memview.Layout{Shape: dims(2, 3), Strides: dims(8, 16)})
	strided := guestAt(t, 0x400, memview.F64, memview.Layout{Shape: dims(4), Strides: dims(16)})
	readOnly := guestAt(t, 0x400, memview.F64, memview.Layout{Shape: dims(4), ReadOnly: true})
	odd := guestAt(t, 0x401, memview.F64, memview.Layout{Shape: dims(4)})
	swapped := guest(t, memview.F64.BigEndian(), 4)
	pair, err := memview.StructOf(memview.Field{Name: "a", DType: memview.F32}, memview.Field{Name: "b", DType: memview.I32})
	require.NoError(t, err)
	void, err := memview.VoidOf(8)
	require.NoError(t, err)

	type nd = constraints.NDPointer
	for _, tt := range []struct {
		name string
		p    nd
		a    memview.Array
		want string // empty: accepted
		kind error
		hint string
	}{
		{"zero, vector", nd{}, vector, "", nil, ""},
		{"zero, 0-d", nd{}, scalar, "", nil, ""},
		{"zero, strided", nd{}, strided, "", nil, ""},
		{"zero, Go memory", nd{}, local[float32](t, 2, 2), "", nil, ""},
		{"zero, no array", nd{}, memview.Array{}, "it is no array, want an array", constraints.ErrArray, ""},
		{"dtype", nd{DType: memview.F64}, vector, "", nil, ""},
		{"dtype, other", nd{DType: memview.F32}, vector, "dtype is float64, want float32", constraints.ErrDType, "arrays are not converted implicitly"},
		{"dtype, other kind", nd{DType: memview.I64}, vector, "dtype is float64, want int64", constraints.ErrDType, ""},
		{"dtype, byte order", nd{DType: memview.F64}, swapped, "dtype is >f8, want float64", constraints.ErrDType, "only the byte order differs: memview.Values converts it"},
		{"dtype, byte order wanted", nd{DType: memview.F64.BigEndian()}, swapped, "", nil, ""},
		{"dtype, struct against bytes", nd{DType: void}, guest(t, pair, 1), "dtype is {'names': ['a', 'b'], 'formats': ['<f4', '<i4'], 'offsets': [0, 4], 'itemsize': 8, 'aligned': True}, want |V8", constraints.ErrDType, ""},
		{"ndim", nd{NDim: 1}, vector, "", nil, ""},
		{"ndim, other", nd{NDim: 1}, matrix, "ndim is 2, want 1", constraints.ErrNDim, ""},
		{"ZeroD", nd{NDim: constraints.ZeroD}, scalar, "", nil, ""},
		{"ZeroD, vector", nd{NDim: constraints.ZeroD}, vector, "ndim is 1, want 0", constraints.ErrNDim, ""},
		{"ndim 1, 0-d", nd{NDim: 1}, scalar, "ndim is 0, want 1", constraints.ErrNDim, ""},
		{"shape ()", nd{Shape: dims()}, scalar, "", nil, ""},
		{"shape (), vector", nd{Shape: dims()}, vector, "shape is (4,), want ()", constraints.ErrShape, ""},
		{"shape (2, 3)", nd{Shape: dims(2, 3)}, matrix, "", nil, ""},
		{"shape (2, 4)", nd{Shape: dims(2, 4)}, matrix, "shape[1] is 3, want 4", constraints.ErrShape, ""},
		{"shape (6,)", nd{Shape: dims(6)}, matrix, "shape is (2, 3), want (6,)", constraints.ErrShape, ""},
		{"shape (_, 3)", nd{Shape: dims(constraints.Any, 3)}, matrix, "", nil, ""},
		{"shape (_, 4)", nd{Shape: dims(constraints.Any, 4)}, matrix, "shape[1] is 3, want 4", constraints.ErrShape, ""},
		{"shape (_, _)", nd{Shape: dims(constraints.Any, constraints.Any)}, vector, "shape is (4,), want (_, _)", constraints.ErrShape, ""},
		{"C", nd{Flags: flagC}, matrix, "", nil, ""},
		{"C, Fortran", nd{Flags: flagC}, fortran, "flags is F_CONTIGUOUS, ALIGNED, WRITEABLE, want C_CONTIGUOUS", constraints.ErrFlags, "the array is in Fortran order: Transpose it or copy it with memview.Values"},
		{"F, C order", nd{Flags: flagF}, matrix, "flags is C_CONTIGUOUS, ALIGNED, WRITEABLE, want F_CONTIGUOUS", constraints.ErrFlags, "the array is strided: copy it with memview.Values"},
		{"C, strided", nd{Flags: flagC}, strided, "flags is ALIGNED, WRITEABLE, want C_CONTIGUOUS", constraints.ErrFlags, "the array is strided: copy it with memview.Values"},
		{"W, read-only", nd{Flags: flagW}, readOnly, "flags is C_CONTIGUOUS, F_CONTIGUOUS, ALIGNED, want WRITEABLE", constraints.ErrFlags, "the array was made ReadOnly"},
		{"A, odd address", nd{Flags: memview.Aligned}, odd, "flags is C_CONTIGUOUS, F_CONTIGUOUS, WRITEABLE, want ALIGNED", constraints.ErrFlags, ""},
		{"two flags missing", nd{Flags: flagC | flagW | memview.OwnData}, strided, "flags is ALIGNED, WRITEABLE, want C_CONTIGUOUS, OWNDATA", constraints.ErrFlags, "the array is strided: copy it with memview.Values"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.p.Check(tt.a)
			all := tt.p.CheckAll(tt.a)
			if tt.want == "" {
				require.NoError(t, err)
				require.Empty(t, all)
				return
			}
			require.EqualError(t, err, tt.want)
			require.ErrorIs(t, err, tt.kind)
			var te *constraints.TypeError
			require.ErrorAs(t, err, &te)
			require.Equal(t, tt.hint, te.Hint)
			require.NotEmpty(t, all)
			require.Equal(t, te, all[0], "Check is the first of CheckAll")
		})
	}
}

// numpy row 56: array, dtype, ndim, shape, flags.
func TestNDPointerOrder(t *testing.T) {
	strided := guestAt(t, 0x400, memview.F32, memview.Layout{Shape: dims(2, 2), Strides: dims(32, 16)})
	p := constraints.NDPointer{DType: memview.F64, NDim: 1, Shape: dims(3), Flags: flagC}
	for _, step := range []struct {
		kind  error
		relax func()
	}{
		{constraints.ErrDType, func() { p.DType = memview.F32 }},
		{constraints.ErrNDim, func() { p.NDim = 0 }},
		{constraints.ErrShape, func() { p.Shape = nil }},
		{constraints.ErrFlags, func() { p.Flags = 0 }},
	} {
		require.ErrorIs(t, p.Check(strided), step.kind)
		require.ErrorIs(t, p.Check(memview.Array{}), constraints.ErrArray)
		step.relax()
	}
	require.NoError(t, p.Check(strided))
}

func TestNDPointerCheckAll(t *testing.T) {
	strided := guestAt(t, 0x400, memview.F32, memview.Layout{Shape: dims(2, 2), Strides: dims(32, 16)})
	p := constraints.NDPointer{DType: memview.F64, NDim: 1, Shape: dims(3), Flags: flagC}
	var got []string
	for _, e := range p.CheckAll(strided) {
		got = append(got, e.Error())
	}
	require.Equal(t, []string{
		"dtype is float32, want float64", "ndim is 2, want 1", "shape is (2, 2), want (3,)",
		"flags is ALIGNED, WRITEABLE, want C_CONTIGUOUS",
	}, got)
	require.Len(t, p.CheckAll(memview.Array{}), 1, "a missing array is one failure")
	require.Empty(t, constraints.NDPointer{}.CheckAll(strided))
}

func TestNDPointerValidate(t *testing.T) {
	sub, err := memview.SubArrayOf(memview.F64, 3)
	require.NoError(t, err)
	huge := make([]int, memview.MaxNDim+1)
	type nd = constraints.NDPointer
	for _, tt := range []struct {
		p    nd
		want string // empty: valid
	}{
		{nd{}, ""},
		{nd{NDim: 32}, ""},
		{nd{NDim: 2, Shape: dims(2, constraints.Any)}, ""},
		{nd{NDim: constraints.ZeroD, Shape: dims()}, ""},
		{nd{Flags: flagC | flagF}, ""},
		{nd{NDim: 2, Flags: flagC | flagF}, ""},
		{nd{Shape: dims(1, 5), Flags: flagC | flagF}, ""},
		{nd{Shape: dims(0, 5, 5), Flags: flagC | flagF}, ""},
		{nd{Shape: dims(4, 5, constraints.Any), Flags: flagC | flagF}, ""},
		{nd{Shape: dims(math.MaxInt32, math.MaxInt32, math.MaxInt32, 0)}, ""},
		{nd{DType: memview.U8, Shape: dims(math.MaxInt32)}, ""},
		{nd{NDim: 2, Shape: dims(4)}, "constraints: ndpointer(ndim=2, shape=(4,)): ndim 2 contradicts shape (4,) of 1 dimensions"},
		{nd{NDim: 1, Shape: dims(constraints.Any, constraints.Any)}, "constraints: ndpointer(ndim=1, shape=(_, _)): ndim 1 contradicts shape (_, _) of 2 dimensions"},
		{nd{NDim: 1, Shape: dims()}, "constraints: ndpointer(ndim=1, shape=()): ndim 1 contradicts shape () of 0 dimensions"},
		{nd{NDim: constraints.ZeroD, Shape: dims(1)}, "constraints: ndpointer(ndim=0, shape=(1,)): ndim 0 contradicts shape (1,) of 1 dimensions"},
		{nd{NDim: -2}, "constraints: ndpointer(ndim=0): ndim is -2, want 0 to 32"},
		{nd{NDim: 33}, "constraints: ndpointer(ndim=33): ndim is 33, want 0 to 32"},
		{nd{Shape: huge}, "shape has 33 dimensions, want at most 32"},
		{nd{Shape: dims(3, -2)}, "constraints: ndpointer(shape=(3, -2)): shape[1] is -2, want 0 or more, or Any"},
		{nd{Shape: dims(math.MinInt)}, "want 0 or more, or Any"},
		{nd{DType: memview.F64, Shape: dims(math.MaxInt32)}, "constraints: ndpointer(float64, shape=(2147483647,)): shape (2147483647,) has more than the 4294967295 bytes of a linear memory"},
		{nd{Shape: dims(math.MaxInt32, math.MaxInt32, math.MaxInt32, math.MaxInt32, constraints.Any)}, "more than the 4294967295 bytes"},
		{nd{DType: sub}, "an array never has a sub-array dtype; give its dimensions in the shape"},
		{nd{Flags: 0x1000}, "constraints: ndpointer(0x1000): flags 0x1000 have no meaning"},
		{nd{Flags: math.MaxUint32}, "have no meaning"},
		{nd{Flags: memview.WriteBackIfCopy}, "no array has WRITEBACKIFCOPY; what is copied back follows from the direction"},
		{nd{Shape: dims(2, 3), Flags: flagC | flagF}, "no array of shape (2, 3) is both C_CONTIGUOUS and F_CONTIGUOUS"},
		{nd{Dir: 3}, "direction 3 is none of In, Out, InOut"},
	} {
		err := tt.p.Validate()
		if tt.want == "" {
			require.NoError(t, err, tt.p.String())
			continue
		}
		require.ErrorContains(t, err, tt.want)
		require.ErrorContains(t, tt.p.Check(guest(t, memview.F64, 4)), tt.want, "Check refuses it too")
		var te *constraints.TypeError
		require.False(t, errors.As(err, &te), "the array is not to blame")
	}
}

func TestNDPointerString(t *testing.T) {
	type nd = constraints.NDPointer
	for want, p := range map[string]nd{
		"ndpointer()": {},
		"ndpointer(float64, ndim=1, C_CONTIGUOUS)": {DType: memview.F64, NDim: 1, Flags: flagC},
		"ndpointer(ndim=0)":                        {NDim: constraints.ZeroD},
		"ndpointer(shape=())":                      {Shape: dims()},
		"ndpointer(shape=(4,))":                    {Shape: dims(4)},
		"ndpointer(>f8, shape=(_, 3))":             {DType: memview.F64.BigEndian(), Shape: dims(constraints.Any, 3)},
		"ndpointer(shape=(10, _))":                 {Shape: dims(10, constraints.Any)},
		"ndpointer(WRITEABLE, inout)":              {Flags: flagW},
		"ndpointer(WRITEABLE, out)":                {Flags: flagW, Dir: constraints.Out},
		"ndpointer(out)":                           {Dir: constraints.Out},
	} {
		require.Equal(t, want, p.String())
	}
}

func TestNewNDPointer(t *testing.T) {
	num := func(n int) *int { return &n }
	for _, tt := range []struct {
		dtype memview.DType
		ndim  *int
		shape []int
		flags []string
		want  string
	}{
		{memview.DType{}, nil, nil, nil, "ndpointer()"},
		{memview.F64, num(1), nil, []string{"C_CONTIGUOUS"}, "ndpointer(float64, ndim=1, C_CONTIGUOUS)"},
		{memview.F64, num(0), nil, nil, "ndpointer(float64, ndim=0)"},
		{memview.DType{}, nil, dims(), nil, "ndpointer(shape=())"},
		{memview.DType{}, nil, nil, []string{" c , w "}, "ndpointer(C_CONTIGUOUS, WRITEABLE, inout)"},
		{memview.DType{}, nil, nil, []string{"C", "C"}, "ndpointer(C_CONTIGUOUS)"}, // numpy adds them up: row 48
	} {
		p, err := constraints.NewNDPointer(tt.dtype, tt.ndim, tt.shape, tt.flags...)
		require.NoError(t, err)
		require.Equal(t, tt.want, p.String())
	}
	for _, tt := range []struct {
		ndim  *int
		shape []int
		flags []string
		want  string
	}{
		{num(-1), nil, nil, "constraints: ndpointer: ndim is -1, want 0 to 32"},
		{num(33), nil, nil, "constraints: ndpointer: ndim is 33, want 0 to 32"},
		{num(2), dims(2), nil, "ndim 2 contradicts shape (2,) of 1 dimensions"},
		{num(0), dims(2), nil, "ndim 0 contradicts shape (2,) of 1 dimensions"},
		{nil, nil, []string{"CARRAY"}, "constraints: ndpointer: "},
		{nil, nil, []string{"C,"}, "constraints: ndpointer: "},
		{nil, nil, []string{"X"}, "no array has WRITEBACKIFCOPY"},
	} {
		p, err := constraints.NewNDPointer(memview.DType{}, tt.ndim, tt.shape, tt.flags...)
		require.ErrorContains(t, err, tt.want)
		require.Zero(t, p)
	}
	shape := dims(2, 3)
	p, err := constraints.NewNDPointer(memview.F64, nil, shape)
	require.NoError(t, err)
	shape[0] = 7
	require.Equal(t, dims(2, 3), p.Shape, "the caller's slice is not kept")
}

// numpy row 52, gh-12424: the cache once had the two under one key.
func TestNDim2IsNotShape2(t *testing.T) {
	two := 2
	ndim, err := constraints.NewNDPointer(memview.DType{}, &two, nil)
	require.NoError(t, err)
	shape, err := constraints.NewNDPointer(memview.DType{}, nil, dims(2))
	require.NoError(t, err)
	require.NotEqual(t, ndim, shape)
	require.NotEqual(t, ndim.String(), shape.String())
	vector, matrix := guest(t, memview.F64, 2), guest(t, memview.F64, 3, 3)
	require.NoError(t, ndim.Check(matrix))
	require.ErrorIs(t, ndim.Check(vector), constraints.ErrNDim)
	require.NoError(t, shape.Check(vector))
	require.ErrorIs(t, shape.Check(matrix), constraints.ErrShape)
}
