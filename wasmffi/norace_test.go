//go:build !race

package wasmffi_test

const raced = false
