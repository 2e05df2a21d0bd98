package wasmffi

import (
	"errors"

	"github.com/wasmffi/go/memview"
)

// owned is a result array that is freed with r.
func (r *Result) owned() (memview.Array, bool) {
	ok := r.spec.kind == arrayResult && r.more != nil && r.arr.Flags()&memview.OwnData != 0 && r.arr.Memory() != nil // else it is a copy of an argument
	return r.arr, ok
}

// Free gives back the outputs that the call allocated, and a result that is owned;
// arrays that the caller passed stay. A second Free, and one after Take or Close or of a poisoned library, does nothing. The
// error is that of the guest's allocator, or ErrBusy.
func (r Result) Free() error {
	var errs []error
	if r.spec != nil {
		for i := range r.spec.outs {
			errs = append(errs, r.free(i))
		}
		if a, ok := r.owned(); ok {
			errs = append(errs, r.release(a))
		}
	}
	return errors.Join(errs...)
}

func (r Result) free(i int) error {
	if !r.made(i) {
		return nil
	}
	return r.release(r.whole(i))
}

// release frees an array, unless that was done already.
func (r Result) release(a memview.Array) error {
	err := r.more.from.Free(a)
	if errors.Is(err, ErrFreed) || errors.Is(err, ErrStale) || errors.Is(err, ErrClosed) || errors.Is(err, ErrPoisoned) {
		return nil
	}
	return err
}
