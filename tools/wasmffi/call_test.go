package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/memview/npy"
)

func TestCall(t *testing.T) {
	transcript(t, "call",
		[]string{"call", "vec.wasm", "dot", "[1,2,3]", "[4,5,6]"},
		[]string{"call", "alone/vec.wasm", "dot", "[1,2,3]", "[4,5,6]"},
		[]string{"call", "alone/vec", "dot", "[1]", "[2]", "-sig", "dot(x:f64[n],y:f64[n],n:size)->f64"},
		[]string{"call", "beside", "id_i8", "-7"},
		[]string{"call", "./vec", "sum", "x.npy"},
		[]string{"call", "vec", "matmul", "[[1,2],[3,4]]", "[[1,0.5],[0,1]]"},
		[]string{"call", "vec", "linspace", "0", "1", "new:5"},
		[]string{"call", "vec", "daxpy", "2", "x.npy", "[10,20,30]"},
		[]string{"call", "vec", "scale", "[1, -2e300]", "-1.5"},
		[]string{"call", "vec", "histogram", "[3,3,0]"},
		[]string{"call", "vec", "prefix_sum", "[9223372036854775806, 1, -9223372036854775808]"},
		[]string{"call", "vec", "cmul", "[[1,2],[0,1]]", `[[3,-1],["inf",0]]`},
		[]string{"call", "vec", "centroid", `[[1,2,3,7], {"x":3,"y":4,"z":5,"id":-1}]`},
		[]string{"call", "vec", "count_true", "[true,false,true]"},
		[]string{"call", "vec", "any_true", "[false]"},
		[]string{"call", "vec", "set_bytes", "new:3", "1"},
		[]string{"call", "vec", "modf_parts", "-2.75"},
		[]string{"call", "vec", "primes"},
		[]string{"call", "vec", "blur", "[[[10],[20]],[[30],[40]]]"},
		[]string{"call", "vec", "fill_status", "[1,2]", "0"},
		[]string{"call", "bare", "id_i32", "0", "-sig", "id_i32(v: i32) -> f64[4] nullable"},
		[]string{"call", "scalars", "no_result", "5"},
		[]string{"call", "scalars", "id_u64", "18446744073709551615"},
		[]string{"call", "scalars", "id_i64", "-9223372036854775808"},
		[]string{"call", "scalars", "id_u32", "0xffffffff"},
		[]string{"call", "scalars", "id_f64", "-inf"},
		[]string{"call", "scalars", "id_f32", "nan"},
		[]string{"call", "scalars", "id_f32", "0.1"},
		[]string{"call", "scalars", "id_bool", "true"},
		[]string{"call", "scalars", "add_i64", "--", "-5", "3"},
		[]string{"call", "-sig", "id_f64(v: f64) -> f64", "bare", "-memory", "2MiB", "id_f64", "-.5"},
		[]string{"call", "exit", "exit_with", "0"},
		[]string{"call", "vec", "dot", "x.npy", "x.npy", "-o", "dot.npy"},
		[]string{"call", "-o", "y.npy", "vec", "daxpy", "2", "x.npy", "x.npy"},
		[]string{"call", "vec", "modf_parts", "2.5", "-o=ip.npy"},
		[]string{"call", "vec", "modf_parts", "2.5", "-o", "ip=ip.npy", "-o", "result=frac.npy"},
		[]string{"call", "vec", "primes", "-o", "./a=b.npy"},
	)
}

