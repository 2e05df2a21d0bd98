package wasmffi_test

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"log"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/testdata/wasm"
	"github.com/wasmffi/go/wasmffi"
)

// load instantiates the array kernels of testdata/wasm for an example.
func load() *wasmffi.Library { return instantiate(wasm.Vec) }

func instantiate(code []byte) *wasmffi.Library {
	m, err := wasmffi.Compile(context.Background(), code, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close() // the library keeps the code
	lib, err := m.Instantiate(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	return lib
}

// As in ctypes: argtypes of ndpointers, and a TypeError for what does not fit.
func ExampleLibrary_FuncOf() {
	ctx, lib := context.Background(), load()
	defer lib.Close()
	vector := wasmffi.NDPointer{DType: memview.F64, NDim: 1, Flags: memview.CContiguous}
	sum, err := lib.FuncOf("sum", []constraints.Type{vector, wasmffi.Scalar{DType: memview.U32}}, wasmffi.Scalar{DType: memview.F64})
	if err != nil {
		log.Fatal(err)
	}
	r, err := sum.Call(ctx, []float64{1, 2, 3}, 3)
	fmt.Println(r.Float64(), err)

	_, err = sum.Call(ctx, []float32{1, 2, 3}, 3)
	fmt.Println(err)
	table, _ := memview.FromSlice([]float64{1, 2, 3, 4}, 2, 2)
	_, err = sum.Call(ctx, table, 4)
	fmt.Println(err)
	strided, _ := memview.FromStrided([]float64{1, 2, 3, 4}, []int{2}, []int{2})
	_, err = sum.Call(ctx, strided, 2)
	fmt.Println(err)
	te := (*wasmffi.TypeError)(nil)
	fmt.Println(errors.As(err, &te), errors.Is(err, constraints.ErrFlags), errors.Is(err, wasmffi.ErrNotRun))
	// Output:
	// 6 <nil>
	// sum: argument 1: dtype is float32, want float64
	// sum: argument 1: ndim is 2, want 1
	// sum: argument 1: flags is ALIGNED, WRITEABLE, want C_CONTIGUOUS
	// true true true
}

// Matrices with a stride, as gonum has them: rows of a larger one go in without
// being copied by the caller. The result is allocated by the call.
func ExampleFunc_Call_matmul() {
	ctx, lib := context.Background(), load()
	defer lib.Close()
	matmul, err := lib.Func("matmul(a: f64[m,k], b: f64[k,n], c: out f64[m,n], m: size, k: size, n: size)")
	if err != nil {
		log.Fatal(err)
	}
	a := memview.Mat[float64]{Data: []float64{1, 2, 0, 3, 4, 0}, Rows: 2, Cols: 2, Stride: 3}
	b := memview.Mat[float64]{Data: []float64{1, 0, 1, 1}, Rows: 2, Cols: 2, Stride: 2}
	r, err := matmul.Call(ctx, a.Array(), b.Array())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Out("c"))
	c, err := wasmffi.Take[float64](r, "c")
	fmt.Println(c, err)
	// Output:
	// [[3. 2.]
	//  [7. 4.]]
	// [3 2 7 4] <nil>
}

// An image in place: the status becomes the error, and nothing is written back
// when the call fails.
func ExampleFunc_Call_blur() {
	ctx, lib := context.Background(), load()
	defer lib.Close()
	blur, err := lib.Func("blur(img: inout u8[h,w,c], h: size, w: size, c: size) -> i32 ok(0)")
	if err != nil {
		log.Fatal(err)
	}
	img := image.NewRGBA(image.Rect(0, 0, 5, 3))
	img.SetRGBA(2, 1, color.RGBA{90, 180, 0, 255})
	pix, err := memview.FromStrided(img.Pix, []int{3, 5, 4}, []int{img.Stride, 4, 1})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := blur.Call(ctx, pix); err != nil {
		log.Fatal(err)
	}
	fmt.Println(img.RGBAAt(2, 1), img.RGBAAt(1, 0), img.RGBAAt(0, 0))
	// Output: {10 20 0 28} {15 30 0 43} {0 0 0 0}
}

// Particle is the struct that the guest has, field for field.
type Particle struct {
	X  float32 `dtype:"x"`
	Y  float32 `dtype:"y"`
	Z  float32 `dtype:"z"`
	ID int32   `dtype:"id"`
}

// An array of structs, whose layout is declared in the signature.
func ExampleFunc_Call_structs() {
	ctx, lib := context.Background(), load()
	defer lib.Close()
	centroid, err := lib.Func(`type Particle = {x: f32, y: f32, z: f32, id: i32}
		centroid(p: Particle[n], n: size, out_xyz: out f64[3])`)
	if err != nil {
		log.Fatal(err)
	}
	ps, err := memview.FromSlice([]Particle{{0, 0, 3, 1}, {2, 4, 3, 2}})
	if err != nil {
		log.Fatal(err)
	}
	r, err := centroid.Call(ctx, ps)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(wasmffi.Take[float64](r, "out_xyz"))
	// Output: [1 2 3] <nil>
}

// A pointer to a table in the guest becomes a view of it, inside its bounds.
func ExampleFunc_Call_table() {
	ctx, lib := context.Background(), load()
	defer lib.Close()
	primes, err := lib.Func("primes() -> f64[16]")
	if err != nil {
		log.Fatal(err)
	}
	r, err := primes.Call(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Array())
	// Output: [ 2.  3.  5.  7. 11. 13. 17. 19. 23. 29. 31. 37. 41. 43. 47. 53.]
}

// No array says how long y is: New does.
func ExampleFunc_Call_linspace() {
	ctx, lib := context.Background(), load()
	defer lib.Close()
	linspace, err := lib.Func("linspace(a: f64, b: f64, n: size, y: out f64[n])")
	if err != nil {
		log.Fatal(err)
	}
	r, err := linspace.Call(ctx, 0, 1, wasmffi.New(5))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(wasmffi.Take[float64](r, "y"))
	// Output: [0 0.25 0.5 0.75 1] <nil>
}
