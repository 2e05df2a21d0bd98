//go:build !cgo

package main

const haveNative = false

func nativeCompiler() string { return "" }

// The kernels are never called in a program without them; they are here so that the rows need no build tags.

func nativeDot(x, y *float64, n int) float64         { panic("no cgo") }
func nativeSum(x *float64, n int) float64            { panic("no cgo") }
func nativeDotUnrolled(x, y *float64, n int) float64 { panic("no cgo") }
func nativeSumUnrolled(x *float64, n int) float64    { panic("no cgo") }
func nativeSaxpy(n int, a float32, x, y *float32)    { panic("no cgo") }
func nativeStencil3(x, y *float64, n int)            { panic("no cgo") }
func nativeMatmul(a, b, c *float64, m, k, n int)     { panic("no cgo") }
