package memview

// walk visits the elements of one or two arrays of the same shape in C order,
// a run of the innermost axis at a time. Axes that lie like one in both
// arrays are joined first, so that dense arrays are a single run.
type walk struct {
	off, off2       int // first element of the run, relative to element 0
	stride, stride2 int // between the elements of a run
	run             int // elements of a run
	n               int // outer axes
	started         bool
	shape, index    [MaxNDim]int
	s1, s2          [MaxNDim]int
}

// newWalk starts before the first run. The strides are in bytes. For one
// array pass its strides twice.
func newWalk(shape, strides, strides2 []int) walk {
	w := walk{run: 1}
	for i, d := range shape {
		if d == 0 {
			return walk{started: true} // nothing to visit
		}
		if d == 1 {
			continue
		}
		if k := w.n - 1; k >= 0 && w.s1[k] == d*strides[i] && w.s2[k] == d*strides2[i] {
			w.shape[k] *= d
			w.s1[k], w.s2[k] = strides[i], strides2[i]
			continue
		}
		w.shape[w.n], w.s1[w.n], w.s2[w.n] = d, strides[i], strides2[i]
		w.n++
	}
	if w.n > 0 {
		w.n--
		w.run, w.stride, w.stride2 = w.shape[w.n], w.s1[w.n], w.s2[w.n]
	}
	return w
}

// next moves to the next run and reports whether there is one.
func (w *walk) next() bool {
	if !w.started {
		w.started = true
		return true
	}
	for k := w.n - 1; k >= 0; k-- {
		w.off += w.s1[k]
		w.off2 += w.s2[k]
		if w.index[k]++; w.index[k] < w.shape[k] {
			return true
		}
		w.off -= w.s1[k] * w.shape[k]
		w.off2 -= w.s2[k] * w.shape[k]
		w.index[k] = 0
	}
	return false
}
