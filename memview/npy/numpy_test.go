package npy_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
	"github.com/wasmffi/go/memview/npy"
)

// python runs testdata/compare.py under the first Python that has numpy.
func python(t *testing.T, args ...string) string {
	t.Helper()
	for _, name := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(name, "-c", "import numpy").Run() != nil {
			continue
		}
		out, err := exec.Command(name, append([]string{"testdata/compare.py"}, args...)...).CombinedOutput()
		require.NoError(t, err, "%s", out)
		return string(out)
	}
	t.Skip("no python3 with numpy is installed: the comparison with numpy is left out")
	return ""
}

// numpyCase describes one array that numpy wrote; see testdata/compare.py.
type numpyCase struct {
	DType   string
	Shape   []int
	Axes    []int
	Cuts    [][3]int // nil: the whole parent
	Fortran bool
	Version int // 0: numpy's choice
	Texts   []string
}

// What numpy writes, Go reads; what Go writes is what numpy writes, byte for
// byte, and numpy reads it back.
func TestNumpy(t *testing.T) {
	count := 3000
	if testing.Short() {
		count = 300
	}
	dir := t.TempDir()
	python(t, "make", dir, fmt.Sprint(count), "1")
	var cases []numpyCase
	text, err := os.ReadFile(filepath.Join(dir, "cases.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &cases))
	require.Len(t, cases, count)
	versions := map[int]int{}
	for i, c := range cases {
		base := filepath.Join(dir, fmt.Sprint(i))
		versions[compareWithNumpy(t, base, c)]++
	}
	require.Len(t, versions, 3)
	require.Equal(t, fmt.Sprintf("%d compared, 0 different\n", count), python(t, "check", dir))
	t.Logf("%d arrays by version of the format: %v", count, versions)
}

func compareWithNumpy(t *testing.T, base string, c numpyCase) (version int) {
	file, err := os.ReadFile(base + ".npy")
	require.NoError(t, err)
	raw, err := os.ReadFile(base + ".raw")
	require.NoError(t, err)
	about := fmt.Sprintf("case %s: %s %v", filepath.Base(base), c.DType, c.Shape)

	h, err := npy.ReadHeader(bytes.NewReader(file))
	require.NoError(t, err, about)
	a, err := npy.Read(bytes.NewReader(file), nil)
	require.NoError(t, err, about)
	want, err := memview.ParseDType(c.DType)
	require.NoError(t, err, about)
	require.True(t, want.Equal(a.DType()), "%s: read as %s", about, a.DType())
	require.Equal(t, c.Shape, a.Shape(), about)
	require.Equal(t, c.Fortran, h.Fortran, about)

	flat, err := memview.Zeros(a.DType(), a.Shape()...)
	require.NoError(t, err, about)
	require.NoError(t, memview.Copy(flat, a), about)
	require.True(t, bytes.Equal(raw, data(t, write(t, flat))), about)
	if c.Texts != nil && len(c.Shape) > 0 && a.Size() > 0 {
		line, err := flat.Reshape(-1)
		require.NoError(t, err)
		for i, want := range c.Texts {
			v, err := line.At(i)
			require.NoError(t, err, about)
			require.Equal(t, want, elementText(v), "%s: element %d", about, i)
		}
	}

	whole, err := h.AppendBinary(nil)
	require.NoError(t, err, about)
	require.Equal(t, string(file[:h.Offset]), string(whole), about) // in numpy's version
	h.Version = 0
	if c.Version == 0 {
		require.True(t, bytes.Equal(file, write(t, a)), about)
	}

	parent, err := os.Open(base + ".parent.npy")
	require.NoError(t, err)
	defer parent.Close()
	view, err := npy.Read(parent, nil)
	require.NoError(t, err, about)
	if c.Cuts != nil {
		view, err = view.Transpose(c.Axes...)
		require.NoError(t, err, about)
		for axis, cut := range c.Cuts {
			view, err = view.Sub(axis, cut[0], cut[1], cut[2])
			require.NoError(t, err, about)
		}
	}
	ours := write(t, view)
	if c.Version == 0 {
		require.True(t, bytes.Equal(file, ours), "%s: of a view with strides %v", about, view.Strides())
	}
	require.NoError(t, os.WriteFile(base+".go.npy", ours, 0o600))
	require.NoError(t, os.Remove(base+".raw"))
	require.NoError(t, os.Remove(base+".parent.npy"))
	return int(file[6])
}

// elementText writes what Array.At returned as compare.py does.
func elementText(v any) string {
	bits := func(f float64) string {
		if math.IsNaN(f) {
			return "nan"
		}
		return fmt.Sprintf("%016x", math.Float64bits(f))
	}
	switch v := v.(type) {
	case bool:
		return map[bool]string{true: "True", false: "False"}[v]
	case float32:
		return bits(float64(v))
	case float64:
		return bits(v)
	case complex64:
		return bits(float64(real(v))) + "," + bits(float64(imag(v)))
	case complex128:
		return bits(real(v)) + "," + bits(imag(v))
	case string:
		return hex.EncodeToString([]byte(v))
	case []byte:
		return hex.EncodeToString(v)
	}
	return fmt.Sprint(v)
}
