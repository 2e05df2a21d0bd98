package wasmbin_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/loader/wasmbin"
)

// TestSpecification runs the suites of the specification, which are in the source of the engine: every module that they call
// malformed is refused, and every one that they use is not.
func TestSpecification(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/tetratelabs/wazero").Output()
	dir := strings.TrimSpace(string(out))
	if err != nil || dir == "" {
		t.Skipf("the source of the engine is not there: go list: %v", err)
	}
	counts := map[string]int{}
	err = filepath.WalkDir(filepath.Join(dir, "internal", "integration_test", "spectest"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".json" {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var suite struct {
			Commands []struct {
				Type, Filename, Text string
				Line                 int
			}
		}
		require.NoError(t, json.Unmarshal(b, &suite))
		for _, c := range suite.Commands {
			if filepath.Ext(c.Filename) != ".wasm" {
				continue // in the text format
			}
			code, err := os.ReadFile(filepath.Join(filepath.Dir(path), c.Filename))
			if err != nil {
				return err
			}
			m, err := wasmbin.Decode(code)
			if err == nil {
				require.Equal(t, code, m.Encode())
				err = m.CheckIndices()
			}
			if err == nil {
				defineImports(t, code)
				meterModuleOf(t, code)
			}
			switch c.Type {
			case "assert_malformed":
				require.Error(t, err, "%s line %d: %s", path, c.Line, c.Text)
			case "assert_invalid": // types are the engine's
			default:
				require.NoError(t, err, "%s line %d", path, c.Line)
			}
			counts[c.Type]++
		}
		return nil
	})
	if os.IsNotExist(err) {
		t.Skip(err)
	}
	require.NoError(t, err)
	t.Log(counts)
	require.NotZero(t, counts["assert_malformed"])
	require.NotZero(t, counts["module"])
}

// meterModuleOf wants a module whose indices are sound to be so when it is metered, and to say what it said.
func meterModuleOf(t *testing.T, code []byte) {
	t.Helper()
	before, m := decode(t, code), decode(t, code)
	names, err := m.Meter(wasmbin.MeterOptions{})
	require.NoError(t, err)
	after := decode(t, m.Encode())
	sameFields(t, m, after)
	require.NoError(t, after.CheckIndices())
	_, err = after.Usage()
	require.NoError(t, err)
	sameList(t, before.Imports, after.Imports)
	sameList(t, before.Elements, after.Elements)
	added := []string{names.Fuel, names.Poll}
	if names.Tries != "" {
		added = append(added, names.Tries)
	}
	require.Len(t, after.Exports, len(before.Exports)+len(added))
	for i, name := range added {
		require.Equal(t, name, after.Exports[len(before.Exports)+i].Name)
	}
}

// defineImports wants a module whose indices are sound to be so when its imports are defined, and one that imports only
// functions to be what it was.
func defineImports(t *testing.T, code []byte) {
	t.Helper()
	m := decode(t, code)
	imports := len(m.Imports)
	if err := m.DefineImports(nil); err != nil {
		mine(t, err)
		require.Contains(t, err.Error(), "want one with null")
	}
	if len(m.Imports) == imports {
		require.Equal(t, code, m.Encode())
		return
	}
	got := decode(t, m.Encode())
	sameFields(t, m, got)
	require.NoError(t, got.CheckIndices())
	_, err := got.Usage()
	require.NoError(t, err)
}
