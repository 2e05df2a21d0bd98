package wasmffi_test

import (
	"testing"

	attacks "github.com/wasmffi/go/testdata/wasm/hostile"
)

// TestHostileTries runs the guests whose try_tables are in one another without end. They overflow the stack, which is given back, with
// the copies that the engine made of it, while the library is open.
func TestHostileTries(t *testing.T) {
	guests := map[string]attacks.Guest{}
	for _, g := range attacks.Guests() {
		guests[g.Name] = g
	}
	for _, name := range []string{"try_recursion", "try_nest"} {
		t.Run(name, func(t *testing.T) {
			aloneWithin(t, attackTime, hostileSpace, func(t *testing.T) {
				launch(t, guests[name], guests["loop"], withExceptions(t), stackOverflow)
			})
		})
	}
}
