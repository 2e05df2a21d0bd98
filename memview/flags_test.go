package memview_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
)

func TestParseFlags(t *testing.T) {
	for in, want := range map[string]memview.Flags{ // numpy row 41
		"C": 1, "CONTIGUOUS": 1, "C_CONTIGUOUS": 1,
		"F": 2, "FORTRAN": 2, "F_CONTIGUOUS": 2,
		"O": 4, "OWNDATA": 4,
		"A": 0x100, "ALIGNED": 0x100,
		"W": 0x400, "WRITEABLE": 0x400,
		"X": 0x2000, "WRITEBACKIFCOPY": 0x2000,
		"U": 0x2000, "UPDATEIFCOPY": 0x2000, // row 42
		" c , w ": 0x401, "c,C,C_CONTIGUOUS": 1, "C,CONTIGUOUS": 1, // rows 37, 48: OR, not sum
		"C,F,O,A,W,X": memview.AllFlags, "aligned\t,\nwriteable": 0x500,
	} {
		t.Run(in, func(t *testing.T) {
			got, err := memview.ParseFlags(in)
			require.NoError(t, err)
			require.Equal(t, want, got)
			again, err := memview.ParseFlags(got.String())
			require.NoError(t, err)
			require.Equal(t, got, again)
		})
	}
	got, err := memview.ParseFlags()
	require.NoError(t, err)
	require.Zero(t, got)                      // row 45
	got, err = memview.ParseFlags("C,A", "W") // row 38
	require.NoError(t, err)
	require.Equal(t, memview.CContiguous|memview.Aligned|memview.Writeable, got)

	for in, want := range map[string]string{
		"":           `unknown flag "", want one of C, F, O, A, W, X or their long names`,
		"C,":         `unknown flag "", want one of C, F, O, A, W, X or their long names`, // row 44
		"C W":        `unknown flag "C W", want one of C, F, O, A, W, X or their long names`,
		"CARRAY":     `unknown flag "CARRAY", want one of C, F, O, A, W, X or their long names; numpy has no composite names either, write C,A,W`, // row 43
		"behaved":    `unknown flag "behaved", want one of C, F, O, A, W, X or their long names; numpy has no composite names either, write C,A,W`,
		"C,WRITABLE": `unknown flag "WRITABLE", want one of C, F, O, A, W, X or their long names; write WRITEABLE`,
	} {
		_, err := memview.ParseFlags(in)
		require.EqualError(t, err, want, in)
	}
}

func TestFlagsString(t *testing.T) {
	for in, want := range map[memview.Flags]string{
		0:                "none",
		memview.AllFlags: "C_CONTIGUOUS, F_CONTIGUOUS, ALIGNED, WRITEABLE, OWNDATA, WRITEBACKIFCOPY", // row 66
		0x401:            "C_CONTIGUOUS, WRITEABLE",
		0x8000_0004:      "OWNDATA, 0x80000000",
	} {
		require.Equal(t, want, in.String())
	}
}
