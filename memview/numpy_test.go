package memview_test

import (
	"bufio"
	"compress/gzip"
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
)

// eachVector decodes the lines of a file of numpy's answers in testdata. The files
// were made by the generator of the vectors, with numpy 1.24.2.
func eachVector[T any](t *testing.T, name string, visit func(T)) {
	f, err := os.Open("testdata/" + name)
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<20)
	n := 0
	for ; lines.Scan(); n++ {
		var v T
		require.NoError(t, json.Unmarshal(lines.Bytes(), &v))
		visit(v)
	}
	require.NoError(t, lines.Err())
	require.NotZero(t, n)
}

// vectorDType is the DTYPE of the vectors: a type string, a struct or a
// sub-array.
type vectorDType struct{ memview.DType }

func (v *vectorDType) UnmarshalJSON(b []byte) (err error) {
	var text string
	if json.Unmarshal(b, &text) == nil {
		v.DType, err = memview.ParseDType(text)
		return err
	}
	var o struct {
		Struct []struct {
			Name, Title string
			Offset      int
			DType       vectorDType
		}
		ItemSize int
		Aligned  bool
		Base     *vectorDType
		Shape    []int
	}
	if err := json.Unmarshal(b, &o); err != nil {
		return err
	}
	if o.Base != nil {
		v.DType, err = memview.SubArrayOf(o.Base.DType, o.Shape...)
		return err
	}
	s := memview.StructSpec{ItemSize: o.ItemSize, Aligned: o.Aligned}
	for _, f := range o.Struct {
		s.Fields = append(s.Fields, memview.Field{Name: f.Name, Title: f.Title, Offset: f.Offset, DType: f.DType.DType})
	}
	v.DType, err = s.DType()
	return err
}

// Rows 107-111: layouts, their text, and their C types.
func TestNumpyLayouts(t *testing.T) {
	type vector struct {
		ID                  int
		Mode                string
		Spec                vectorDType
		ItemSize, Alignment int
		IsAlignedStruct     bool
		Fields              []struct {
			Name                        string
			Offset, ItemSize, Alignment int
		}
		Str    string
		CTypes struct {
			OK     bool
			Kind   string
			Size   int
			Fields []struct {
				Name         string
				Offset, Size int
			}
			Error string
		}
	}
	eachVector(t, "layouts.jsonl.gz", func(v vector) {
		d := v.Spec.DType
		require.Equal(t, v.ItemSize, d.ItemSize(), v.ID)
		require.Equal(t, v.Alignment, d.Alignment(), v.ID)
		require.Equal(t, v.IsAlignedStruct, d.IsAlignedStruct(), v.ID)
		for i, f := range v.Fields {
			g := d.Field(i)
			require.Equal(t, []any{f.Name, f.Offset, f.ItemSize, f.Alignment}, []any{g.Name, g.Offset, g.DType.ItemSize(), g.DType.Alignment()}, v.ID)
		}

		// StructOf and PackedStructOf find the same offsets.
		spec, ok := d.StructSpec()
		require.True(t, ok)
		switch v.Mode {
		case "align":
			require.True(t, d.Equal(must[memview.DType](t)(memview.StructOf(spec.Fields...))), v.ID)
		case "packed":
			require.True(t, d.Equal(must[memview.DType](t)(memview.PackedStructOf(spec.Fields...))), v.ID)
		}

		require.Equal(t, v.Str, d.String(), v.ID)
		if alike(d, v.IsAlignedStruct) {
			require.True(t, d.Equal(must[memview.DType](t)(memview.ParseDType(v.Str))), "%d: %s", v.ID, d)
		}

		c, err := memview.AsCTypesType(d)
		if !v.CTypes.OK {
			// Of what numpy refuses we refuse overlaps only (row 110).
			if err == nil {
				require.NotContains(t, v.CTypes.Error, "verlapping", v.ID)
			} else {
				require.ErrorContains(t, err, "overlaps", v.ID)
			}
			return
		}
		require.NoError(t, err, v.ID)
		require.Equal(t, v.CTypes.Size, c.Size, v.ID)
		require.Equal(t, map[string]memview.CKind{"struct": memview.CStruct, "union": memview.CUnion}[v.CTypes.Kind], c.Kind, v.ID)
		require.Len(t, c.Fields, len(v.CTypes.Fields), v.ID)
		for i, f := range v.CTypes.Fields {
			g := c.Fields[i]
			require.Equal(t, []any{f.Name, f.Offset, f.Size}, []any{g.Name, g.Offset, g.Type.Size}, v.ID)
		}
	})
}

// Rows 66, 70-74 and 102-106: flags, extent, element order and as_ctypes.
func TestNumpyArrays(t *testing.T) {
	type vector struct {
		Array struct {
			DType               vectorDType
			ItemSize, Alignment int
			Shape, Strides      []int
			Offset              int
			Buffer_len          int
			Writeable, OwnData  bool
		}
		Flags     memview.Flags
		Span      [2]uint64
		CBytes    *string
		As_ctypes struct {
			OK  bool
			Exc string
		}
	}
	const base = 64 // aligned like numpy's buffer, and not NULL
	eachVector(t, "arrays.jsonl.gz", func(v vector) {
		in := v.Array
		m := newMemory(base + in.Buffer_len)
		for i := range m.buf[base:] {
			m.buf[base+i] = byte(i*131 + 7)
		}
		a, err := memview.NewArray(m, memview.Ptr(base+in.Offset), in.DType.DType, memview.Layout{
			Shape: in.Shape, Strides: in.Strides, ReadOnly: !in.Writeable, OwnData: in.OwnData})
		require.NoError(t, err, "%+v", v)
		require.Equal(t, v.Flags, a.Flags(), "%+v", v)
		lo, hi := a.Extent()
		require.Equal(t, v.Span, [2]uint64{lo - base, hi - base}, "%+v", v)
		if v.CBytes != nil {
			to := newMemory(8 + a.NBytes())
			require.NoError(t, memview.Copy(must[memview.Array](t)(memview.AsArray(to, 8, a.DType(), a.Shape()...)), a))
			require.Equal(t, *v.CBytes, hex.EncodeToString(to.buf[8:]), "%+v", v)
		}
		_, err = memview.AsCTypes(a)
		switch {
		case v.As_ctypes.OK:
			require.NoError(t, err)
		case a.Flags()&memview.CContiguous == 0: // row 103
			require.ErrorIs(t, err, memview.ErrLayout)
		case a.Flags()&memview.Writeable == 0: // row 104
			require.ErrorIs(t, err, memview.ErrReadOnly)
		default: // row 106: numpy has no C type for it; we have
			require.Equal(t, "NotImplementedError", v.As_ctypes.Exc)
			require.True(t, err == nil || strings.Contains(err.Error(), "overlaps"), "%v", err)
		}
	})
}
