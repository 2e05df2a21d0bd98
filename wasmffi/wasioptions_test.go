package wasmffi_test

import (
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/wasmffi"
)

// What no instance could have is refused when the module is compiled.
func TestWASIOptions(t *testing.T) {
	for want, w := range map[string]wasmffi.WASI{
		`Options.WASI.Args: argument 1 is "a\x00b", want no NUL`:       {Args: []string{"", "a\x00b"}},
		`Options.WASI.Env: got "A\x00=b", want NAME=value without NUL`: {Env: []string{"A\x00=b"}},
		`Options.WASI.Env: got "A=b\x00", want NAME=value without NUL`: {Env: []string{"A=b\x00"}},
		`Options.WASI.Env: got "=b", want NAME=value without NUL`:      {Env: []string{"A=", "=b"}},
		`Options.WASI.Env: got "b", want NAME=value without NUL`:       {Env: []string{"b"}},
		`Options.WASI.Env: got "", want NAME=value without NUL`:        {Env: []string{""}},
		`Options.WASI.Mounts: file system of "/data" is nil`:           {Mounts: map[string]fs.FS{"/data": nil}},
	} {
		_, err := wasmffi.Compile(bg, binary(), &wasmffi.Options{WASI: w})
		require.EqualError(t, err, "wasmffi: compile module: "+want)
	}
}
