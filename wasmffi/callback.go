package wasmffi

import (
	"fmt"
)

// Callback makes a function pointer for the guest of a Go function: what ctypes calls
// CFUNCTYPE. The signature and the kinds of Go functions are those of [NewHostFunc]:
//
//	less, err := lib.Callback("func(f64[1], f64[1]) -> i32", func(a, b []float64) int32 { return int32(cmp.Compare(a[0], b[0])) })
//	_, err = qsort.Call(ctx, x, less)
//
// It is passed where a signature says func(...), and the guest may keep the pointer and call it in any call
// until Close. When the function returns an error, the guest is stopped and the call that the host has made
// returns a *[HostError] with it; a panic passes through that call. Both poison the library, as a trap does. From
// inside the function the library answers ErrBusy.
//
// It fails with ErrCallback where the module has no table, so that nothing in it calls function
// pointers. A callback stays good when the library is reset, and ends with it.
func (l *Library) Callback(sig string, fn any) (Callback, error) {
	h, err := newHostFunc(sig, fn)
	if err != nil {
		return Callback{}, fmt.Errorf("wasmffi: Callback: %w", err)
	}
	if err := l.enter(); err != nil {
		return Callback{}, fmt.Errorf("wasmffi: Callback: %w", &refusal{err})
	}
	defer l.leave()
	c := &callback{f: h, owner: l}
	if err := l.in.addCallback(unattended(), c); err != nil {
		return Callback{}, fmt.Errorf("wasmffi: Callback: %w", err)
	}
	l.in.mu.Lock()
	defer l.in.mu.Unlock()
	if l.callbacks == nil {
		l.callbacks = map[*callback]struct{}{}
	}
	l.callbacks[c] = struct{}{}
	return Callback{c}, nil
}
