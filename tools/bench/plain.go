package main

// The kernels as one writes them in Go. None is inlined, as no call of the other rows is.

//go:noinline
func plainDot(x, y []float64) float64 {
	s := 0.0
	for i, v := range x {
		s += v * y[i]
	}
	return s
}

//go:noinline
func plainSum(x []float64) float64 {
	s := 0.0
	for _, v := range x {
		s += v
	}
	return s
}

//go:noinline
func plainSaxpy(a float32, x, y []float32) {
	for i, v := range x {
		y[i] += a * v
	}
}

//go:noinline
func plainStencil3(x, y []float64) {
	n := len(x)
	if n == 0 {
		return
	}
	y[0] = x[0]
	for i := 1; i+1 < n; i++ {
		y[i] = (x[i-1] + x[i] + x[i+1]) / 3
	}
	y[n-1] = x[n-1]
}

//go:noinline
func plainMatmul(a, b, c []float64, m, k, n int) {
	clear(c)
	for i := range m {
		row := c[i*n:][:n]
		for p := range k {
			v := a[i*k+p]
			for j, w := range b[p*n:][:n] {
				row[j] += v * w
			}
		}
	}
}
