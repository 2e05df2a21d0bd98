package constraints

import (
	"fmt"
	"math"
	"strings"

	"github.com/wasmffi/go/memview"
)

// checkFinite looks for a NaN or an infinity in an array of floats; other
// arrays have none.
func checkFinite(a memview.Array) *TypeError {
	if a.IsZero() || a.DType().Kind() != memview.Float && a.DType().Kind() != memview.Complex {
		return nil
	}
	at, err := firstNonFinite(a)
	switch {
	case err != nil:
		return &TypeError{Field: "it", Got: err.Error(), Want: "elements that can be read", Kind: err}
	case at >= 0:
		index := make([]int, a.NDim())
		for axis := a.NDim() - 1; axis >= 0; axis-- {
			index[axis], at = at%a.Dim(axis), at/a.Dim(axis)
		}
		return &TypeError{Field: "element " + strings.ReplaceAll(fmt.Sprint(index), " ", ", "), Got: "NaN or infinite", Want: "finite elements", Kind: ErrFinite}
	}
	return nil
}

// firstNonFinite is the position in C order of the first element that is not
// finite; -1: there is none.
func firstNonFinite(a memview.Array) (int, error) {
	plain := a.Flags()&(memview.Aligned|memview.Writeable) == memview.Aligned|memview.Writeable
	if d := a.DType(); plain && d.Equal(memview.F64) {
		return scan(a, func(v float64) bool { return finite(v) })
	} else if plain && d.Equal(memview.F32) {
		return scan(a, func(v float32) bool { return finite(float64(v)) })
	}
	index := make([]int, a.NDim())
	for n := range a.Size() {
		for axis, k := a.NDim()-1, n; axis >= 0; axis-- {
			index[axis], k = k%a.Dim(axis), k/a.Dim(axis)
		}
		v, err := a.At(index...)
		if err != nil {
			return 0, err
		}
		ok := false
		switch v := v.(type) {
		case float32:
			ok = finite(float64(v))
		case float64:
			ok = finite(v)
		case complex64:
			ok = finite(float64(real(v))) && finite(float64(imag(v)))
		case complex128:
			ok = finite(real(v)) && finite(imag(v))
		}
		if !ok {
			return n, nil
		}
	}
	return -1, nil
}

func scan[T memview.Elem](a memview.Array, ok func(T) bool) (int, error) {
	n := 0
	for run, err := range memview.Runs[T](a) {
		if err != nil {
			return 0, err
		}
		for i, v := range run {
			if !ok(v) {
				return n + i, nil
			}
		}
		n += len(run)
	}
	return -1, nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// String is a diagnosis for people who debug a signature: what each part became.
func (r Role) String() string {
	names := [...]string{Given: "given", Derived: "derived", Array: "array", OutScalar: "out scalar", InOutScalar: "inout scalar", Text: "text", Opaque: "handle", Function: "function"}
	if int(r) < len(names) {
		return names[r]
	}
	return fmt.Sprintf("Role(%d)", uint8(r))
}
