package memview_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
)

// formatScript lets numpy print the arrays that it reads, one JSON object per line.
const formatScript = `
import ast, base64, json, sys, warnings
import numpy as np
warnings.simplefilter("ignore")
for line in sys.stdin:
    c = json.loads(line)
    try:
        t = c["dtype"]
        t = np.dtype(ast.literal_eval(t) if t[0] in "[{(" else t)
        a = np.ndarray(tuple(c["shape"]), t, base64.b64decode(c["data"]), c["offset"], tuple(c["strides"]))
        out = {"text": str(a)}
        if c["scalar"] and a.ndim == 0:
            out["scalar"] = str(a[()])
    except Exception as e:
        out = {"error": repr(e)}
    print(json.dumps(out))
`

// formatCase is an array in the terms of numpy's ndarray constructor.
type formatCase struct {
	DType   string `json:"dtype"`
	Shape   []int  `json:"shape"`
	Strides []int  `json:"strides"`
	Offset  int    `json:"offset"`
	Data    []byte `json:"data"`
	Scalar  bool   `json:"scalar"`

	array memview.Array
}

// formatPython finds a Python that has numpy, or skips the test.
func formatPython(t *testing.T) string {
	for _, name := range []string{"python3", "/usr/bin/python3"} {
		if path, err := exec.LookPath(name); err == nil && exec.Command(path, "-c", "import numpy").Run() == nil {
			return path
		}
	}
	t.Skip("no python3 that can import numpy; the texts of arrays are compared with numpy only in the tables")
	return ""
}

func formatEnv(t *testing.T, name string, def uint64) uint64 {
	s := os.Getenv(name)
	if s == "" {
		return def
	}
	n, err := strconv.ParseUint(s, 10, 64)
	require.NoError(t, err, name)
	return n
}

// TestStringLikeNumpy compares String with numpy's str for random arrays.
// MEMVIEW_FORMAT_SEED and MEMVIEW_FORMAT_CASES vary it.
func TestStringLikeNumpy(t *testing.T) {
	python := formatPython(t)
	seed := formatEnv(t, "MEMVIEW_FORMAT_SEED", 1)
	n := formatEnv(t, "MEMVIEW_FORMAT_CASES", 2000)
	if testing.Short() {
		n = min(n, 300)
	}
	g := &formatGen{rand.New(rand.NewPCG(seed, 0))}
	var in bytes.Buffer
	cases := make([]formatCase, n)
	for i := range cases {
		cases[i] = g.next(t)
		require.NoError(t, json.NewEncoder(&in).Encode(cases[i]))
	}
	cmd := exec.Command(python, "-c", formatScript)
	cmd.Stdin, cmd.Stderr = &in, os.Stderr
	out, err := cmd.Output()
	require.NoError(t, err)

	answers := json.NewDecoder(bytes.NewReader(out))
	for i, c := range cases {
		var want struct{ Text, Scalar, Error string }
		require.NoError(t, answers.Decode(&want))
		require.Empty(t, want.Error, "seed %d, case %d: numpy refuses %s %v %x", seed, i, c.DType, c.Shape, c.Data)
		require.Equal(t, want.Text, c.array.String(), "seed %d, case %d: %s %v", seed, i, c.DType, c.Shape)
		if c.Scalar && want.Scalar != "" {
			v, err := c.array.At()
			require.NoError(t, err)
			require.Equal(t, want.Scalar, memview.FormatScalar(v), "seed %d, case %d: %s %x", seed, i, c.DType, c.Data)
		}
		if c.array.NBytes() > 0 {
			twin, err := memview.Zeros(c.array.DType().LittleEndian(), c.Shape...)
			require.NoError(t, err)
			require.NoError(t, memview.Copy(twin, c.array))
			require.Equal(t, want.Text, twin.String(), "seed %d, case %d: little-endian copy in Go memory", seed, i)
		}
	}
}