func TestRefused(t *testing.T) {
	transcript(t, "refused",
		[]string{"call", "vec", "dot", "[1,2,3]", "[4,5]"},
		[]string{"call", "vec", "dot", "f32.npy", "x.npy"},
		[]string{"call", "vec", "dot", "[1,2,3]", "[4,5]", "-sig", "dot(x: f64[n], y: f64[n], n: size) -> f64"},
		[]string{"call", "vec", "dot", "[1]"},
		[]string{"call", "vec", "dot", "[1]", "[2]", "1"},
		[]string{"call", "vec", "dot", "[1]", "2"},
		[]string{"call", "vec", "dot", "null", "[1]"},
		[]string{"call", "vec", "dot", "[1, null]", "[1]"},
		[]string{"call", "vec", "dot", "x.txt", "[1]"},
		[]string{"call", "vec", "dot", "[1,2", "[1]"},
		[]string{"call", "vec", "dot", "[1,NaN]", "[1]"},
		[]string{"call", "vec", "dot", "[1] 2", "[1]"},
		[]string{"call", "vec", "dot", `["one"]`, "[1]"},
		[]string{"call", "vec", "dot", "[1e999]", "[1]"},
		[]string{"call", "vec", "dot", "new:3", "[1]"},
		[]string{"call", "vec", "saxpy", "1e39", "[1]", "[1]"},
		[]string{"call", "vec", "saxpy", "[1]", "[1]", "[1]"},
		[]string{"call", "vec", "saxpy", "x.npy", "[1]", "[1]"},
		[]string{"call", "vec", "saxpy", "new:1", "[1]", "[1]"},
		[]string{"call", "vec", "histogram", "[1,2,300]"},
		[]string{"call", "vec", "histogram", "[1.5]"},
		[]string{"call", "vec", "histogram", "[1e2]"},
		[]string{"call", "vec", "prefix_sum", "[9223372036854775808]"},
		[]string{"call", "vec", "count_true", "[1]"},
		[]string{"call", "vec", "cmul", "[1, 2]", "[[1,2]]"},
		[]string{"call", "vec", "cmul", "[[1,2,3]]", "[[1,2]]"},
		[]string{"call", "vec", "centroid", "[[1,2,3]]"},
		[]string{"call", "vec", "centroid", "[[1,2,3,4.5]]"},
		[]string{"call", "vec", "centroid", `[{"x":1}]`},
		[]string{"call", "vec", "centroid", `[{"w":1}]`},
		[]string{"call", "vec", "matmul", "[[1,2],[3]]", "[[1]]"},
		[]string{"call", "vec", "matmul", "[[1,2],[3,4,5]]", "[[1]]"},
		[]string{"call", "vec", "matmul", "[1,2]", "[[1]]"},
		[]string{"call", "vec", "matmul", "[[[1]]]", "[[1]]"},
		[]string{"call", "vec", "linspace", "0", "1"},
		[]string{"call", "vec", "linspace", "0", "1", "5"},
		[]string{"call", "vec", "linspace", "0", "1", "new:5x"},
		[]string{"call", "vec", "linspace", "0", "1", "new:2x3"},
		[]string{"call", "scalars", "id_u8", "256"},
		[]string{"call", "scalars", "id_i32", "1.5"},
		[]string{"call", "scalars", "id_i32", "five"},
		[]string{"call", "scalars", "id_bool", "1"},
		[]string{"call", "vec", "dott", "[1]", "[2]"},
		[]string{"call", "vec", "malloc", "1"},
		[]string{"call", "vec", "dott", "[1]", "[2]", "-sig", "dott(x: f64[n], y: f64[n], n: size) -> f64"},
		[]string{"call", "vec", "dot", "[1]", "[2]", "-sig", "sum(x: f64[n], n: size) -> f64"},
		[]string{"call", "vec", "dot", "[1]", "[2]", "-sig", "dot(x: double[n], y: f64[n], n: size) -> f64"},
		[]string{"call", "bare", "id_i8", "1"},
		[]string{"call", "bare", "id_i9", "1"},
		[]string{"call", "broken", "id_i8", "1"},
		[]string{"call", "lying", "id_i8", "1"},
		[]string{"call", "lying", "gone", "1"},
		[]string{"call", "needs", "g", "1", "-sig", "g(x: i32) -> f64"},
		[]string{"call", "gone", "f"},
	)
}

func TestFailed(t *testing.T) {
	transcript(t, "failed",
		[]string{"call", "traps", "div0", "1", "0"},
		[]string{"call", "traps", "half_then_trap", "x.npy", "-o", "x.npy"},
		[]string{"call", "exit", "exit_with", "3"},
		[]string{"call", "vec", "fill_status", "[1,2]", "-7"},
		[]string{"call", "vec", "nothing"},
		[]string{"call", "ctortrap", "value"},
		[]string{"call", "vec", "linspace", "0", "1", "new:1000000000"},
		[]string{"call", "vec", "linspace", "0", "1", "new:1000000", "-memory=4M"},
		[]string{"call", "vec", "sum", "x.npy", "-memory", "1MiB"},
	)
	require.Equal(t, []float64{1, 2, 3}, values[float64](t, "x.npy"), "a failed call saves nothing")
}

