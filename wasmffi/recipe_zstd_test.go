package wasmffi_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/wasmffi"
)

const (
	compressSig   = "ZSTD_compress(dst: out u8[cap] len(result), cap: size, src: u8[n], n: size, level: i32) -> size"
	decompressSig = "ZSTD_decompress(dst: out u8[cap] len(result), cap: size, src: u8[n], n: size) -> size"
)

// @bokuweb/zstd-wasm compresses and zstddec decompresses: modules of emscripten, one of them minified, whose
// memories grow. What is compressed is 24 MB.
func TestRecipe3Zstd(t *testing.T) {
	dir := recipes(t)
	o := &wasmffi.Options{Names: cNames(t, dir, "zstd.js"), Limits: wasmffi.Limits{Memory: 128 << 20}}
	c, d := library(t, "zstd", dir, o), library(t, "zstddec", dir, o)
	bound := bind(t, c, "ZSTD_compressBound(n: size) -> size")
	compress := bind(t, c, compressSig)
	size := bind(t, d, "ZSTD_findDecompressedSize(src: u8[n], n: size) -> u64")
	decompress := bind(t, d, decompressSig)

	plain := bytes.Repeat([]byte("array data, array data; "), 1_000_000)
	r := call(t, bound, len(plain))
	frame, err := wasmffi.Take[byte](call(t, compress, wasmffi.New(int(r.Uint())), plain, 3), "dst")
	require.NoError(t, err)
	require.Less(t, len(frame), len(plain)/1000)

	r = call(t, size, frame)
	require.EqualValues(t, len(plain), r.Uint())
	back, err := wasmffi.Take[byte](call(t, decompress, wasmffi.New(int(r.Uint())), frame), "dst")
	require.NoError(t, err)
	require.True(t, bytes.Equal(plain, back), "content differs")
	require.NoError(t, c.CheckLeaks())
	require.NoError(t, d.CheckLeaks())
}
