package wasmffi

import (
	"math"
	"strconv"

	"github.com/tetratelabs/wazero/api"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

// number is a scalar type as calls need it.
type number struct {
	kind memview.Kind
	bits int // width: 1 for bool, 8 to 64
}

func numberOf(d memview.DType) number {
	n := number{d.Kind(), 8 * d.ItemSize()}
	if n.kind == memview.Boolean {
		n.bits = 1
	}
	return n
}

// valueType is the wasm type that carries the number.
func (n number) valueType() api.ValueType {
	switch {
	case n.kind == memview.Float && n.bits == 32:
		return api.ValueTypeF32
	case n.kind == memview.Float:
		return api.ValueTypeF64
	case n.bits == 64:
		return api.ValueTypeI64
	}
	return api.ValueTypeI32
}

// wasm is the name of the wasm type that carries the number.
func (n number) wasm() string { return api.ValueTypeName(n.valueType()) }

// lower turns a Go argument into the bits of the wasm value. The rules: an integer
// goes to any integer type that holds it and to a float that holds it
// exactly; a float goes to floats, rounded to float32 unless that
// overflows; a bool goes to bool.
func (n number) lower(x any) (uint64, *constraints.TypeError) {
	switch v := x.(type) {
	case int:
		return n.signed(int64(v))
	case int8:
		return n.signed(int64(v))
	case int16:
		return n.signed(int64(v))
	case int32:
		return n.signed(int64(v))
	case int64:
		return n.signed(v)
	case uint:
		return n.unsigned(uint64(v))
	case uint8:
		return n.unsigned(uint64(v))
	case uint16:
		return n.unsigned(uint64(v))
	case uint32:
		return n.unsigned(uint64(v))
	case uint64:
		return n.unsigned(v)
	case memview.Ptr:
		return n.unsigned(uint64(v))
	case float32:
		return n.float(float64(v))
	case float64:
		return n.float(v)
	case bool:
		if n.kind != memview.Boolean {
			return n.refuse(strconv.FormatBool(v))
		}
		if v {
			return 1, nil
		}
		return 0, nil
	}
	got, hint := goType(x)
	_, e := n.refuse(got)
	if hint != "" {
		e.Hint = hint[2:]
	}
	return 0, e
}

func (n number) signed(v int64) (uint64, *constraints.TypeError) {
	if v >= 0 {
		return n.unsigned(uint64(v))
	}
	switch n.kind {
	case memview.Int:
		if v >= math.MinInt64>>(64-n.bits) {
			return n.narrow(uint64(v)), nil
		}
	case memview.Float:
		return n.whole(float64(v), int64(float64(v)) == v, strconv.FormatInt(v, 10))
	}
	return n.refuse(strconv.FormatInt(v, 10))
}

func (n number) unsigned(v uint64) (uint64, *constraints.TypeError) {
	switch n.kind {
	case memview.Int:
		if v <= math.MaxInt64>>(64-n.bits) {
			return v, nil
		}
	case memview.Uint:
		if v <= math.MaxUint64>>(64-n.bits) {
			return v, nil
		}
	case memview.Float:
		f := float64(v)
		return n.whole(f, f < 1<<64 && uint64(f) == v, strconv.FormatUint(v, 10))
	}
	return n.refuse(strconv.FormatUint(v, 10))
}

// narrow keeps what wasm carries: i32 values have 32 bits.
func (n number) narrow(v uint64) uint64 {
	if n.bits < 64 {
		return uint64(uint32(v))
	}
	return v
}

// whole passes an integer as a float when nothing is lost.
func (n number) whole(f float64, exact bool, text string) (uint64, *constraints.TypeError) {
	if n.bits == 32 && exact {
		exact = float64(float32(f)) == f
	}
	if !exact {
		bits, e := n.refuse(text)
		e.Want = n.String() + " that holds it exactly"
		return bits, e
	}
	return n.float(f)
}

func (n number) float(f float64) (uint64, *constraints.TypeError) {
	switch {
	case n.kind != memview.Float:
		return n.refuse("the float " + strconv.FormatFloat(f, 'g', -1, 64))
	case n.bits == 64:
		return math.Float64bits(f), nil
	}
	g := float32(f)
	if math.IsInf(float64(g), 0) && !math.IsInf(f, 0) {
		return n.refuse(strconv.FormatFloat(f, 'g', -1, 64))
	}
	return uint64(math.Float32bits(g)), nil
}

func (n number) refuse(got string) (uint64, *constraints.TypeError) {
	e := &constraints.TypeError{Field: "it", Got: got, Want: n.String(), Kind: constraints.ErrScalar}
	switch {
	case n.kind == memview.Int && n.bits < 64:
		e.Want += " from " + strconv.FormatInt(math.MinInt64>>(64-n.bits), 10) + " to " + strconv.FormatInt(math.MaxInt64>>(64-n.bits), 10)
	case n.kind == memview.Uint && n.bits < 64:
		e.Want += " from 0 to " + strconv.FormatUint(math.MaxUint64>>(64-n.bits), 10)
	}
	return 0, e
}

// String is the dtype's name.
func (n number) String() string {
	switch n.kind {
	case memview.Boolean:
		return "bool"
	case memview.Int:
		return "int" + strconv.Itoa(n.bits)
	case memview.Uint:
		return "uint" + strconv.Itoa(n.bits)
	}
	return "float" + strconv.Itoa(n.bits)
}

// int, uint and float read what the guest returned; only the bits that the
// type has count.
func (n number) int(bits uint64) int64 {
	return int64(bits<<(64-n.bits)) >> (64 - n.bits)
}

func (n number) uint(bits uint64) uint64 {
	return bits << (64 - n.bits) >> (64 - n.bits)
}

// asInt64 is an integer as expressions take it; ok is false where it is too large.
func (n number) asInt64(bits uint64) (v int64, ok bool) {
	if n.kind == memview.Uint {
		u := n.uint(bits)
		return int64(u), u <= math.MaxInt64
	}
	return n.int(bits), true
}

func (n number) floatOf(bits uint64) float64 {
	if n.bits == 32 {
		return float64(math.Float32frombits(uint32(bits)))
	}
	return math.Float64frombits(bits)
}

// boolOf reads a C bool: any bit set is true.
func (n number) boolOf(bits uint64) bool { return uint32(bits) != 0 }

// value is the number as the Go type of its dtype.
func (n number) value(bits uint64) any {
	switch n.kind {
	case memview.Boolean:
		return n.boolOf(bits)
	case memview.Float:
		if n.bits == 32 {
			return math.Float32frombits(uint32(bits)) // by way of float64 a signalling NaN would be quiet
		}
		return n.floatOf(bits)
	case memview.Int:
		i := n.int(bits)
		switch n.bits {
		case 8:
			return int8(i)
		case 16:
			return int16(i)
		case 32:
			return int32(i)
		}
		return i
	}
	u := n.uint(bits)
	switch n.bits {
	case 8:
		return uint8(u)
	case 16:
		return uint16(u)
	case 32:
		return uint32(u)
	}
	return u
}
