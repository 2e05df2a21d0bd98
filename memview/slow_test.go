package memview_test

import (
	"slices"

	"github.com/wasmffi/go/memview"
)

// slow is an array as a plain list: where each element lies, in C order. Its
// views pick from the list; it knows no strides.
type slow struct {
	shape []int
	at    []int
}

func slowOf(shape, strides []int, at int) slow {
	s := slow{shape: slices.Clone(shape), at: []int{}}
	s.each(func(index []int) {
		p := at
		for i, x := range index {
			p += x * strides[i]
		}
		s.at = append(s.at, p)
	})
	return s
}

// each visits all indices in C order.
func (s slow) each(visit func(index []int)) {
	if slices.Contains(s.shape, 0) {
		return
	}
	index := make([]int, len(s.shape))
	for {
		visit(index)
		k := len(index) - 1
		for ; k >= 0; k-- {
			if index[k]++; index[k] < s.shape[k] {
				break
			}
			index[k] = 0
		}
		if k < 0 {
			return
		}
	}
}

func (s slow) pos(index ...int) int {
	k := 0
	for i, x := range index {
		k = k*s.shape[i] + x
	}
	return s.at[k]
}

func (s slow) sub(axis, lo, hi, step int) slow {
	var picked []int
	for i := lo; step > 0 && i < hi || step < 0 && i > hi; i += step {
		picked = append(picked, i)
	}
	v := slow{shape: slices.Clone(s.shape), at: []int{}}
	v.shape[axis] = len(picked)
	v.each(func(index []int) {
		from := slices.Clone(index)
		from[axis] = picked[index[axis]]
		v.at = append(v.at, s.pos(from...))
	})
	return v
}

func (s slow) drop(axis, i int) slow {
	v := slow{shape: slices.Delete(slices.Clone(s.shape), axis, axis+1), at: []int{}}
	v.each(func(index []int) { v.at = append(v.at, s.pos(slices.Insert(slices.Clone(index), axis, i)...)) })
	return v
}

func (s slow) transpose(axes []int) slow {
	v := slow{at: []int{}}
	for _, x := range axes {
		v.shape = append(v.shape, s.shape[x])
	}
	v.each(func(index []int) {
		from := make([]int, len(axes))
		for i, x := range axes {
			from[x] = index[i]
		}
		v.at = append(v.at, s.pos(from...))
	})
	return v
}

// strided reports whether some strides describe the list.
func (s slow) strided() bool {
	if len(s.at) == 0 {
		return true
	}
	strides := make([]int, len(s.shape))
	for i, d := range s.shape {
		if d > 1 {
			one := make([]int, len(s.shape))
			one[i] = 1
			strides[i] = s.pos(one...) - s.at[0]
		}
	}
	return slices.Equal(slowOf(s.shape, strides, s.at[0]).at, s.at)
}

func (s slow) dense(item int) bool {
	for k, p := range s.at {
		if p != s.at[0]+k*item {
			return false
		}
	}
	return true
}

// convert is one element in the byte order of another dtype.
func convert(elem []byte, to, from memview.DType) []byte {
	out := slices.Clone(elem)
	if spec, ok := from.StructSpec(); ok {
		for i, f := range spec.Fields {
			lo, hi := f.Offset, f.Offset+f.DType.ItemSize()
			copy(out[lo:hi], convert(elem[lo:hi], to.Field(i).DType, f.DType))
		}
		return out
	}
	if base, _, ok := from.SubArray(); ok {
		toBase, _, _ := to.SubArray()
		for n, at := base.ItemSize(), 0; n > 0 && at < len(elem); at += n {
			copy(out[at:at+n], convert(elem[at:at+n], toBase, base))
		}
		return out
	}
	if to.IsBigEndian() != from.IsBigEndian() {
		n := from.ItemSize()
		switch from.Kind() {
		case memview.Complex:
			n /= 2
		case memview.Unicode:
			n = 4
		}
		for at := 0; at < len(out); at += n {
			slices.Reverse(out[at : at+n])
		}
	}
	return out
}
