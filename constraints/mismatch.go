package constraints

import (
	"strconv"
	"strings"

	"github.com/wasmffi/go/memview"
)

// What an NDPointer and a Checker say alike of an array that does not fit.

func arrayError() *TypeError {
	return &TypeError{Field: "it", Got: "no array", Want: "an array", Kind: ErrArray}
}

func dtypeError(got, want memview.DType) *TypeError {
	e := &TypeError{Field: "dtype", Got: got.String(), Want: want.String(), Kind: ErrDType}
	if got.LittleEndian().Equal(want.LittleEndian()) {
		e.Hint = "only the byte order differs: memview.Values converts it"
	} else if got.Kind() == want.Kind() && want.Kind() == memview.Float {
		e.Hint = "arrays are not converted implicitly"
	}
	return e
}

func ndimError(got, want int) *TypeError {
	return &TypeError{Field: "ndim", Got: strconv.Itoa(got), Want: strconv.Itoa(want), Kind: ErrNDim}
}

func ranksError(got, want []int) *TypeError {
	return &TypeError{Field: "shape", Got: memview.ShapeString(got), Want: openShape(want), Kind: ErrShape}
}

func shapeError(axis, got int, want string) *TypeError {
	return &TypeError{Field: "shape[" + strconv.Itoa(axis) + "]", Got: strconv.Itoa(got), Want: want, Kind: ErrShape}
}

// openShape is a shape whose free dimensions are written "_". Validate shows other
// negative ones as they are.
func openShape(shape []int) string {
	dims := make([]string, len(shape))
	for i, n := range shape {
		if dims[i] = strconv.Itoa(n); n == Any {
			dims[i] = "_"
		}
	}
	if len(dims) == 1 {
		return "(" + dims[0] + ",)"
	}
	return "(" + strings.Join(dims, ", ") + ")"
}
