package wasmffi_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// xxhash-wasm: a module without imports and without an allocator. Arrays get pages of their own.
func TestRecipe2XXHash(t *testing.T) {
	lib := library(t, "xxhash", recipes(t), nil)
	xxh32 := bind(t, lib, "xxh32(x: u8[n], n: size, seed: u32) -> u32")
	xxh64 := bind(t, lib, "xxh64(x: u8[n], n: size, seed: u64) -> u64")
	r := call(t, xxh32, []byte("abc"), 0)
	require.EqualValues(t, 0x32d153ff, r.Uint())
	r = call(t, xxh64, []byte("abc"), 0)
	require.EqualValues(t, uint64(0x44bc2cf5ad770999), r.Uint())
	require.NoError(t, lib.CheckLeaks())
}
