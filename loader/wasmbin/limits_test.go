package wasmbin_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/loader/wasmbin"
)

// limited is a module that imports tables and then defines some, of funcref, each with the limits given in binary form.
func limited(imported, defined []string) []byte {
	entries := func(list []string, before string) string {
		var all strings.Builder
		all.WriteString(string(rune(len(list))))
		for _, l := range list {
			all.WriteString(before + "\x70" + l)
		}
		return all.String()
	}
	return module(sec(2, entries(imported, "\x01m\x01t\x01")), sec(4, entries(defined, "")))
}

// most is the maximum of a table, or -1 for none.
func most(m *wasmbin.Module) (list []int64) {
	for _, t := range m.AllTables() {
		n := int64(-1)
		if t.Limits.HasMax {
			n = int64(t.Limits.Max)
		}
		list = append(list, n)
	}
	return list
}

func TestBoundTables(t *testing.T) {
	const full = "\x00\xff\xff\xff\xff\x0f" // 2**32-1 at first, no maximum
	for name, c := range map[string]struct {
		imported, defined []string
		entries           uint64
		want              []int64
		err               string
	}{
		"none":                     {entries: 0},
		"one":                      {defined: []string{"\x00\x05"}, entries: 100, want: []int64{100}},
		"nothing is left":          {defined: []string{"\x00\x05"}, entries: 5, want: []int64{5}},
		"one too many":             {defined: []string{"\x00\x05"}, entries: 4, err: "wasmbin: tables: got 5 entries at first in all, want at most 4"},
		"equal shares":             {defined: []string{"\x00\x05", "\x00\x15", "\x00\x00"}, entries: 126, want: []int64{38, 54, 33}},
		"a declared maximum":       {defined: []string{"\x01\x05\x06", "\x01\x00\x7f"}, entries: 105, want: []int64{6, 50}},
		"imported tables":          {imported: []string{"\x00\x01", "\x01\x02\x03"}, defined: []string{"\x00\x03"}, entries: 36, want: []int64{11, 3, 13}},
		"over with those imported": {imported: []string{"\x00\x01"}, defined: []string{"\x00\x03"}, entries: 3, err: "wasmbin: tables: got 4 entries at first in all, want at most 3"},
		"of all sizes":             {imported: []string{full}, defined: []string{full, "\x00\x01"}, entries: math.MaxUint64, want: []int64{math.MaxUint32, math.MaxUint32, math.MaxUint32}},
		"more than 32 bits":        {imported: []string{full}, defined: []string{full}, entries: math.MaxUint32, err: "wasmbin: tables: got 8589934590 entries at first in all, want at most 4294967295"},
		"a maximum below":          {defined: []string{"\x01\x05\x03"}, entries: 100, want: []int64{3}},
	} {
		t.Run(name, func(t *testing.T) {
			b := limited(c.imported, c.defined)
			m := decode(t, b)
			err := m.BoundTables(c.entries)
			if c.err != "" {
				require.EqualError(t, err, c.err)
				require.IsType(t, new(wasmbin.Error), err)
				require.Equal(t, b, m.Encode())
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.want, most(m))
			again := decode(t, m.Encode())
			require.Equal(t, c.want, most(again))

			// Once more, nothing is left to change.
			once := again.Encode()
			require.NoError(t, again.BoundTables(math.MaxUint64))
			require.Equal(t, once, again.Encode())
		})
	}
}

func ExampleModule_BoundTables() {
	m, err := wasmbin.Decode(limited(nil, []string{"\x00\x05", "\x01\x01\x02"}))
	if err != nil {
		panic(err)
	}
	fmt.Println(m.BoundTables(5))
	fmt.Println(m.BoundTables(1000))
	for _, t := range m.Tables {
		fmt.Println(t.Limits.Min, t.Limits.Max)
	}
	// Output:
	// wasmbin: tables: got 6 entries at first in all, want at most 5
	// <nil>
	// 5 502
	// 1 2
}