// A deep recursion is cut by the engine; its stack is bounded.
func TestStackOverflow(t *testing.T) {
	workDir(t)
	err := refused(t, "call", "traps", "recurse", "2000000000")
	require.Contains(t, err, "recurse: trap: stack overflow\n")
	require.Less(t, strings.Count(err, "\n"), 100)
}

// Errors of the operating system have another text on each.
func TestMissingFile(t *testing.T) {
	workDir(t)
	require.Regexp(t, `^wasmffi: dot: argument 1 "x": open gone.npy: .*\n$`, refused(t, "call", "vec", "dot", "gone.npy", "[1]"))
	require.NoError(t, os.WriteFile("bad.npy", []byte("no array"), 0o666))
	require.Regexp(t, `^wasmffi: dot: argument 2 "y": bad.npy: npy: `, refused(t, "call", "vec", "dot", "[1]", "bad.npy"))
	require.NoError(t, os.Mkdir("dir.npy", 0o777))
	require.Regexp(t, `^wasmffi: dot: argument 1 "x": dir.npy: `, refused(t, "call", "vec", "dot", "dir.npy", "[1]"))
}

func TestNpyRoundTrip(t *testing.T) {
	workDir(t)
	count := func(n int) []float64 {
		s := make([]float64, n)
		for i := range s {
			s[i] = float64(i)
		}
		return s
	}
	big, err := memview.Zeros(memview.F64.BigEndian(), 3)
	require.NoError(t, err)
	require.NoError(t, memview.Copy(big, arrayOf(t, []float64{1, 2, 3})))
	writeNpy(t, "big.npy", big)
	require.Equal(t, "14.0\n", succeed(t, "call", "vec", "dot", "big.npy", "big.npy"))
	succeed(t, "call", "vec", "scale", "big.npy", "-2", "-o", "scaled.npy")
	require.Equal(t, "[-2. -4. -6.]", readNpy(t, "scaled.npy").String())

	a := arrayOf(t, count(6), 2, 3)
	f, err := a.Transpose()
	require.NoError(t, err)
	writeNpy(t, "a.npy", a)
	writeNpy(t, "f.npy", f)
	h, err := os.Open("f.npy")
	require.NoError(t, err)
	head, err := npy.ReadHeader(h)
	require.NoError(t, err)
	require.NoError(t, h.Close())
	require.True(t, head.Fortran)
	require.Equal(t, "saved c: c.npy, dtype float64, shape (2, 2), 160 bytes\n", succeed(t, "call", "vec", "matmul", "a.npy", "f.npy", "-o", "c.npy"))
	require.Equal(t, []float64{5, 14, 14, 50}, values[float64](t, "c.npy"))

	// In place.
	writeNpy(t, "y.npy", arrayOf(t, count(1000)))
	succeed(t, "call", "vec", "scale", "y.npy", "3", "-o", "y.npy")
	require.Equal(t, 2997.0, values[float64](t, "y.npy")[999])

	// Scalars, bools, structs, several.
	succeed(t, "call", "vec", "any_true", "[true]", "-o", "any.npy")
	require.Equal(t, []bool{true}, values[bool](t, "any.npy"))
	require.Zero(t, readNpy(t, "any.npy").NDim())
	succeed(t, "call", "scalars", "id_f32", "0.1", "-o", "result=f.npy")
	require.Equal(t, []float32{0.1}, values[float32](t, "f.npy"))
	succeed(t, "call", "vec", "modf_parts", "2.5", "-o", "ip=ip.npy", "-o", "result=frac.npy")
	require.Equal(t, []float64{2}, values[float64](t, "ip.npy"))
	require.Equal(t, []float64{0.5}, values[float64](t, "frac.npy"))
	type particle struct {
		X  float32 `dtype:"x"`
		Y  float32 `dtype:"y"`
		Z  float32 `dtype:"z"`
		ID int32   `dtype:"id"`
	}
	writeNpy(t, "p.npy", arrayOf(t, []particle{{1, 2, 3, 4}, {3, 4, 5, 6}}))
	require.Equal(t, "[2. 3. 4.]\n", succeed(t, "call", "vec", "centroid", "p.npy"))

	left, err := filepath.Glob(".*")
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestSaveFile(t *testing.T) {
	t.Chdir(t.TempDir())
	a := arrayOf(t, []int8{1, 2})
	require.NoError(t, os.Mkdir("dir", 0o777))
	_, err := saveFile("dir", a)
	require.Error(t, err)
	_, err = saveFile("gone/a.npy", a)
	require.Error(t, err)
	_, err = saveFile("none.npy", memview.Array{})
	require.Error(t, err)
	files, err := os.ReadDir(".")
	require.NoError(t, err)
	require.Len(t, files, 1, "nothing but dir")

	size, err := saveFile("a.npy", a)
	require.NoError(t, err)
	require.EqualValues(t, 130, size)
	info, err := os.Stat("a.npy")
	require.NoError(t, err)
	other, err := os.Create("b")
	require.NoError(t, err)
	want, err := other.Stat()
	require.NoError(t, err)
	require.NoError(t, other.Close())
	require.Equal(t, want.Mode(), info.Mode(), "as any other file")
}

// A file that is larger than the library's memory may be is not read at all.
func TestMemoryLimit(t *testing.T) {
	workDir(t)
	x, err := memview.Zeros(memview.F64, 1<<20)
	require.NoError(t, err)
	writeNpy(t, "x.npy", x)
	want := "  hint:      the library's memory may grow to 8 MiB; a larger limit is given with -memory 1GiB\n"
	err8 := refused(t, "call", "vec", "sum", "x.npy", "-memory", "8MiB")
	require.Contains(t, err8, "allocation failed")
	require.Contains(t, err8, want)
	err4 := refused(t, "call", "vec", "sum", "x.npy", "-memory", "4MiB")
	require.Contains(t, err4, `wasmffi: sum: argument 1 "x": x.npy: npy: array is too large: `)
	require.Equal(t, "0.0\n", succeed(t, "call", "vec", "sum", "x.npy", "-memory", "16M"))
}

// A call that does not return is ended by -timeout or -fuel, with a clear line.
func TestCallStops(t *testing.T) {
	workDir(t)
	spin := []byte("\x00asm\x01\x00\x00\x00" + "\x01\x04\x01\x60\x00\x00" + "\x03\x02\x01\x00" + "\x07\x08\x01\x04spin\x00\x00" + "\x0a\x09\x01\x07\x00\x03\x40\x0c\x00\x0b\x0b")
	require.NoError(t, os.WriteFile("spin.wasm", spin, 0o666))
	for flag, want := range map[string]string{
		"-timeout=20ms": "wasmffi: spin: stopped: context deadline exceeded\n  hint:      the call may take 20ms; more is given with -timeout\n",
		"-fuel=1000000": "wasmffi: spin: stopped: fuel limit\n  hint:      the call may take 1000000 instructions; more are given with -fuel\n",
	} {
		code, out, err := command("call", "spin", "spin", "-sig", "spin()", flag)
		require.Equal(t, 1, code)
		require.Empty(t, out)
		require.Equal(t, want, err)
	}
	code, out, err := command("call", "vec", "dot", "[1,2,3]", "[4,5,6]", "-fuel=1000000")
	require.Zero(t, code)
	require.Equal(t, "32.0\n", out)
	require.Regexp(t, `^wasmffi: fuel: \d+ of 1000000\n$`, err)
	for _, flags := range [][]string{{"-unmetered", "-fuel=1"}, {"-fuel=x"}, {"-fuel=0"}, {"-timeout=-1s"}} {
		code, _, err := command(append([]string{"call", "spin", "spin", "-sig", "spin()"}, flags...)...)
		require.Equal(t, 2, code, err)
	}
	require.Equal(t, "32.0\n", succeed(t, "call", "vec", "dot", "[1,2,3]", "[4,5,6]", "-unmetered"))
}
