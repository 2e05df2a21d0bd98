package constraints_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
)

// Signatures of real C libraries, and texts that are none: see the file.
func TestLanguage(t *testing.T) {
	text, err := os.ReadFile("testdata/signatures.txt")
	require.NoError(t, err)
	good, bad := 0, 0
	for line := range strings.Lines(string(text)) {
		verdict, sig, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || verdict == "##" {
			continue
		}
		s, err := constraints.Parse(sig)
		if verdict == "0" {
			require.Error(t, err, sig)
			bad++
			t.Log(err)
			continue
		}
		good++
		require.NoError(t, err, sig)
		again, err := constraints.Parse(s.String())
		require.NoError(t, err, s.String())
		require.Equal(t, s, again)
		require.Equal(t, s.String(), again.String())
		_, err = constraints.Compile(s)
		require.NoError(t, err, sig)
	}
	require.Equal(t, []int{33, 18}, []int{good, bad})
}
