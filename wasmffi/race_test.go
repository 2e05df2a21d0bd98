//go:build race

package wasmffi_test

// raced says that the race detector takes memory of its own for all that is touched.
const raced = true
