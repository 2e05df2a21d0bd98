package memview

// MayShareMemory reports whether a byte may belong to an element of a and to one
// of b: numpy.may_share_memory, but for strides too. It never misses an overlap.
// It may report one that is not there, for strided arrays that interleave without a
// common step. Arrays over guest memory are taken to lie in the same one; an
// array over guest memory and one over Go memory share nothing.
func MayShareMemory(a, b Array) bool {
	if a.a == nil || b.a == nil {
		return false
	}
	x, y := a.a, b.a
	d := int64(y.off) - int64(x.off) // from the first element of a to that of b
	if x.mem == nil != (y.mem == nil) {
		return false
	} else if x.mem == nil {
		d += distance(x.buf, y.buf)
	}
	xlo, xhi := int64(x.lo)-int64(x.off), int64(x.hi)-int64(x.off)
	ylo, yhi := d+int64(y.lo)-int64(y.off), d+int64(y.hi)-int64(y.off)
	if xlo >= yhi || ylo >= xhi || xlo == xhi || ylo == yhi {
		return false
	}
	// All elements of a start at multiples of g from its first one, and all of b at
	// multiples of g from its own: what matters is the place between two steps.
	g := stepOf(stepOf(0, x), y)
	if g == 0 {
		return true
	}
	r := d % g
	if r < 0 {
		r += g
	}
	return r < int64(x.dtype.ItemSize()) || r+int64(y.dtype.ItemSize()) > g
}

// stepOf is the greatest common divisor of g and the strides of a.
func stepOf(g int64, a *array) int64 {
	for i, n := range a.shape {
		if n > 1 {
			g = gcd(g, int64(max(a.strides[i], -a.strides[i])))
		}
	}
	return g
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// OverlapsItself reports whether two elements of a may share a byte, as with a
// stride of 0. It never misses one, and may report one that is not there for
// axes that interleave.
func (a Array) OverlapsItself() bool {
	if a.a == nil || a.a.flags&(CContiguous|FContiguous) != 0 || a.a.size < 2 {
		return false
	}
	// From the shortest step up, each must reach beyond all that lies within it.
	var done [MaxNDim]bool
	reach := int64(a.a.dtype.ItemSize())
	for range a.a.shape {
		next, step := -1, int64(0)
		for i, n := range a.a.shape {
			s := int64(max(a.a.strides[i], -a.a.strides[i]))
			if n > 1 && !done[i] && (next < 0 || s < step) {
				next, step = i, s
			}
		}
		if next < 0 {
			break
		}
		if step < reach {
			return true
		}
		done[next] = true
		reach += step * int64(a.a.shape[next]-1)
	}
	return false
}
