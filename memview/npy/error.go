package npy

import "errors"

// ErrFormat says that the input is no .npy file, or a damaged one. Errors about
// data that end too soon wrap [io.ErrUnexpectedEOF] too.
//
// Other classes: memview.ErrDType for an element type that is not supported,
// memview.ErrTooLarge for an array over Options.MaxBytes, and whatever the
// reader, the writer or the memory of the array answered.
var ErrFormat = errors.New("malformed .npy file")

// inner is an error of package memview without that package's prefix.
func inner(err error) error {
	if u := errors.Unwrap(err); u != nil && err.Error() == "memview: "+u.Error() {
		return u
	}
	return err
}
